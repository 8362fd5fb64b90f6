"""What a replay found: tickets with their messages and ends, and everything that was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.replay.player import Said
from domain.calendar import LOCAL
from domain.reading import Place
from domain.ticket import Move, Ticket
from storage.ledger import HistoryLine
from storage.store import Store

Report = dict[str, Any]


def report_of(scene: str, store: Store, said: Sequence[Said], messages: int) -> Report:
    """One JSON object: {"scene", "tickets", "said", "messages"}."""
    directory = store.directory()
    tickets = sorted(store.tickets(), key=lambda t: t.id)
    return {
        "scene": scene,
        "tickets": [_ticket(t, store) for t in tickets],
        "said": [
            {
                "at": s.at.astimezone(LOCAL).isoformat(),
                "room": s.room,
                "private": s.private,
                "key": s.key,
                "text": s.text,
            }
            for s in said
        ],
        "messages": messages,
        "town": directory.town,
    }


def _ticket(ticket: Ticket, store: Store) -> Report:
    history = store.history(ticket.id)
    kept = store.messages(ticket.id)
    directory = store.directory()
    estate = directory.estates.get(ticket.place.estate or "")
    return {
        "number": ticket.number,
        "part": ticket.part,
        "category": ticket.category,
        "urgency": ticket.urgency.value,
        "place": _place(ticket.place, estate.name if estate else None),
        "state": ticket.state.value,
        "private": ticket.private,
        "opened_by": _id(ticket.opened_by),
        "messages": [_id(m.message) for m in kept if m.kind in ("opened", "more")],
        "me_too": [_id(m.message) for m in kept if m.kind == "me_too"],
        "staff": [_id(m.message) for m in kept if m.kind == "staff"],
        "households": ticket.households,
        "claimed_by": _first(history, Move.CLAIM, Move.ACCEPT, Move.DONE),
        "done_by": _first(history, Move.DONE),
        "confirmed_by": _first(history, Move.CONFIRM),
        "reopened_by": _first(history, Move.REOPEN, Move.REOPEN_UNCLAIMED),
        "withdrawn_by": _first(history, Move.WITHDRAW),
        "escalated_by": _first(history, Move.ESCALATE),
    }


def _place(place: Place, estate: str | None) -> Report:
    return {
        "estate": estate,
        "building": place.building,
        "unit": place.unit,
        "floor": place.floor,
        "room": place.room,
        "landmark": place.landmark,
    }


def _first(history: Sequence[HistoryLine], *moves: Move) -> str | None:
    found = next((h for h in history if h.move in moves and h.message), None)
    return _id(found.message) if found and found.message else None


def _id(key: str) -> str:
    """The transcript's own id of an inbox key `channel:account:id`."""
    return key.split(":", 2)[-1]
