"""Words that were not taken for a request at first: a member answers them, or a neighbour says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.command import Command
from domain.effects import Effect, OpenTicket
from domain.events import Message
from domain.facts import Heard
from domain.reading import Band, Intent
from domain.ticket import Ticket
from handlers import resembling, working
from handlers.opening import added, open_ticket
from handlers.reporting import join
from handlers.scene import Scene
from handlers.understanding.gazetteer import resolve
from handlers.understanding.normalise import normalise
from handlers.understanding.place import canonical

_MAYBE = 0.15
_HARDLY = 0.03
"""By their words alone: what somebody else's answer makes a request of, and what a quote does."""
_STILL_SPOKEN_OF = timedelta(minutes=15)
_RESIDENT = "resident"


def answered(scene: Scene) -> Heard | None:
    """What a member takes up in a room of residents though no ticket came of it.

    The words that are quoted; else, where nothing else is spoken of, the likeliest since a ticket
    was last touched, in the last ten minutes, those of whom the member names first.
    """
    here = scene.message.place_of_talk
    if here is None or scene.in_work_room or scene.facts.quoted is not None:
        return None
    said = _said(scene)
    if scene.message.reply_to is not None:
        return next((h for h in said if _is_quoted(h, scene) and _alone(h) >= _HARDLY), None)
    tickets = [t for t in scene.facts.tickets if resembling.told_in(t, here)]
    if any(t.active and scene.at - t.touched_at <= _STILL_SPOKEN_OF for t in tickets):
        return None
    since = max((t.touched_at for t in tickets), default=None)
    called = normalise(scene.message.text).mentions
    likely = [h for h in said if _alone(h) >= _MAYBE and (since is None or h.at > since)]
    return max(likely, key=lambda h: (h.name in called, _alone(h)), default=None)


def take_up(scene: Scene, asked: Command, heard: Heard) -> list[Effect]:
    """The words become a ticket, and the member has it."""
    opened = _opened(scene, heard)
    return [*opened, *working.work(scene, asked, _ticket_of(opened))]


def second(scene: Scene) -> list[Effect]:
    """Two who may be saying the same say it: the first opens a ticket, the second joins it."""
    kind = scene.reading.categories[0][0] if scene.reading.categories else ""
    likely = [
        h
        for h in _said(scene)
        if h.person != scene.person
        and _alone(h) >= _MAYBE
        and (scene.reading.me_too or _kind(h) == kind)
    ]
    if not likely or scene.message.place_of_talk is None:
        return []
    opened = _opened(scene, max(likely, key=_alone))
    return [*opened, *join(scene, _ticket_of(opened))]


def _said(scene: Scene) -> list[Heard]:
    """What residents said here in the last minutes."""
    return [h for h in scene.facts.recent if h.role == _RESIDENT and _kind(h)]


def _kind(heard: Heard) -> str:
    return heard.reading.categories[0][0] if heard.reading and heard.reading.categories else ""


def _alone(heard: Heard) -> float:
    """By its words: what was made of them in their surroundings is not the same after a restart."""
    return heard.reading.alone if heard.reading else 0.0


def _is_quoted(heard: Heard, scene: Scene) -> bool:
    return heard.key.rpartition(":")[2] == scene.message.reply_to


def _opened(scene: Scene, heard: Heard) -> list[Effect]:
    """The ticket of words that were heard before, with what the same person added since."""
    since = [h for h in _said(scene) if h.person == heard.person and h.at > heard.at]
    effects = open_ticket(_first(scene, heard, since))
    ticket = _ticket_of(effects)
    return [*effects, *(added(more, ticket) for more in since if more.key != scene.message.key)]


def _first(scene: Scene, heard: Heard, since: Sequence[Heard]) -> Scene:
    """The moment at which the words were said, as if they had been taken for a request."""
    assert heard.reading is not None
    channel, account, id = heard.key.split(":", 2)
    message = Message(
        channel=channel,
        account=account,
        id=id,
        at=heard.at,
        sender=heard.person.partition(":")[2],
        sender_name=heard.name,
        text=heard.text,
        room=scene.message.room,
        room_name=scene.message.room_name,
        images=heard.images,
        reply_to=heard.reply_to,
        id_scope=scene.message.id_scope,
    )
    place = heard.reading.place
    for more in since:
        place = place.filled_by(more.reading.place) if more.reading else place
    directory = scene.facts.directory
    found = resolve(canonical(place), normalise(heard.text).text, directory, scene.room)
    kind = _kind(heard)
    return Scene(
        message=message,
        reading=replace(heard.reading, intent=Intent.REQUEST, band=Band.SURE, category=kind),
        facts=replace(scene.facts, member=None),
        place=found.place,
        grid=found.grid,
        text=heard.text,
        home=scene.home,
    )


def _ticket_of(effects: list[Effect]) -> Ticket:
    return next(e.ticket for e in effects if isinstance(e, OpenTicket))
