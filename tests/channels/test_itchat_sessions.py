"""WeChat by itchat: logging in, the session and its file, what is never logged or printed."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.channel_settings import Itchat as Settings
from bot.channels.base import Link, Send
from bot.channels.itchat import ItchatChannel, build
from bot.channels.itchat_session import rooms_path
from bot.secrets import Secrets
from domain.errors import ChannelError
from domain.events import Gap, IdScope
from domain.outgoing import SendState
from tests.channels.ears import Ears
from tests.channels.itchat_rig import ItchatRig, played

ROOT = Path(__file__).parents[2]


def test_a_long_outage_does_not_end_the_session() -> None:
    async def scene(rig: ItchatRig) -> None:
        await asyncio.to_thread(rig.wx.down)
        await rig.fallen()
        waits: list[float] = []
        for _ in range(10):
            waits.append(await rig.clock.parked())
            rig.clock.advance(waits[-1])
            await asyncio.sleep(0)
            await rig.clock.parked()
        assert waits == sorted(waits)
        rig.wx.post("停了多久")
        rig.wx.up()
        rig.clock.advance(30)
        await rig.link(Link.UP)
        await rig.ears.words("停了多久")
        assert [gap.filled for gap in rig.ears.all(Gap)] == [False]
        assert rig.wx.login.number == 1

    played(scene)


def test_an_account_that_is_turned_away_is_named_and_another_may_scan() -> None:
    def before(rig: ItchatRig) -> None:
        rig.wx.rejects = True
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.detail("account_rejected")
        assert rig.itchat.health().link is Link.LOGGED_OUT
        assert await rig.clock.parked() == 600.0
        rig.wx.rejects = False
        rig.clock.advance(600)
        await rig.link(Link.UP)

    played(scene, before=before)


def test_a_platform_out_of_reach_is_waited_for_and_never_ends_the_process() -> None:
    def before(rig: ItchatRig) -> None:
        rig.wx.up()
        rig.wx.down()

    async def scene(rig: ItchatRig) -> None:
        await rig.detail("unreachable")
        result = await rig.itchat.send(Send(text="在吗", room="x"))
        assert (result.state, result.error) == (SendState.FAILED, "down")
        rig.wx.up()
        rig.clock.advance(30)
        await rig.link(Link.UP)

    played(scene, before=before)


def test_the_code_to_scan_is_shown_renewed_and_taken_away() -> None:
    def before(rig: ItchatRig) -> None:
        rig.wx.scans = ["408", "201", "400", "408"]
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.clock.parked(lambda: rig.itchat.health().detail == "scan_qr")
        first = rig.itchat.health().login_qr
        assert first is not None
        assert first.startswith("https://login.weixin.qq.com/l/code")
        rig.clock.advance(1)
        await rig.clock.parked(lambda: rig.itchat.health().detail == "scan_confirm")
        assert rig.itchat.health().login_qr is None
        rig.clock.advance(1)
        await rig.clock.parked(lambda: rig.wx.scans == ["408"])
        rig.clock.advance(30)
        await rig.clock.parked(lambda: rig.itchat.health().login_qr not in (None, first))
        rig.clock.advance(1)
        await rig.link(Link.UP)
        assert rig.itchat.health().login_qr is None

    played(scene, before=before)


def test_the_session_is_kept_as_json_for_its_owner_only() -> None:
    async def scene(rig: ItchatRig) -> None:
        for path in (rig.session, rooms_path(rig.session)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert json.loads(path.read_text())["version"] == 1
        assert not list(rig.session.parent.glob("*.new"))
        assert not list(rig.session.parent.glob("*.pkl"))

    played(scene)


def test_a_session_is_taken_up_again_without_a_scan_and_with_the_same_people() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.say("之前")
        before = await rig.ears.words("之前")
        await rig.close()
        rig.wx.post("不在的时候")
        codes = rig.wx.calls.count("jslogin")
        rig.run()
        await rig.ears.words("不在的时候")
        await rig.say("之后")
        after = await rig.ears.words("之后")
        assert rig.wx.calls.count("jslogin") == codes
        assert rig.ears.texts == ["之前", "不在的时候", "之后"]
        assert (after.person, after.place_of_talk) == (before.person, before.place_of_talk)
        result = await rig.itchat.send(Send(text="还在", room=rig.room))
        assert result.state is SendState.SENT

    played(scene)


def test_a_session_that_has_died_means_a_new_scan_and_new_people() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.say("之前")
        before = await rig.ears.words("之前")
        await rig.close()
        rig.wx.end_session()
        rig.run()
        await rig.link(Link.UP)
        assert rig.wx.login.number == 2
        rig.wx.post("之后")
        after = await rig.ears.words("之后")
        assert after.id_scope is IdScope.LOGIN
        assert after.person != before.person
        assert after.place_of_talk == before.place_of_talk == "itchat:幸福小区一群"
        result = await rig.itchat.send(Send(text="在吗", person=before.sender))
        assert (result.state, result.error) == (SendState.FAILED, "old_login")

    played(scene)


def test_a_session_that_ends_while_we_listen_asks_for_a_scan_and_names_the_gap() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.scans = ["408"]
        rig.wx.end_session()
        await rig.clock.parked(lambda: rig.itchat.health().detail == "logged_out")
        assert not rig.session.exists()
        rig.clock.advance(1)
        await rig.clock.parked(lambda: rig.itchat.health().login_qr is not None)
        assert rig.itchat.health().link is Link.LOGGED_OUT
        result = await rig.itchat.send(Send(text="在吗", room=rig.room))
        assert (result.state, result.error) == (SendState.FAILED, "logged_out")
        rig.clock.advance(1)
        await rig.link(Link.UP)
        assert [gap.filled for gap in await rig.ears.heard(Gap)] == [False]
        assert rig.wx.login.number == 2

    played(scene)


class _Trap:
    """What a pickle of the library's own kind could do."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("pickled",)


