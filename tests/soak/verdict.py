"""Compares what the product kept and sent with what was said: every difference is a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import open_store, rules_of
from domain.effects import NoteGap
from domain.outgoing import Outgoing, SendState
from domain.ticket import Move, State, Ticket
from storage.ledger import HistoryLine
from storage.store import Store
from tests.channels.onebot_town import Frame
from tests.soak.product import Standing, config_in
from tests.soak.town import ACCOUNT, CHANNEL
from tests.soak.truth import Outage, Truth, words_of

_MOST = 1_000_000
_SHOWN = 8
_NEAR = timedelta(minutes=2)
_MAY_FAIL = frozenset({"no_private_way", "no_way_to_member"})
"""Private words to residents and supervisors while the link is down have no other way."""
TENTHS = 10
GREW = 1.03
"""Memory is flat when the last half of a soak never takes more than this times the most that its
second quarter took (tenths 3 to 5) …"""
FULL, CACHES_MB = 40_000, 30.0
"""… and what caches filled meanwhile: they take so many MB, evenly, in the first so many messages
of a process. A soak of twice as many is allowed nothing for them."""


@dataclass(kw_only=True)
class Found:
    """What a soak did and found."""

    seed: int
    messages: int
    tickets: int = 0
    replies: int = 0
    sends: int = 0
    maybe_sent: int = 0
    faults: dict[str, int] = field(default_factory=dict[str, int])
    seconds: float = 0.0
    rss_mb: list[float] = field(default_factory=list[float])
    """The most resident memory that the product had in each tenth."""
    problems: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class Memory:
    """How the last half of a soak stands against its second quarter, in MB."""

    before: float
    most: float
    allowed: float

    def __str__(self) -> str:
        grown = "flat" if self.most <= self.allowed else "not flat"
        return (
            f"{grown}, at most {self.most:.1f} MB in the last half, {self.before:.1f} MB in the "
            f"second quarter, {self.allowed:.1f} MB allowed"
        )


def memory_of(found: Found) -> Memory:
    """The rule is at GREW: what is full by the second quarter must not grow any more."""
    before, most = max(found.rss_mb[2:5], default=0.0), max(found.rss_mb[5:], default=0.0)
    filled = min(found.messages, FULL) - min(found.messages // 2, FULL)
    return Memory(before=before, most=most, allowed=before * GREW + CACHES_MB * filled / FULL)


def problems(
    folder: Path, truth: Truth, sent: list[Frame], state: Standing | None, found: Found
) -> None:
    """Write everything that is wrong, and a few counts, into `found`."""
    config = config_in(folder)
    store = open_store(config, rules_of(config))
    with closing(store):
        tickets = store.tickets(limit=_MOST)
        rows = store.list_outgoing(tuple(SendState), _MOST)
        found.tickets, found.sends = len(tickets), len(sent)
        found.replies = sum(len(request.replies) for request in truth.requests.values())
        found.maybe_sent = sum(row.state is SendState.MAYBE_SENT for row in rows)
        for lines in (
            _of_tickets(truth, tickets),
            _of_replies(truth, tickets, store),
            of_sends(sent, rows),
            _of_gaps(truth, store.gaps(_beginning(truth))),
            _of_the_product(truth, state, found),
        ):
            all_of_it = list(lines)
            found.problems += all_of_it[:_SHOWN]
            if len(all_of_it) > _SHOWN:
                found.problems.append(f"… and {len(all_of_it) - _SHOWN} like it")


def _beginning(truth: Truth) -> datetime:
    return min(outage.since for outage in truth.outages) - timedelta(days=1)


def _of_tickets(truth: Truth, tickets: list[Ticket]) -> Iterator[str]:
    """Every request became exactly one ticket, and nothing else became one."""
    opened = Counter(ticket.opened_by for ticket in tickets)
    for message, request in truth.requests.items():
        if opened[message] != 1:
            yield f"estate {request.estate} door {request.door}: {opened[message]} tickets"
    for ticket in tickets:
        if ticket.opened_by not in truth.requests:
            yield f"ticket {ticket.label} was opened by something that was no request"


def _of_replies(truth: Truth, tickets: list[Ticket], store: Store) -> Iterator[str]:
    """Every answer of a member or a reporter moved its ticket, once."""
    by_request = {ticket.opened_by: ticket for ticket in tickets}
    answered = 0
    for message, request in truth.requests.items():
        ticket = by_request.get(message)
        if ticket is None:
            continue
        answered += len(request.replies) > 1
        moved = Counter((meant(line), line.message) for line in store.history(ticket.id))
        for reply in request.replies:
            if (times := moved[(reply.move, reply.message)]) != 1:
                yield f"ticket {ticket.label}: {reply.move} was applied {times} times"
    if answered < 0.8 * len(truth.requests):
        yield f"only {answered} of {len(truth.requests)} requests were answered by a member"


def meant(line: HistoryLine) -> Move | None:
    """What a member meant: whoever claims what nobody took in time, and went up, accepts it."""
    went_up = line.move is Move.ACCEPT and line.before is State.ESCALATED
    return Move.CLAIM if went_up else line.move


def of_sends(sent: list[Frame], rows: list[Outgoing]) -> Iterator[str]:
    """What reached the peer is what the rows say; a second time only where `maybe_sent` says so."""
    said = {_remote_of(frame): frame for frame in sent}
    marked = {row.remote_id for row in rows if row.remote_id}
    for row in rows:
        if row.state is SendState.SENT and row.remote_id not in said:
            yield f"outbox row {row.id} ({row.key}) is called sent, and the peer never got it"
        if row.state is SendState.FAILED and row.error not in _MAY_FAIL:
            yield f"outbox row {row.id} ({row.key}) failed: {row.error}"
    unsure: dict[str, list[Outgoing]] = {}
    for row in rows:
        if row.state is SendState.MAYBE_SENT or (row.priority == 0 and row.attempts):
            unsure.setdefault(row.text, []).append(row)
        if row.state is SendState.MAYBE_SENT and row.priority == 0 and row.attempts:
            unsure[row.text].append(row)  # said once more, and the second answer was lost as well
    for remote, frame in said.items():
        if remote not in marked and not _explained(words_of(frame), unsure):
            yield f"sent, and no row of the outbox says so: {words_of(frame)[:20]}"


def _explained(words: str, unsure: dict[str, list[Outgoing]]) -> bool:
    """Whether rows that may have been sent are these words; each row explains one send."""
    lines = (words, *words.split("\n"))
    found = [text for text in unsure if unsure[text] and any(x.endswith(text) for x in lines)]
    for text in found:
        unsure[text].pop()
    return bool(found)


def _of_gaps(truth: Truth, gaps: list[NoteGap]) -> Iterator[str]:
    """Every time without a link is named, and called unfilled exactly when something is missing."""
    for outage in truth.outages:
        near = [gap for gap in gaps if _meet(outage, gap)]
        if not near and not outage.first:
            yield f"no gap is named for {outage.since:%H:%M:%S}"
        if not outage.filled and all(gap.filled for gap in near):
            yield f"a gap at {outage.since:%H:%M:%S} lost messages and is called filled"
    broken = [outage for outage in truth.outages if not outage.filled]
    for gap in gaps:
        if not gap.filled and not any(_meet(outage, gap) for outage in broken):
            yield f"a gap at {gap.since:%H:%M:%S} is called unfilled, and history had it all"


def _meet(outage: Outage, gap: NoteGap) -> bool:
    until = outage.until or outage.since
    return gap.since - _NEAR <= until and gap.until + _NEAR >= outage.since


def _of_the_product(truth: Truth, state: Standing | None, found: Found) -> Iterator[str]:
    """It heard every message of people, broke on none, and did not grow."""
    if state is None:
        yield "the product never said how it stands"
        return
    if not truth.said - truth.lost <= state.judged <= truth.said + truth.again:
        yield f"{state.judged} messages were taken of {truth.said} (and {truth.again} again)"
    if state.poisoned:
        yield f"{state.poisoned} events broke a decision"
    memory = memory_of(found)
    if memory.most > memory.allowed:
        yield f"memory grew: {memory}"


def _remote_of(frame: Frame) -> str:
    place = frame.get("group_id") or f"p{frame['user_id']}"
    return f"{CHANNEL}:{ACCOUNT}:{place}:{frame['message_id']}:own"
