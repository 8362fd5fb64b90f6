"""Sends words and pictures through web WeChat, and says honestly what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from bot.channels.base import Send, SendResult
from bot.channels.itchat_reading import Reader
from bot.channels.itchat_web import Web, WebError
from bot.channels.itchat_wire import Json, word
from bot.channels.itchat_worker import NotBegun, Worker
from bot.channels.wechat_names import addressed
from domain.outgoing import SendState

SOON = 10.0
LATER = 600.0
"""Seconds to keep still after the platform said that we send too much."""
_UNCLEAR = ("-1000", "-1004", "")
"""Codes that the library makes up when it could not read the answer."""
_CODES = {
    "1100": "logged_out",
    "1101": "logged_out",
    "1102": "logged_out",
    "1203": "risk_control",
    "1205": "rate_limited",
    "-2": "not_a_friend",
}


class Sender:
    """Sends for one log-in, one call at a time."""

    def __init__(self, web: Web, reader: Reader, worker: Worker, deadline: float) -> None:
        self._web = web
        self._reader = reader
        self._worker = worker
        self._deadline = deadline

    async def say(self, send: Send) -> SendResult:
        """Text first, then the pictures; MAYBE_SENT without an answer, or when a part is out."""
        to, error = self._target(send)
        if to is None:
            return SendResult(state=SendState.FAILED, error=error)
        done: SendResult | None = None
        if send.text or send.mentions:
            words = addressed(send.text, self._names(send))
            text = self._reader.quotes.quoting(to, send.reply_to, words)
            done = await self._call(lambda: self._web.say(text, to))
            if done.state is not SendState.SENT:
                return done
            if done.remote_id:
                self._reader.quotes.heard(to, done.remote_id, self._own_name(to), words)
        for picture in send.images:
            name = "picture.gif" if picture.startswith(b"GIF8") else "picture.png"
            shown = await self._call(lambda c=picture, n=name: self._web.show(c, n, to))
            if shown.state is not SendState.SENT:
                partly = SendResult(state=SendState.MAYBE_SENT, error="picture_failed")
                return partly if done is not None else shown
            done = done or shown
        return done or SendResult(state=SendState.FAILED, error="nothing_to_send")

    async def recall(self, id: str, handle: str) -> bool:
        """Whether the platform took an own message back."""
        if (to := self._reader.rooms.id(handle)) is None:
            return False
        return (await self._call(lambda: self._web.take_back(id, to))).state is SendState.SENT

    def _target(self, send: Send) -> tuple[str | None, str]:
        if send.room is not None:
            doubtful = send.room in self._reader.rooms.doubtful()
            return self._reader.rooms.id(send.room), "room_doubtful" if doubtful else "not_in_room"
        return self._reader.who(send.person or ""), "old_login"

    def _names(self, send: Send) -> list[str]:
        room = self._reader.rooms.id(send.room or "") or ""
        ids = (self._reader.who(handle) for handle in send.mentions)
        return [self._reader.name(room, id) for id in ids if id is not None]

    def _own_name(self, room: str) -> str:
        return self._reader.name(room, self._web.me)

    async def _call(self, call: Callable[[], Json]) -> SendResult:
        try:
            answer = await self._worker.call(call, self._deadline)
        except NotBegun:
            return SendResult(state=SendState.FAILED, error="busy", retry_after=SOON)
        except TimeoutError:
            return SendResult(state=SendState.MAYBE_SENT, error="timeout")
        except WebError as error:
            state = SendState.FAILED if error.unsent else SendState.MAYBE_SENT
            retry = SOON if error.unsent else None
            return SendResult(state=state, error=str(error), retry_after=retry)
        return _result(answer)


def _result(answer: Json) -> SendResult:
    base = answer.get("BaseResponse")
    code = _code(cast("Json", base)) if isinstance(base, dict) else ""
    if code == "0":
        return SendResult(state=SendState.SENT, remote_id=word(answer, "MsgID") or None)
    if code in _UNCLEAR:
        return SendResult(state=SendState.MAYBE_SENT, error="unclear_answer")
    error = _CODES.get(code, f"ret_{code}")
    retry = LATER if error == "rate_limited" else None
    return SendResult(state=SendState.FAILED, error=error, retry_after=retry)


def _code(base: Json) -> str:
    value = base.get("Ret")
    return str(value) if isinstance(value, int | str) else ""
