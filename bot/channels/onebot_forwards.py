"""The inside of a merged forward, as `get_forward_msg` gives it."""

from __future__ import annotations

from bot.channels.onebot_actions import Actions
from bot.channels.onebot_segments import Json, as_list, fields, number, segments, spoken, word
from bot.channels.records import as_words

_SECONDS = 5.0


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
    return as_words(_said(fields(node)) for node in nodes)


def _said(node: Json) -> tuple[str, str]:
    data = fields(node.get("data")) if word(node, "type") == "node" else node
    sender = fields(data.get("sender"))
    who = word(sender, "card") or word(sender, "nickname") or word(data, "nickname")
    said = data.get("message", data.get("content"))
    return who, spoken(segments(said)).text if said else ""
