"""Asks a language model about a message that the reader is unsure of: one question, one deadline.

An OpenAI-compatible endpoint gets the redacted words and a closed set of labels. What comes back
counts only if it is exactly such labels, soon enough and sure enough; anything else is no opinion.
After a few failures in a row nobody is asked for a while.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.clock import Clock
from bot.settings import LanguageModel
from domain.events import Event, Message
from domain.opinion import Opinion
from domain.reading import Intent, Urgency
from handlers.masking import redacted
from handlers.zh.opinion import CATEGORY_LINE, PROMPT

if TYPE_CHECKING:
    from bot.loop import House

log = structlog.get_logger()

_LARGEST = 64 * 1024
"""Bytes of an answer that are read; a label is smaller."""
_TOKENS = 120
_OK = 200


class Answered(BaseModel):
    """Exactly what is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    intent: Literal["request", "follow_up", "thanks_resolved", "inquiry", "notice", "ad", "chatter"]
    category: str | None
    urgency: Literal["emergency", "urgent", "normal"]
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Said(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    tool_calls: None = None
    function_call: None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: Literal["stop"] | None = None


class _Completion(BaseModel):
    """The part of a chat completion that counts; more may stand around it."""

    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]


class NoOpinion(Exception):
    """Why an answer does not count, in a word for the log (`slow`, `down`, `status 500`)."""


class SecondOpinion:
    """One endpoint. `ask` never raises and never takes longer than the deadline."""

    def __init__(
        self, settings: LanguageModel, key: str, categories: Mapping[str, str], clock: Clock
    ) -> None:
        """`categories`: key -> name, the closed set; `key` is only ever put into the header."""
        self._settings = settings
        self._clock = clock
        self._categories = frozenset(categories)
        self._prompt = PROMPT.format(
            categories="\n".join(CATEGORY_LINE.format(key=k, name=n) for k, n in categories.items())
        )
        self._schema = _schema(list(categories))
        self._failures = 0
        self._rests_until: datetime | None = None
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=settings.timeout.total_seconds(),
            follow_redirects=False,
            trust_env=False,
        )

    async def about(self, house: House, event: Event) -> Opinion | None:
        """The opinion about an event, if it is a message that the house is unsure of."""
        if not isinstance(event, Message) or (words := house.doubtful(event)) is None:
            return None
        members = house.store.directory().members.values()
        names = (n for member in members for n in (member.name, *member.nicknames))
        return await self.ask(words, (event.sender_name, *names))

    async def ask(self, text: str, names: Iterable[str] = ()) -> Opinion | None:
        """The opinion about a text, redacted before it is sent; None when there is none."""
        now = self._clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return None
        try:
            answered = await self.answer(redacted(text, names))
        except NoOpinion as error:
            self._failed(str(error), now)
            return None
        self._failures, self._rests_until = 0, None
        if answered.confidence < self._settings.confidence:
            return None
        return Opinion(
            intent=Intent(answered.intent),
            category=answered.category,
            urgency=Urgency(answered.urgency),
        )

    async def answer(self, text: str) -> Answered:
        """The labels of a redacted text; raises NoOpinion. The doctor asks so, too."""
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                raw = await self._post(text)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoOpinion("slow") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NoOpinion("down") from error
        try:
            said = _Completion.model_validate_json(raw).choices[0].message.content
            answered = Answered.model_validate_json(said)
        except ValidationError as error:
            raise NoOpinion("nonsense") from error
        if answered.category is not None and answered.category not in self._categories:
            raise NoOpinion("unknown category")
        return answered

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def _post(self, text: str) -> bytes:
        url = self._settings.url.rstrip("/") + "/chat/completions"
        async with self._client.stream("POST", url, json=self._question(text)) as response:
            if response.status_code != _OK:
                raise NoOpinion(f"status {response.status_code}")
            raw = b""
            async for part in response.aiter_bytes():
                raw += part
                if len(raw) > _LARGEST:
                    raise NoOpinion("too long")
            return raw

    def _question(self, text: str) -> dict[str, Any]:
        message = json.dumps({"message": text}, ensure_ascii=False)
        return {
            "model": self._settings.model,
            "messages": [
                {"role": "system", "content": self._prompt},
                {"role": "user", "content": message},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "label", "strict": True, "schema": self._schema},
            },
            "temperature": 0,
            "max_tokens": _TOKENS,
            "stream": False,
        }

    def _failed(self, why: str, now: datetime) -> None:
        self._failures += 1
        log.warning("opinion.failed", why=why, in_a_row=self._failures)
        if self._failures >= self._settings.failures:
            self._rests_until = now + self._settings.rest
            log.warning("opinion.rests", seconds=self._settings.rest.total_seconds())


def _schema(categories: list[str]) -> dict[str, Any]:
    """JSON schema of an answer, with the closed sets in it."""
    schema = Answered.model_json_schema()
    schema["properties"]["category"] = {
        "anyOf": [{"type": "string", "enum": categories}, {"type": "null"}]
    }
    return {"type": "object", "additionalProperties": False} | {
        "properties": schema["properties"],
        "required": list(schema["properties"]),
    }
