"""Decide: pure functions from (event, reading, facts) to effects. No I/O, no clock."""

from __future__ import annotations

from domain.effects import CleanUp, Effect, NoteGap
from domain.events import (
    ChannelTrouble,
    DigestDue,
    Event,
    Gap,
    HousekeepingDue,
    Message,
    Recalled,
    ReminderDue,
    RoomChanged,
    RoomDoubted,
)
from domain.facts import Facts
from handlers import belonging, digests, following, listening, members, relaying, residents
from handlers.scene import Scene


def decide(event: Event, scene: Scene | None, facts: Facts) -> list[Effect]:
    """Everything the product can do. `scene` is the message, read; None for other events."""
    match event:
        case Message():
            return _heard(scene) if scene else []
        case ReminderDue():
            return following.follow(event, facts)
        case DigestDue():
            return digests.due(event, facts)
        case Recalled():
            return belonging.taken_back(event, facts)
        case RoomChanged():
            return belonging.room_changed(event, facts)
        case Gap():
            return [
                NoteGap(
                    channel=event.channel, since=event.since, until=event.at, filled=event.filled
                ),
                *listening.away(event, facts),
            ]
        case ChannelTrouble():
            return listening.trouble(event)
        case RoomDoubted():
            return listening.doubted(event, facts)
        case HousekeepingDue():
            return [CleanUp(at=event.at)]


def _heard(scene: Scene) -> list[Effect]:
    """A message: an identity first, then a member's word or a resident's."""
    if (bound := belonging.bind(scene)) is not None:
        return bound
    if (unread := relaying.unreadable(scene)) is not None:
        return unread
    if scene.message.told_by and scene.member is not None:
        return relaying.passed_on(scene)
    if scene.member is not None:
        return members.hear(scene)
    return residents.hear(scene)
