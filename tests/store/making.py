"""Small things to put into a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.effects import ChangeTicket, Effect, JoinMessage, OpenTicket, Say
from domain.facts import Wanted
from domain.grid import (
    Building,
    Community,
    Directory,
    Estate,
    Grid,
    Landmark,
    Leave,
    Member,
    Post,
    Room,
)
from domain.reading import Place, Urgency
from domain.ticket import Move, State, Ticket, Voice, after
from storage.store import Store

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WANG, LIU, SUN = "sandbox:wang", "sandbox:liu", "sandbox:sun"
HERE = "qizhi"
ROOM = "sandbox:jinxiu"

OpenStore = Callable[[], Store]


def ticket(store: Store, *, community: str = HERE, **fields: object) -> Ticket:
    """A ticket with the id and number that the store promises next."""
    at = fields.get("opened_at", AT)
    assert isinstance(at, datetime)
    promised = store.recall(Wanted(community=community), at=at)
    plain = Ticket(
        id=promised.next_id,
        town=store.town,
        community=community,
        number=promised.next_number,
        category="water_supply",
        urgency=Urgency.URGENT,
        state=State.OPEN,
        opened_at=at,
        touched_at=at,
        matter="厨房水管漏水",
        place=Place(estate="jinxiu", building="2", unit="3", room="502"),
        grid="g3",
        reporter=WANG,
        reporter_name="王姐",
        room=ROOM,
        opened_by="sandbox:a:1",
        claim_due=at + 15 * MINUTE,
        solve_due=at + 2 * HOUR,
        voices=(voice(WANG, name="王姐", kind="reporter"),),
        terms=("水管",),
    )
    return replace(plain, **fields)


def voice(person: str, *, name: str = "", kind: str = "me_too", home: str = "") -> Voice:
    return Voice(person=person, name=name, room=ROOM, kind=kind, home=home)


def opened(store: Store, **fields: object) -> Ticket:
    """A ticket that was recorded by itself."""
    new = ticket(store, **fields)  # type: ignore[arg-type] # passed through
    store.record(None, [OpenTicket(ticket=new)], at=new.opened_at)
    return new


def moved(before: Ticket, move: Move, *, at: datetime = AT, **fields: object) -> ChangeTicket:
    """A move of a ticket, with other fields set beside it."""
    state = after(before, move)
    new = replace(before, state=state, touched_at=at, **fields)
    return ChangeTicket(before=before, after=new, move=move, state=state, by="zhou", at=at)


def move(store: Store, id: int, *moves: Move, at: datetime = AT, **fields: object) -> Ticket:
    """A ticket after moves that were recorded one by one."""
    for each in moves:
        before = store.ticket(id)
        assert before is not None
        store.record(None, [moved(before, each, at=at, **fields)], at=at)
    found = store.ticket(id)
    assert found is not None
    return found


def joined(ticket: int, message: str, person: str = WANG, **fields: object) -> JoinMessage:
    plain = JoinMessage(
        ticket=ticket, message=message, kind="more", person=person, text="还在漏", at=AT
    )
    return replace(plain, **fields)


def say(text: str = "记下了 #1", **fields: object) -> Say:
    plain = Say(key="noted", at=AT, text=text)
    fields = fields if {"room", "member", "person"} & fields.keys() else {"room": ROOM, **fields}
    return replace(plain, **fields)


def numbers(store: Store, wanted: Wanted, *, at: datetime = AT) -> list[int]:
    """The permanent ids that are recalled, in order."""
    return [found.id for found in store.recall(wanted, at=at).tickets]


def record(store: Store, *effects: Effect, key: str | None = None, at: datetime = AT) -> bool:
    return store.record(key, effects, at=at)


def town(name: str) -> Directory:
    """A small town with one of everything."""
    leave = Leave(first=AT.date(), last=AT.date() + 2 * DAY, stand_in="zhou")
    posts = (Post(role="grid_head", grid="g3"), Post(role="info", grid="g2"))
    return Directory(
        town=name,
        town_name="启智镇",
        communities={HERE: Community(key=HERE, name="启智社区", grid="g2", duty="拨 110")},
        grids={
            "g2": Grid(key="g2", name="二级", level=2, community=HERE),
            "g3": Grid(key="g3", name="三级", level=3, parent="g2", community=HERE, kind="street"),
        },
        estates={
            "jinxiu": Estate(
                key="jinxiu", name="进修", community=HERE, grid="g2", nicknames=("进修院",)
            )
        },
        buildings={
            ("jinxiu", "2"): (
                Building(estate="jinxiu", number="2", grid="g3", units=("1", "2")),
                Building(estate="jinxiu", number="2", grid="g2", units=("3",)),
            )
        },
        landmarks=(Landmark(name="老井", grid="g3", estate="jinxiu", nicknames=("井边",)),),
        rooms={
            ROOM: Room(handle=ROOM, name="进修小区", community=HERE, estate="jinxiu"),
            "sandbox:work": Room(handle="sandbox:work", name="工作群", community=HERE, kind="work"),
        },
        members={
            "zhou": Member(
                key="zhou", name="周", posts=posts, nicknames=("网格长周",), leaves=(leave,)
            ),
            "li": Member(
                key="li",
                name="李",
                skills=("plumber",),
                deputy="zhou",
                daily_cap=3,
                email="li@example.cn",
            ),
        },
        bindings={"sandbox:zhou": "zhou"},
    )
