"""A WeCom application's private words to employees; needs the corporation's secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import httpx

from bot.channels.base import Now, SendResult
from bot.channels.downloading import download, host_of
from bot.channels.parts import parts
from bot.channels.posting import (
    A_MINUTE,
    SOON,
    Answered,
    Json,
    as_object,
    ask,
    open_client,
    troubled,
)
from bot.channels.tokens import Fetched, Tokens
from domain.errors import ChannelError
from domain.outgoing import SendState

TEXT_BYTES = 2048
_OK, _BUSY = 0, -1
_STALE = frozenset({40014, 41001, 42001})
_TOO_OFTEN = frozenset({45009, 45033})
_ERRORS = {
    40001: "wrong_secret",
    40013: "wrong_corp_id",
    40056: "wrong_agent_id",
    60020: "ip_not_trusted",
    81013: "no_such_person",
}
FATAL = frozenset({"wrong_secret", "wrong_corp_id", "wrong_agent_id", "ip_not_trusted"})
"""Errors that only the operator can end."""


class WecomApp:
    """`send` to one employee and `recall`; the token is fetched and renewed as needed."""

    def __init__(
        self,
        *,
        corp_id: str,
        secret: str,
        agent_id: int,
        now: Now,
        api_url: str = "https://qyapi.weixin.qq.com",
        deadline: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._corp_id = corp_id
        self._secret = secret
        self._agent_id = agent_id
        self.api = api_url.rstrip("/") + "/cgi-bin/"
        self._deadline = deadline
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._tokens = Tokens(self._fetch, now)

    async def send(self, person: str, text: str) -> SendResult:
        """The words in messages of at most 2048 bytes; `remote_id` is the last one's."""
        result = SendResult(state=SendState.FAILED, error="empty")
        for number, piece in enumerate(parts(text, TEXT_BYTES)):
            result = await self._say(person, piece)
            if result.state is not SendState.SENT:
                return _partly(result) if number else result
        return result

    async def recall(self, remote_id: str) -> bool:
        """Whether the platform took the message back."""
        answer = await self._call("message/recall", {"msgid": remote_id})
        return isinstance(answer, Answered) and answer.code("errcode") == _OK

    async def media(self, id: str) -> bytes:
        """What was sent to the application; raises ChannelError when it cannot be had."""
        for _ in range(2):
            token = await self._tokens.get()
            if isinstance(token, SendResult):
                raise ChannelError(f"the picture cannot be fetched: {token.error}")
            found = await download(
                f"{self.api}media/get",
                beside=host_of(self.api),
                hidden={"access_token": token, "media_id": id},
                transport=self._transport,
            )
            code = Answered(status=200, fields=as_object(found)).code("errcode")
            if code is None:
                return found
            if code not in _STALE:
                raise ChannelError(f"the picture cannot be fetched: errcode_{code}")
            self._tokens.drop(token)
        raise ChannelError("the picture cannot be fetched: stale token")

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _say(self, person: str, text: str) -> SendResult:
        answer = await self._call(
            "message/send",
            {
                "touser": person,
                "msgtype": "text",
                "agentid": self._agent_id,
                "text": {"content": text},
            },
        )
        if isinstance(answer, SendResult):
            return answer
        if answer.code("errcode") == _OK:
            if person.lower() in answer.word("invaliduser").lower().split("|"):
                return SendResult(state=SendState.FAILED, error="no_such_person")
            return SendResult(state=SendState.SENT, remote_id=answer.word("msgid") or None)
        return _refused(answer)

    async def _call(self, path: str, payload: Json) -> Answered | SendResult:
        """Once more with a new token when the platform says that ours is stale: nothing went out."""
        answer: Answered | SendResult = SendResult(state=SendState.FAILED, error="no_token")
        for _ in range(2):
            token = await self._tokens.get()
            if isinstance(token, SendResult):
                return token
            answer = await self._ask("POST", path, payload, {"access_token": token})
            if isinstance(answer, SendResult) or answer.code("errcode") not in _STALE:
                return answer
            self._tokens.drop(token)
        return answer

    async def _fetch(self) -> Fetched | SendResult:
        hidden = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer = await self._ask("GET", "gettoken", None, hidden)
        if isinstance(answer, SendResult):
            return answer
        token, seconds = answer.word("access_token"), answer.code("expires_in")
        if answer.code("errcode") != _OK or not token or not seconds:
            result = _refused(answer)
            return replace(result, state=SendState.FAILED)
        return Fetched(token=token, seconds=seconds)

    async def _ask(
        self, method: str, path: str, payload: Json | None, hidden: Mapping[str, str]
    ) -> Answered | SendResult:
        if self._client is None:
            self._client = open_client(self._transport)
        return await ask(
            self._client,
            self.api + path,
            payload,
            deadline=self._deadline,
            method=method,
            hidden=hidden,
        )


def _refused(answer: Answered) -> SendResult:
    if trouble := troubled(answer):
        return trouble
    code = answer.code("errcode")
    if code is None:
        unread = answer.status < 400
        return SendResult(
            state=SendState.MAYBE_SENT if unread else SendState.FAILED,
            error="unreadable_answer" if unread else f"http_{answer.status}",
        )
    if code in _TOO_OFTEN:
        return SendResult(state=SendState.FAILED, error="rate_limited", retry_after=A_MINUTE)
    if code == _BUSY:
        return SendResult(state=SendState.FAILED, error="server_error", retry_after=SOON)
    return SendResult(state=SendState.FAILED, error=_ERRORS.get(code, f"errcode_{code}"))


def _partly(result: SendResult) -> SendResult:
    return SendResult(state=SendState.MAYBE_SENT, error=f"partly_sent:{result.error}")
