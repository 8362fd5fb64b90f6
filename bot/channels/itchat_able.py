"""What web WeChat can do: little that lasts longer than a log-in."""

from __future__ import annotations

from bot.channels.base import Capabilities, Risk
from domain.events import IdScope

CAPABILITIES = Capabilities(
    tells_gaps=True,
    can_private=True,
    can_recall=True,
    sees_recall=True,
    stable_person_ids=False,
    stable_room_ids=False,
    id_scope=IdScope.LOGIN,
    image_in=True,
    image_out=True,
    risk=Risk.VIOLATES_TERMS,
)
"""A mention can be written, but whether the platform notifies anybody is not known."""
