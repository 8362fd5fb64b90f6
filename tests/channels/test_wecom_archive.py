"""The WeCom archive: records in order, once, by stable ids; a broken one is named and stops none."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel_settings import WecomArchive as Settings
from bot.channels.base import Link, Send
from bot.channels.wecom_archive import WecomArchive, build
from bot.channels.wecom_files import LINE_LIMIT, OVERLAP
from bot.channels.wecom_record import BadRecord, Reader
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import Message, Recalled
from domain.outgoing import SendState
from handlers.zh.placeholders import COLLEAGUE, NEIGHBOUR, PLACEHOLDERS
from tests.channels.ears import HandClock
from tests.channels.wecom_archive_rig import ROOM, START, Importer, imported, line

FIXTURE = Path(__file__).parent / "fixtures" / "wecom-archive.jsonl"


def test_the_fixture_becomes_what_was_said_and_nobodys_private_chat() -> None:
    async def work(importer: Importer) -> None:
        importer.append(FIXTURE.read_text(encoding="utf-8"))
        await importer.look()
        said = [
            (m.id, m.room, m.text, m.images, m.sender_name, m.mentions_me, m.from_bot)
            for m in importer.ears.all(Message)
        ]
        image = PLACEHOLDERS["image"]
        assert said == [
            ("CAQQ101_external", ROOM, "6号楼3单元暖气不热 @小格", (), NEIGHBOUR, True, False),
            ("CAQQ102_external", ROOM, image, ("CtYBMzA2OTAyMDEw",), NEIGHBOUR, False, False),
            (
                "CAQQ103",
                ROOM,
                "在联系供热公司" + image,
                ("CtYBMzA2OTAyMDEx",),
                COLLEAGUE,
                False,
                False,
            ),
            ("CAQQ107_external", None, "绑定 1234", (), NEIGHBOUR, False, False),
            ("CAQQ108_external", ROOM, "今日天气", (), COLLEAGUE, False, True),
            ("CAQQ110_external", ROOM, PLACEHOLDERS["voice"], (), NEIGHBOUR, False, False),
        ]
        first = importer.ears.all(Message)[0]
        assert first.at == datetime.fromtimestamp(START / 1000, UTC)
        (recalled,) = importer.ears.all(Recalled)
        assert recalled.message == importer.ears.all(Message)[1].key
        assert importer.channel.seq == 110
        assert importer.channel.health().gaps == 0

    imported(work)


def test_a_broken_record_is_reported_with_its_seq_and_the_next_ones_come() -> None:
    async def work(importer: Importer) -> None:
        importer.append(line(1) + '{"seq": 2, "msgid": "m2", "action\n' + line(3, msgtime="x"))
        importer.append("x" * (LINE_LIMIT + 5) + "\n" + line(5, "还在"))
        await importer.look()
        assert importer.ears.texts == ["停水", "还在"]
        named = [(b.seq, b.where, b.why) for b in importer.channel.broken]
        assert named == [
            (2, "a.jsonl:2", "not JSON"),
            (3, "a.jsonl:3", "msgtime is not a time in milliseconds"),
            (0, "a.jsonl:4", "line too long"),
        ]
        health = importer.channel.health()
        assert (health.link, health.gaps) == (Link.UP, 3)

    imported(work)


def test_a_line_that_is_still_being_written_waits_for_its_end() -> None:
    async def work(importer: Importer) -> None:
        whole = line(1, "写了一半")
        importer.append(whole[:60])
        await importer.look()
        assert importer.ears.events == []
        importer.append(whole[60:])
        await importer.look()
        assert importer.ears.texts == ["写了一半"]

    imported(work)


def test_run_itself_follows_the_folder_when_its_time_comes() -> None:
    async def work(importer: Importer) -> None:
        importer.append(line(1, "自己看到"), name="later.jsonl")
        importer.clock.advance(2.0)
        await importer.ears.words("自己看到")

    imported(work)


def test_after_a_restart_it_goes_on_a_little_before_where_it_was() -> None:
    async def work(importer: Importer) -> None:
        importer.append("".join(line(n, f"第{n}条") for n in range(1, 201)))
        await importer.look()
        importer.append(line(201, "不在时"))
        importer.ears.events.clear()
        await importer.restart()
        await importer.ears.words("不在时")
        again = [f"第{n}条" for n in range(201 - OVERLAP, 201)]
        assert importer.ears.texts == [*again, "不在时"]
        mode = (importer.folder / "cursor.json").stat().st_mode
        assert os.name == "nt" or mode & 0o077 == 0

    imported(work)


def test_a_file_that_is_written_anew_gives_only_what_is_new() -> None:
    async def work(importer: Importer) -> None:
        importer.append("".join(line(n) for n in range(1, 6)))
        await importer.look()
        await importer.restart()
        importer.ears.events.clear()
        fresh = importer.folder / "draft"
        fresh.write_text("".join(line(n, f"第{n}条") for n in range(3, 8)), encoding="utf-8")
        fresh.replace(importer.folder / "a.jsonl")
        await importer.look()
        assert importer.ears.texts == ["第6条", "第7条"]

    imported(work)


def test_a_ruined_cursor_file_begins_anew_and_doubles_are_kept_by_their_ids() -> None:
    async def work(importer: Importer) -> None:
        importer.append(line(1))
        await importer.look()
        await importer.channel.close()
        (importer.folder / "cursor.json").write_text("{ruined", encoding="utf-8")
        await importer.restart()
        keys = {message.key for message in importer.ears.all(Message)}
        assert keys == {"wecom_archive:xiaoge:m1_external"}

    imported(work)


def test_history_reads_the_files_again_for_one_room() -> None:
    async def work(importer: Importer) -> None:
        importer.append(line(1, "早") + line(2, "别处", roomid="wr2") + "broken\n" + line(3, "晚"))
        await importer.look()
        since = datetime.fromtimestamp((START + 1) / 1000, UTC)
        past = await importer.channel.history(ROOM, since - timedelta(seconds=1))
        assert [message.text for message in past] == ["早", "晚"]
        assert [m.text for m in await importer.channel.history(ROOM, since)] == ["晚"]
        assert len(importer.ears.events) == 3

    imported(work)


def test_a_folder_that_goes_away_is_degraded_and_heals() -> None:
    async def work(importer: Importer) -> None:
        importer.append(line(1))
        (importer.folder / "a.jsonl").rename(importer.folder / "a.gone")
        (importer.folder / "a.jsonl").symlink_to(importer.folder / "nowhere")
        await importer.look()
        assert importer.ears.events == []
        (importer.folder / "a.jsonl").unlink()
        (importer.folder / "a.gone").rename(importer.folder / "a.jsonl")
        await importer.look()
        assert importer.ears.texts == ["停水"]

    imported(work)


@given(
    value=st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(
                    ["seq", "msgid", "action", "msgtype", "text", "from", "mixed", "item"]
                ),
                s,
            )
        ),
    )
)
def test_no_json_breaks_the_reader(value: object) -> None:
    try:
        Reader(channel="c", account="a").take(value)
    except BadRecord:
        pass


def test_it_has_no_voice_and_says_what_is_missing() -> None:
    now = HandClock().now
    channel = WecomArchive(now=now)
    result = asyncio.run(channel.send(Send(text="好", room=ROOM)))
    assert (result.state, result.error) == (SendState.FAILED, "cannot_send")
    assert channel.doors == ()
    assert not channel.capabilities.needs_inbound_port
    with pytest.raises(ConfigError, match="XIAOGE_WECOM_ARCHIVE_TOKEN"):
        build(Settings(), Secrets(), now=now, base=Path())
    with pytest.raises(ConfigError, match="no such folder"):
        build(Settings(folder="no-such-folder"), Secrets(), now=now, base=Path())
    push = build(Settings(), Secrets(wecom_archive_token="t"), now=now, base=Path("/nowhere"))
    assert (push.capabilities.history, push.capabilities.needs_inbound_port) == ("none", True)
