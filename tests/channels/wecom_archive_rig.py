"""The WeCom archive over a folder of its own, as a rig of the conformance suite."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Self

from bot.channels.wecom_archive import WecomArchive
from tests.channels.ears import Ears, HandClock

PATH = "/wecom/archive"
ROOM = "wrErxtDgAAroom1"
START = 1772440201123


def record(seq: int, text: str = "停水", **more: object) -> dict[str, object]:
    return {
        "seq": seq,
        "msgid": f"m{seq}_external",
        "action": "send",
        "from": "wm1",
        "tolist": ["zhao"],
        "roomid": ROOM,
        "msgtime": START + seq,
        "msgtype": "text",
        "text": {"content": text},
        **more,
    }


def line(seq: int, text: str = "停水", **more: object) -> str:
    return json.dumps(record(seq, text, **more)) + "\n"


class Importer:
    """A channel over a folder of its own; `restart` is a new process at the same place."""

    def __init__(self, folder: Path, **more: object) -> None:
        self.folder = folder
        self.clock = HandClock()
        self.more = more
        self.ears = Ears()

    async def __aenter__(self) -> Self:
        self.begin()
        await self.clock.parked()
        return self

    def begin(self) -> None:
        self.channel = WecomArchive(
            now=self.clock.now,
            account="xiaoge",
            folder=self.folder,
            cursor=self.folder / "cursor.json",
            names=("小格",),
            wait=self.clock.wait,
            **self.more,  # type: ignore[arg-type]  # what a test adds
        )
        self.running = asyncio.create_task(self.channel.run(self.ears))

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await asyncio.wait_for(self.running, 5)

    async def look(self) -> None:
        """The next look into the folder is over."""
        while await self.channel.look():
            pass

    async def restart(self) -> None:
        await self.__aexit__()
        self.begin()
        await self.clock.parked()

    def append(self, text: str, name: str = "a.jsonl") -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)


def imported(work: Callable[[Importer], Awaitable[None]]) -> None:
    async def whole() -> None:
        with TemporaryDirectory() as folder:
            async with Importer(Path(folder)) as importer:
                await work(importer)

    asyncio.run(asyncio.wait_for(whole(), 20))


class ArchiveRig:
    """The archive in the conformance suite: it hears everything and has no voice."""

    plays = frozenset({"duplicates", "garbage", "long", "restart"})
    skips: ClassVar[dict[str, str]] = {
        "drop": "a folder has no link that could be cut",
        "freeze": "a folder has no link that could fall silent",
        "again": "an answer is part of it, and the archive has no voice",
        "wrong_token": "only a push has a token: test_wecom_push.py",
        "lose_answer": "it has no voice",
        "refuse": "it has no voice",
        "leave": "the archive tells messages only",
        "remove_bot": "the archive tells messages only",
        "a_quote_names_the_message_it_answers": "a record of the archive names no quoted message",
        "a_quote_of_own_words_names_what_was_sent": "it has no voice",
        "words_go_out_once_to_the_right_room": "it has no voice",
    }
    room, other_room = ROOM, "wrErxtDgAAroom2"
    resident, neighbour, other_bot = "wmResident", "wmNeighbour", "wbRobot"

    async def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.importer = Importer(Path(self.folder.name))
        await self.importer.__aenter__()
        self.ears, self.channel = self.importer.ears, self.importer.channel
        self.seq = 0
        self.away = False

    async def stop(self) -> None:
        await self.importer.__aexit__()
        self.folder.cleanup()

    async def say(
        self,
        text: str,
        *,
        sender: str | None = None,
        room: str | None = "",
        mentions: tuple[str, ...] = (),
        reply_to: str | None = None,
        image: bool = False,
        times: int = 1,
    ) -> str:
        del mentions, reply_to
        self.seq += 1
        more: dict[str, object] = {"from": sender or self.resident, "msgid": f"m{self.seq}"}
        more["roomid"] = (self.room if room == "" else room) or ""
        if image:
            items = [("text", {"content": text}), ("image", {"sdkfileid": "f1"})]
            pieces = [{"type": kind, "content": json.dumps(content)} for kind, content in items]
            more |= {"msgtype": "mixed", "mixed": {"item": pieces}}
        self.importer.append(line(self.seq, text, **more) * times)
        if not self.away:
            await self.importer.look()
        return f"m{self.seq}"

    async def restart(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.away = True
        await self.importer.__aexit__()
        await meanwhile()
        self.importer.begin()
        await self.importer.clock.parked()
        self.channel, self.away = self.importer.channel, False
        await self.importer.look()

    async def recall(self, id: str) -> None:
        self.seq += 1
        more: dict[str, object] = {
            "action": "recall",
            "msgtype": "revoke",
            "revoke": {"pre_msgid": id},
        }
        self.importer.append(json.dumps(record(self.seq) | more) + "\n")
        await self.importer.look()

    async def garbage(self) -> None:
        self.importer.append("no json\n\n[]\n{}\n" + "[" * 5000 + '\n{"seq": 7, "msgid": "x"}\n')
        await self.importer.look()
