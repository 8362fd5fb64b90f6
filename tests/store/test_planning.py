"""The message path and the clock read by index from the first row on, however full the town is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from domain.effects import AddVoice, Ask, Forget, OpenTicket, Remind, Unsay
from domain.facts import Question, Wanted
from domain.outgoing import SendState
from domain.ticket import Move
from storage.store import Store
from tests.store.making import AT, DAY, HERE, LIU, ROOM, WANG, joined, moved, say, ticket, voice

_SMALL = ("counters", "inbox", "rooms", "meta", "questions", "binding_codes")


def a_day(store: Store) -> None:
    """Everything that happens for messages, reminders and sending."""
    wide = Wanted(
        community=HERE,
        room=ROOM,
        person=WANG,
        member="zhou",
        quoted="sandbox:a:1",
        numbers=(1,),
        categories=("heating", "gas"),
        ticket=1,
        since=AT,
        code="123456",
    )
    new = ticket(store)
    asked = Question(
        id=0, kind="eta", ticket=1, person=WANG, room=None, asked_at=AT, expires_at=AT + DAY
    )
    claim = moved(new, Move.CLAIM, helpers=("li",), offered_to=("li",))
    store.record("m1", [OpenTicket(ticket=new), say(ticket=1), say()], at=AT)
    store.recall(wide, at=AT)
    store.recall(Wanted(community=HERE, broad=True, since=AT), at=AT)
    words = joined(new.id, "m1")
    more = AddVoice(ticket=new.id, voice=voice(LIU))
    wake = Remind(ticket=new.id, kind="eta", at=AT)
    store.record("m2", [claim, words, more, wake, Ask(question=asked)], at=AT)
    store.record("m3", [Forget(ticket=new.id, kinds=("solve",)), wake], at=AT)
    store.next_due()
    (due,) = store.due(AT)
    store.record(due.key, [Forget(ticket=new.id), Unsay(ticket=new.id, keys=("x",))], at=AT)
    store.next_outgoing()
    rows = store.claim_outgoing(AT)
    store.mark([row.id for row in rows], SendState.SENT, AT, remote_id="x")
    store.recover(AT)


def test_no_statement_reads_a_whole_table(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}", "town")
    link = store._link
    driver: Any = link._open()
    statements: list[str] = []
    driver.set_trace_callback(statements.append)
    a_day(store)
    driver.set_trace_callback(None)
    store.close()
    database = sqlite3.connect(tmp_path / "x.db")
    wrong: list[str] = []
    for sql in statements:
        if sql.split()[0] in {"SELECT", "UPDATE", "DELETE"}:
            for *_, step in database.execute(f"EXPLAIN QUERY PLAN {sql}"):
                whole = step.startswith("SCAN") or step.endswith("(town=?)")
                lowest = "ix_reminders_town_due_at" in step and "ORDER BY reminders.due_at" in sql
                if whole and not lowest and step.split()[1] not in _SMALL:
                    wrong.append(f"{step}: {sql}")
    database.close()
    assert len(statements) > 50
    assert wrong == []