@pytest.mark.parametrize(
    "content", [pickle.dumps(_Trap()), b"\xff\xfe", b"[]", b"{}", b'{"version": 1, "login": {}}']
)
def test_a_file_that_is_no_session_is_ignored_and_never_executed(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def before(rig: ItchatRig) -> None:
        rig.session.parent.mkdir()
        rig.session.write_bytes(content)
        rig.session.chmod(0o600)
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.link(Link.UP)
        assert rig.wx.login.number == 1

    played(scene, before=before)
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_others_could_read_is_thrown_away() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.close()
        rig.session.chmod(0o644)
        rig.run()
        await rig.link(Link.UP)
        assert rig.wx.login.number == 2
        assert stat.S_IMODE(rig.session.stat().st_mode) == 0o600

    played(scene)


def test_one_account_for_each_process() -> None:
    async def scene(rig: ItchatRig) -> None:
        second = ItchatChannel(
            account="second", session=rig.session, base_url=rig.wx.url, now=rig.clock.now
        )
        with pytest.raises(ChannelError, match="one account for each process"):
            await second.run(Ears())
        with pytest.raises(ChannelError, match="running in this process"):
            await rig.itchat.run(Ears())
        await rig.say("还在")
        await rig.ears.words("还在")

    played(scene)


def test_neither_words_nor_names_nor_keys_are_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.INFO)

    async def scene(rig: ItchatRig) -> None:
        await rig.say("我家电话 13800000000")
        await rig.ears.words("我家电话 13800000000")
        rig.wx.fails["webwxsync"] = 500
        rig.wx.post("秘密")
        await rig.clock.parked(lambda: rig.itchat.health().link is Link.DEGRADED)
        await rig.itchat.send(Send(text="收到秘密", room=rig.room, mentions=(rig.resident,)))

    played(scene)
    out = "".join(capsys.readouterr()) + caplog.text
    assert "itchat.no_answer" in out
    for word in ("13800000000", "秘密", "张", "sid1", "@key"):
        assert word not in out


IMPORTS = """
import logging, os, sys, threading
import bot.channels.itchat as module
sdk = {"itchat", "requests", "pyqrcode"}
assert not sdk & set(sys.modules), sdk & set(sys.modules)
from bot.channels.itchat_core import load
load("http://127.0.0.1:1")
assert "itchat" in sys.modules
assert threading.active_count() == 1
assert os.listdir(".") == [], os.listdir(".")
logging.getLogger("itchat").error("must not be seen")
"""


def test_importing_prints_nothing_writes_no_file_and_waits_for_the_first_run(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_built_from_the_configuration(tmp_path: Path) -> None:
    rig = ItchatRig()
    settings = Settings(session=str(tmp_path / "s.json"))
    built = build(settings, Secrets(), now=rig.clock.now)
    assert (built.name, built.account) == ("itchat", "itchat")
    assert built.health().link is Link.DOWN
    assert not built.capabilities.stable_room_ids
    rig.folder.cleanup()
