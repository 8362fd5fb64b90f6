"""What a correction teaches: the label that the words should have had, without names and homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.effects import Learn
from domain.ticket import Ticket
from handlers.masking import redacted
from handlers.scene import Scene


def not_a_request(scene: Scene, ticket: Ticket) -> list[Learn]:
    """这不是报修: nobody had to act on these words."""
    return _of_opening(scene, ticket, intent="chatter", source="dismiss")


def its_category(scene: Scene, ticket: Ticket) -> list[Learn]:
    """改成路灯: the words are a request of the category that the ticket has now."""
    return _of_opening(scene, ticket, intent="request", source="category", category=True)


def its_urgency(scene: Scene, ticket: Ticket) -> list[Learn]:
    """17加急: the words are a request of the urgency that the ticket has now."""
    return _of_opening(scene, ticket, intent="request", source="urgency", category=True)


def joined_other(scene: Scene, ticket: Ticket, into: Ticket) -> list[Learn]:
    """并到12: the words were one more voice of another matter, of that matter's category."""
    taught = _of_opening(scene, ticket, intent="follow_up", source="merge")
    return [replace(lesson, category=into.category) for lesson in taught]


def stood_alone(scene: Scene, ticket: Ticket) -> list[Learn]:
    """A merged or dismissed ticket lives again: its words were a request after all."""
    return _of_opening(scene, ticket, intent="request", source="revive", category=True)


def was_its_own(scene: Scene, ticket: Ticket, person: str) -> list[Learn]:
    """拆开: what this person said to the ticket was a request of its own, not one more voice."""
    if not scene.facts.rules.learns:
        return []
    return [
        Learn(
            text="",
            intent="request",
            category=ticket.category,
            at=scene.at,
            source="split",
            person=person,
            said_to=ticket.id,
        )
    ]


def answer_to_capture(scene: Scene, held: Mapping[str, str], *, wanted: bool) -> list[Learn]:
    """建 or 不是: the answer of the information officer about an unsure message."""
    if not scene.facts.rules.learns or not held["text"]:
        return []
    return [
        Learn(
            text=_without_people(scene, held["text"], held["name"]),
            intent="request" if wanted else "chatter",
            category=held["category"] if wanted else None,
            at=scene.at,
            source="capture",
            urgency=held["urgency"] if wanted else None,
            person=held["person"],
            message=held["message"],
        )
    ]


def _of_opening(
    scene: Scene, ticket: Ticket, *, intent: str, source: str, category: bool = False
) -> list[Learn]:
    """The lesson about the words that opened a ticket; none when they are not kept."""
    if not scene.facts.rules.learns or not ticket.matter:
        return []
    return [
        Learn(
            text=_without_people(scene, ticket.matter, ticket.reporter_name),
            intent=intent,
            category=ticket.category if category else None,
            at=scene.at,
            source=source,
            urgency=ticket.urgency if category else None,
            person=ticket.reporter,
            message=ticket.opened_by,
        )
    ]


def _without_people(scene: Scene, text: str, name: str) -> str:
    members = scene.facts.directory.members.values()
    return redacted(text, [name, *(n for m in members for n in (m.name, *m.nicknames))])
