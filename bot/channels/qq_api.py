"""The official QQ bot's way out: token, answers with a number, recall."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from bot.channels.base import Now, SendResult
from bot.channels.posting import A_MINUTE, SOON, Answered, Json, ask, open_client, troubled
from bot.channels.qq_windows import Slot
from bot.channels.tokens import Fetched, Tokens
from domain.outgoing import SendState

TOKEN_URL = "https://bots.qq.com/app/getAppAccessToken"  # noqa: S105 # an address
_UNAUTHORISED = 401
_STALE = frozenset({11244, 11243, 11242})
_DOUBLE = 40054005
_LATE = frozenset({304103, 40034005, 40034128})
_TOO_OFTEN = 22009
_ERRORS = {11241: "wrong_secret", 40054002: "muted", 40054003: "not_in_room", 40054010: "link"}
LATE = "window_closed"
WRONG_SECRET = "wrong_secret"  # noqa: S105 # a code
NUMBER_USED = "number_used"
"""The slot was used before, perhaps by a run of ours that ended: take the next one."""


class QQApi:
    """Sends one answer into one slot. The slot makes a repetition after a time-out harmless."""

    def __init__(
        self,
        *,
        app_id: str,
        secret: str,
        now: Now,
        api_url: str,
        token_url: str = TOKEN_URL,
        deadline: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self.url = api_url.rstrip("/")
        self._token_url = token_url
        self._deadline = deadline
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._tokens = Tokens(self._fetch, now)

    async def answer(self, place: str, text: str, slot: Slot) -> SendResult:
        """The words as the answer of that slot.

        After a time-out it is asked once more with the same number: if the first one had gone
        out, the platform refuses the second as a double, and then it is known to be sent.
        """
        payload = {
            "content": text,
            "msg_type": 0,
            "msg_id": slot.message,
            "msg_seq": slot.number,
        }
        path = f"/v2/{_quoted(place)}/messages"
        first = await self._call("POST", path, payload)
        if isinstance(first, Answered):
            return _understood(first)
        if first.state is not SendState.MAYBE_SENT:
            return first
        again = await self._call("POST", path, payload)
        if isinstance(again, SendResult):
            return first
        result = _understood(again)
        return SendResult(state=SendState.SENT) if result.error == NUMBER_USED else result

    async def recall(self, place: str, remote_id: str) -> bool:
        """Whether an own message was taken back; the platform allows it for two minutes."""
        path = f"/v2/{_quoted(place)}/messages/{quote(remote_id, safe='')}"
        answer = await self._call("DELETE", path, None)
        return isinstance(answer, Answered) and answer.status < 300

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _call(self, method: str, path: str, payload: Json | None) -> Answered | SendResult:
        answer: Answered | SendResult = SendResult(state=SendState.FAILED, error="no_token")
        for _ in range(2):
            token = await self._tokens.get()
            if isinstance(token, SendResult):
                return token
            answer = await ask(
                self._opened(),
                self.url + path,
                payload,
                deadline=self._deadline,
                method=method,
                headers={"Authorization": f"QQBot {token}"},
            )
            if isinstance(answer, SendResult):
                return answer
            if answer.status != _UNAUTHORISED and answer.code("code") not in _STALE:
                return answer
            self._tokens.drop(token)
        return answer

    async def _fetch(self) -> Fetched | SendResult:
        answer = await ask(
            self._opened(),
            self._token_url,
            {"appId": self._app_id, "clientSecret": self._secret},
            deadline=self._deadline,
        )
        if isinstance(answer, SendResult):
            return answer
        token, seconds = answer.word("access_token"), answer.code("expires_in")
        if token and seconds:
            return Fetched(token=token, seconds=seconds)
        if trouble := troubled(answer):
            return trouble
        if answer.code("code") is None:
            return SendResult(state=SendState.FAILED, error="unreadable_answer", retry_after=SOON)
        return SendResult(state=SendState.FAILED, error=WRONG_SECRET)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = open_client(self._transport)
        return self._client


def _understood(answer: Answered) -> SendResult:
    code = answer.code("code")
    if answer.status < 300 and not code:
        ident = answer.word("id")
        state = SendState.SENT if ident else SendState.MAYBE_SENT
        return SendResult(
            state=state, remote_id=ident or None, error="" if ident else "unreadable_answer"
        )
    if code == _DOUBLE:
        return SendResult(state=SendState.FAILED, error=NUMBER_USED)
    if code in _LATE:
        return SendResult(state=SendState.FAILED, error=LATE)
    if code == _TOO_OFTEN:
        return SendResult(state=SendState.FAILED, error="rate_limited", retry_after=A_MINUTE)
    if answer.status == _UNAUTHORISED:
        return SendResult(state=SendState.FAILED, error=WRONG_SECRET)
    if code in _ERRORS:
        return SendResult(state=SendState.FAILED, error=_ERRORS[code])
    if trouble := troubled(answer):
        return trouble
    wait = SOON if code is None and answer.status >= 500 else None
    error = f"code_{code}" if code else f"http_{answer.status}"
    return SendResult(state=SendState.FAILED, error=error, retry_after=wait)


def _quoted(place: str) -> str:
    kind, _, ident = place.partition("/")
    return f"{kind}/{quote(ident, safe='')}"
