"""The inside of a merged forward, as `get_forward_msg` gives it: lines of `name: words`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.onebot_actions import Actions
from bot.channels.onebot_segments import Json, as_list, fields, number, segments, spoken, word
from handlers.zh.placeholders import NEIGHBOUR, PLACEHOLDERS

_SECONDS = 5.0
_LINES = 100
_LETTERS = 3000


async def inside(actions: Actions, message: str, forward: str) -> str | None:
    """The words of a forward under its head line; None when they cannot be had.

    `message` is the id of the message that carries it, `forward` the id of the record itself:
    implementations ask for one or the other.
    """
    params = {"message_id": number(message), "id": forward or message}
    answer = await actions.call("get_forward_msg", params, _SECONDS)
    if not answer.ok:
        return None
    nodes = as_list(answer.fields.get("messages")) or as_list(answer.fields.get("message"))
    lines = [line for node in nodes[:_LINES] if (line := _line(fields(node)))]
    found: list[str] = []
    for line in lines:
        if sum(map(len, found)) + len(line) > _LETTERS:
            break
        found.append(line)
    return "\n".join((PLACEHOLDERS["forward"], *found)) if found else None


def _line(node: Json) -> str:
    data = fields(node.get("data")) if word(node, "type") == "node" else node
    sender = fields(data.get("sender"))
    who = next(_names(data, sender), NEIGHBOUR)
    said = data.get("message", data.get("content"))
    if not said:
        return ""
    text = " ".join(spoken(segments(said)).text.split())
    return f"{who}: {text}" if text else ""


def _names(data: Json, sender: Json) -> Iterator[str]:
    """What the speaker may be called, the best first; a colon would end a name too early."""
    for given in (word(sender, "card"), word(sender, "nickname"), word(data, "nickname")):
        name = "".join(given.split()).replace(":", "").replace("\uff1a", "")
        if name:
            yield name[:20]
