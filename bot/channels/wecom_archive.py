"""WeCom conversation archive: takes decrypted records from files or by HTTP push, and only hears."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.channel_settings import WecomArchive as Settings
from bot.channels.base import Capabilities, Health, Inbox, Now, Patient, Risk, Send, SendResult
from bot.channels.doors import Answer, Asked, Door
from bot.channels.running import Running
from bot.channels.seen import Seen
from bot.channels.standing import Standing
from bot.channels.wecom_files import Files, Line
from bot.channels.wecom_record import BadRecord, Reader, Record, cursor_in, pieces
from bot.secrets import Secrets
from domain.errors import ConfigError
from domain.events import IdScope, Message
from domain.outgoing import SendState

PUSH_LIMIT = 4 * 1024 * 1024
LOOK_EVERY = 2.0
"""Seconds between two looks into the folder."""
KEPT = timedelta(days=5)
"""The platform gives records no longer than this, so none comes again later."""
_REPORTED = 100

log = structlog.get_logger("wecom_archive")
Wait = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """A record that could not be read: its cursor (0: unknown), where it stood, and why."""

    seq: int
    where: str
    why: str


class WecomArchive:
    """Every message of the archived groups, in order, with stable ids; it cannot speak."""

    def __init__(
        self,
        *,
        now: Now,
        name: str = "wecom_archive",
        account: str = "archive",
        folder: Path | None = None,
        cursor: Path | None = None,
        path: str = "/wecom/archive",
        token: str = "",
        names: tuple[str, ...] = (),
        ignore: Iterable[str] = (),
        wait: Wait = asyncio.sleep,
    ) -> None:
        self.name = name
        self.account = account
        self._now = now
        self._follows = folder is not None
        self._files = Files(folder, cursor)
        self._path = path
        self._token = token
        self._reader = Reader(channel=name, account=account, names=names, ignore=frozenset(ignore))
        self._wait = wait
        self._saving = asyncio.Lock()
        self._inbox: Inbox | None = None
        self._seen = Seen(keep=KEPT, at_most=50_000)
        self._standing = Standing(now)
        self._running = Running()
        self.broken: deque[Broken] = deque(maxlen=_REPORTED)
        self.seq = self._files.pushed
        """The highest cursor taken; a pusher goes on behind it."""

    @property
    def capabilities(self) -> Capabilities:
        """Hears all, sees recalls, knows the past where it reads files; never says a word."""
        return Capabilities(
            sees_recall=True,
            id_scope=IdScope.GLOBAL,
            history="full" if self._follows else "none",
            active_push=False,
            reply_window_s=0.0,
            needs_inbound_port=bool(self._token),
            risk=Risk.OFFICIAL,
        )

    @property
    def doors(self) -> Sequence[Door]:
        """The path for pushes; none without a token."""
        if not self._token:
            return ()
        return (
            Door(
                path=self._path,
                methods=("GET", "POST"),
                answer=self.answer,
                body_limit=PUSH_LIMIT,
            ),
        )

    async def run(self, inbox: Inbox) -> None:
        """Follow the folder and take pushes until cancelled."""
        self._running.begin()
        self._inbox = inbox
        self._standing.up()
        try:
            while not self._running.ended:
                while await self.look():
                    pass
                await self._running.pause(self._wait(LOOK_EVERY))
        finally:
            self._inbox = None
            self._standing.down("stopped")

    async def look(self) -> int:
        """Take what is new in the folder; how many lines there were."""
        if self._inbox is None:
            return 0
        try:
            lines = await asyncio.to_thread(self._files.fresh)
        except OSError as error:
            log.warning("archive.unreadable", channel=self.name, error=type(error).__name__)
            self._standing.degraded("folder_unreadable")
            return 0
        for line in lines:
            self._take_line(line)
        if lines:
            await self._save()
        return len(lines)

    async def answer(self, asked: Asked) -> Answer:
        """GET: the cursor to go on behind. POST: takes records; broken ones are named, not fatal."""
        given = asked.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            log.warning("archive.refused", channel=self.name)
            return Answer(status=401)
        if asked.method == "GET":
            return _json({"seq": self.seq})
        if self._inbox is None:
            return Answer(status=503)
        taken, broken = 0, list[Broken]()
        for number, piece in enumerate(pieces(asked.body), start=1):
            result = self._take(piece, where=f"push:{number}")
            self._files.note_pushed(result.seq)
            if isinstance(result, Broken):
                broken.append(result)
            else:
                taken += 1
        await self._save()
        named = [{"seq": b.seq, "where": b.where, "why": b.why} for b in broken]
        return _json({"taken": taken, "seq": self.seq, "broken": named})

    async def send(self, send: Send) -> SendResult:
        """The archive has no voice: answer by another channel."""
        del send
        return SendResult(state=SendState.FAILED, error="cannot_send")

    async def recall(self, remote_id: str, room: str | None) -> bool:
        """Nothing was said, nothing can be taken back."""
        del remote_id, room
        return False

    async def history(self, room: str, since: datetime) -> Sequence[Message]:
        """What was said in the room after `since`, from the files that are still there."""
        return await asyncio.to_thread(lambda: list(self._past(room, since)))

    def health(self) -> Health:
        """`gaps` counts the records that could not be read."""
        return self._standing.health()

    async def close(self) -> None:
        """Remember how far it came."""
        await self._save()
        self._running.end()
        self._standing.down("closed")

    async def _save(self) -> None:
        if isinstance(self._inbox, Patient):
            await self._inbox.all_taken()
        async with self._saving:
            try:
                await asyncio.to_thread(self._files.save)
            except OSError as error:
                log.error("archive.cursor_not_saved", channel=self.name, error=type(error).__name__)
                self._standing.degraded("cursor_not_saved")
            else:
                self._standing.up()

    def _past(self, room: str, since: datetime) -> Iterable[Message]:
        for line in self._files.all_lines():
            try:
                event = self._reader.read(line.content).event
            except BadRecord:
                continue
            if isinstance(event, Message) and event.room == room and event.at > since:
                yield event

    def _take_line(self, line: Line) -> None:
        if not line.content.strip():
            if not line.content:
                self._report(0, f"{line.file}:{line.number}", "line too long")
            return
        result = self._take(line.content, where=f"{line.file}:{line.number}", file=line.file)
        if result.seq:
            self._files.taken(line.file, result.seq)

    def _take(self, piece: object, *, where: str, file: str = "") -> Record | Broken:
        try:
            record = (
                self._reader.read(piece) if isinstance(piece, bytes) else self._reader.take(piece)
            )
        except BadRecord as error:
            return self._report(cursor_in(piece), where, str(error))
        self.seq = max(self.seq, record.seq)
        known = self._files.behind(file, record.seq)
        if known or not self._seen.add(record.msgid, self._now()) or record.event is None:
            return record
        self._standing.heard()
        if self._inbox is not None:
            self._inbox.put(record.event)
        return record

    def _report(self, seq: int, where: str, why: str) -> Broken:
        broken = Broken(seq=seq, where=where, why=why)
        self.broken.append(broken)
        self._standing.gaps += 1
        self.seq = max(self.seq, seq)
        log.warning("archive.broken_record", channel=self.name, seq=seq, where=where, why=why)
        return broken


def build(
    settings: Settings,
    secrets: Secrets,
    now: Now,
    *,
    base: Path,
    names: tuple[str, ...] = (),
    ignore: Iterable[str] = (),
) -> WecomArchive:
    """The importer of `config.yaml`; paths are relative to `base`. Raises ConfigError."""
    folder = base / settings.folder if settings.folder else None
    if folder is None and not secrets.wecom_archive_token:
        raise ConfigError(
            "channels.wecom_archive needs records: set `folder`, or allow pushes with "
            "XIAOGE_WECOM_ARCHIVE_TOKEN"
        )
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            f"channels.wecom_archive.folder: {settings.folder}: no such folder: make it"
        )
    return WecomArchive(
        now=now,
        account=settings.account or "archive",
        folder=folder,
        cursor=base / "data" / "wecom-archive-cursor.json" if folder is not None else None,
        path=settings.path,
        token=secrets.wecom_archive_token,
        names=names,
        ignore=ignore,
    )


def _json(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode(), kind="application/json")
