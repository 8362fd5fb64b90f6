"""Anything may happen in any order, and the house keeps its promises: a state machine over it all.

Residents report and join, members answer, time passes, messages come twice, the product stops and
starts again on its file. After every step the store is looked at as a whole.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from bot.app import rules_of
from bot.channels.base import Capabilities
from bot.config import load_config
from bot.loop import House
from bot.replay.player import Player, Said
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.events import Message
from domain.outgoing import SendState
from domain.ticket import CLOSED, MOVES, State, Ticket
from handlers.understanding import default_reader
from storage.store import Store
from tests.dialogue import ROOT, town

_ROOM, _WORK = "进修小区群", "工作群"
_RESIDENTS = ("王姐", "刘叔", "高姨", "老徐")
_MEMBERS = ("王网格长", "物业小白", "王师傅", "老鲍", "李师傅", "主任")
_MATTERS = (
    "2号楼2单元楼道灯不亮了 麻烦来修一下",
    "5号楼1单元楼道灯坏了 不亮 谁来修修",
    "5号楼门口垃圾堆满了没人收",
    "2号楼3单元502厨房水管漏水了 谁来给修一下",
    "3号楼2单元楼道里煤气味特别大 快来人",
)
_SECRET = "家里实在困难 想申请低保 找谁办"
_VOICES = ("我家也是", "俺家也不亮", "5号楼2单元也不亮")
_REPLIES = (
    "我去", "接", "放回", "上报", "退回 没法办", "好了", "还没修好", "到了", "20分钟", "等件", "继续", "上会",
    "决定 自办", "转王师傅", "转李师傅", "去不了", "拆开", "这不是报修", "恢复", "改成用电", "改成低保", "找物业",
)  # fmt: skip
_WORDS = (
    "好了",
    "没好",
    "又坏了",
    "不用了",
    "撤回{n}",
    "满意",
    "不满意",
    "咋还没来人",
    "小格 {n}到哪了",
)
_KIND_OF = {State.OPEN: "claim", State.ESCALATED: "claim", State.CLAIMED: "solve"}
_NEUTRAL = frozenset({"received"})
_START = datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL)


class TheHouse(RuleBasedStateMachine):
    """One town on a file; `said` is everything that ever left it."""

    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'town.sqlite3'}"
        self.rules_of_town = rules_of(load_config(ROOT / "config.yaml", {}))
        self.said: list[Said] = []
        self.now = _START
        self.count = 0
        self.private_since: dict[int, datetime] = {}
        self.open_store(first=True)

    def open_store(self, *, first: bool = False) -> None:
        self.store = Store.open(self.url, "test")
        if first:
            self.store.replace_directory(town())
        self.house = House(self.store, self.rules_of_town, default_reader().read)
        self.started_at = self.count
        self.house.memory.restore(self.store.engaged(self.now))
        _recovered = self.store.recover(self.now, everything=True)
        self.player = Player(
            house=self.house,
            timekeeper=Timekeeper(self.house, since=_START),
            now=self.now,
            on_said=self.said.append,
            capabilities=Capabilities(can_mention=True, can_private=True),
        )

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def hear(
        self, who: str, text: str, room: str | None, quoting: Message | None = None
    ) -> Message:
        self.count += 1
        message = Message(
            channel="wechat",
            account="stage",
            id=f"m{self.count}",
            at=self.player.now + timedelta(seconds=20),
            sender=who,
            sender_name=who,
            text=text,
            room=room,
            reply_to=quoting.id if quoting else None,
        )
        self.player.hear(message)
        self.now = self.player.now
        return message

    def tickets(self) -> list[Ticket]:
        return self.store.tickets()

    # what may happen

    @rule(target=messages, who=st.sampled_from(_RESIDENTS), text=st.sampled_from(_MATTERS))
    def somebody_reports(self, who: str, text: str) -> Message:
        return self.hear(who, text, _ROOM)

    @rule(target=messages, who=st.sampled_from(_RESIDENTS))
    def somebody_reports_what_is_private(self, who: str) -> Message:
        return self.hear(who, _SECRET, _ROOM)

    @rule(target=messages, who=st.sampled_from(_RESIDENTS), text=st.sampled_from(_VOICES))
    def somebody_has_it_too(self, who: str, text: str) -> Message:
        return self.hear(who, text, _ROOM)

    @rule(
        target=messages,
        who=st.sampled_from(_MEMBERS),
        number=st.integers(1, 4),
        words=st.sampled_from(_REPLIES),
        private=st.booleans(),
    )
    def a_member_answers_by_number(
        self, who: str, number: int, words: str, *, private: bool
    ) -> Message:
        return self.hear(who, f"{number}{words}", None if private else _WORK)

    @rule(
        target=messages,
        who=st.sampled_from(_MEMBERS),
        words=st.sampled_from(_REPLIES),
        quoted=messages,
    )
    def a_member_answers_by_quote(self, who: str, words: str, quoted: Message) -> Message:
        return self.hear(who, words, quoted.room, quoted)

    @rule(
        target=messages,
        who=st.sampled_from(_MEMBERS),
        number=st.integers(1, 4),
        into=st.integers(1, 4),
    )
    def a_member_merges(self, who: str, number: int, into: int) -> Message:
        return self.hear(who, f"{number}并到{into}", _WORK)

    @rule(
        target=messages,
        who=st.sampled_from(_RESIDENTS),
        words=st.sampled_from(_WORDS),
        number=st.integers(1, 4),
        private=st.booleans(),
    )
    def a_resident_answers(self, who: str, words: str, number: int, *, private: bool) -> Message:
        return self.hear(who, words.format(n=number), None if private else _ROOM)

    @rule(message=consumes(messages))
    def a_message_is_delivered_twice(self, message: Message) -> None:
        before_the_start = int(message.id[1:]) <= self.started_at
        assume(not before_the_start or not self.store.is_new(message.key))
        before = self.tickets()
        self.player.hear(message)
        assert self.tickets() == before, "a redelivered message changed a ticket"

    @rule(minutes=st.sampled_from((1, 5, 20, 90, 600, 2880, 11520)))
    def time_passes(self, minutes: int) -> None:
        self.player.pass_until(self.player.now + timedelta(minutes=minutes))
        self.now = self.player.now

    @rule()
    def it_stops_and_starts_again(self) -> None:
        before = self.tickets()
        self.store.close()
        self.open_store()
        assert self.tickets() == before, "a restart changed a ticket"

    # what is always true

    @invariant()
    def the_promises_are_kept(self) -> None:
        tickets = self.tickets()
        assert self.house.counts["poisoned"] == 0
        for ticket in tickets:
            self.came_here_by_legal_moves(ticket)
            nobody_holds_what_is_open(ticket)
            persons = [v.person for v in ticket.voices]
            assert len(persons) == len(set(persons)), f"{ticket.label}: {persons} speak twice"
        self.whatever_is_active_will_be_asked_about(tickets)
        labels = Counter(t.label for t in tickets if t.state not in CLOSED)
        assert all(count == 1 for count in labels.values()), f"numbers twice: {labels}"
        opened = Counter(t.opened_by for t in tickets if not t.part)
        assert all(count == 1 for count in opened.values()), f"opened twice: {opened}"
        self.what_is_private_stays_private(tickets)
        self.every_word_is_said_once()

    def came_here_by_legal_moves(self, ticket: Ticket) -> None:
        state = State.OPEN
        for line in self.store.history(ticket.id):
            if line.move is not None:
                assert line.move in MOVES[state], f"{ticket.label}: {line.move} from {state}"
                state = MOVES[state][line.move]
        assert state is ticket.state, f"{ticket.label} is {ticket.state}, not {state}"

    def whatever_is_active_will_be_asked_about(self, tickets: list[Ticket]) -> None:
        waiting = {(r.ticket, r.kind) for r in self.store.due(datetime(9999, 1, 1, tzinfo=LOCAL))}
        for ticket in tickets:
            kind = _KIND_OF.get(ticket.state)
            if kind is not None:
                assert (ticket.id, kind) in waiting, f"{ticket.label} ({ticket.state}): no {kind}"
            left = [k for t, k in waiting if t == ticket.id]
            if ticket.state in CLOSED:
                assert not left, f"{ticket.label} is {ticket.state} and still has {left}"

    def what_is_private_stays_private(self, tickets: list[Ticket]) -> None:
        for ticket in tickets:
            if ticket.private:
                self.private_since.setdefault(ticket.id, self.player.now)
            else:
                self.private_since.pop(ticket.id, None)
        for row in self.store.list_outgoing(SendState, limit=10_000):
            since = self.private_since.get(row.ticket or 0)
            if since and row.created_at >= since and row.key not in _NEUTRAL:
                assert row.room is None, f"{row.key} of a private matter in {row.room}"
        for said in self.said:
            assert said.private or "低保" not in said.text, said.text

    def every_word_is_said_once(self) -> None:
        assert self.store.outgoing_states()[SendState.MAYBE_SENT] == 0
        assert all(count == 1 for count in Counter(s.id for s in self.said).values())


def nobody_holds_what_is_open(ticket: Ticket) -> None:
    if ticket.state in (State.OPEN, State.ESCALATED):
        assert ticket.assignee is None, f"{ticket.label} is {ticket.state} and held"
    if ticket.state is State.CLAIMED:
        assert ticket.assignee is not None, f"{ticket.label} is claimed by nobody"


TheHouse.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestTheHouse = TheHouse.TestCase
