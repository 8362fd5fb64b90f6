"""Somebody unknown reports alone, in a town of several communities: it is asked where, first."""

from __future__ import annotations

from dataclasses import replace

from domain.effects import Ask, CloseQuestion, Effect
from domain.facts import Question
from domain.reading import Urgency
from handlers import capturing, matching
from handlers.opening import open_ticket
from handlers.scene import Scene, whisper
from handlers.understanding.gazetteer import resolve


def homeless(scene: Scene) -> bool:
    """Whether nothing tells which community must answer, and there is time to ask."""
    return (
        scene.message.private
        and scene.member is None
        and scene.grid is None
        and not scene.place.estate
        and len(scene.facts.directory.communities) > 1
        and not scene.reading.danger
        and scene.reading.urgency is not Urgency.EMERGENCY
        and not matching.own(scene)
    )


def ask(scene: Scene) -> list[Effect]:
    """One question; what was said is kept with it, and nothing is opened yet."""
    question = Question(
        id=0,
        kind="where",
        ticket=None,
        person=scene.person,
        room=None,
        asked_at=scene.at,
        expires_at=scene.at + scene.facts.rules.patience.question,
        payload=capturing.captured(scene),
    )
    return [Ask(question=question), whisper(scene, "which_estate")]


def answered(scene: Scene, question: Question) -> list[Effect] | None:
    """The report, opened where it belongs; None when the answer names no estate we know."""
    if scene.grid is None and not scene.place.estate:
        return None
    held = question.payload
    place = scene.place.filled_by(capturing.held_place(held))
    found = resolve(place, scene.text, scene.facts.directory)
    there = replace(scene, place=found.place, grid=found.grid or scene.grid)
    opened = open_ticket(there, category=held["category"], text=held["text"])
    return [CloseQuestion(question=question.id), *opened]
