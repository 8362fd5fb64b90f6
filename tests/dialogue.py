"""Runs a YAML dialogue through the whole house, with a clock that moves as the dialogue says.

A dialogue is a list of lines:

    - 王姐: 我家厨房水管漏水了            # in the dialogue's `room`
    - 王姐 @保健院小区QQ群: 俺家也是       # in another room; `@私聊` is a private chat
    - 赵哥 > 王姐: 我去                  # quoting the last thing 王姐 said
    - 赵哥 > bot: 我去                   # quoting the last thing the product said there
    - 王姐 x9000: 漏水了                 # the same words over and over, in one message
    - +70s                              # time passes: s, m, h, d
    - down 3d                           # time passes while the product is switched off
    - again 王姐                        # the channel delivers her last message once more
    - login                             # the account logs in anew: nobody's handle is the old one
    - recall 王姐                       # she takes her last message back
    - bot: 王姐，记下了 #1…              # said in the room; `…` stands for anything
    - bot @李师傅: #1…能去吗…            # said to somebody alone
    - silent                            # nothing was said that was not looked at
    - ticket 1: {state: claimed, category: water_supply, households: 3}
    - words 1: [漏水了, 还在漏]           # everything kept with it so far
    - code: 王姐                        # she sends a fresh binding code of hers in private
    - tickets: 2                        # how many there are
    - learnt: ["request street_light: 灯不亮"]  # every example kept so far
    - ignore                            # what was said so far does not matter here

Beside `title` and `lines` a dialogue may say `room`, `start`, `private: false` (the channel has no
private chats) and `cautious: true` (the reader is hardly ever sure).
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.app import rules_of
from bot.channels.base import Capabilities
from bot.config import load_config
from bot.loop import House
from bot.replay.player import Player, Said
from bot.wakings import Timekeeper
from domain.calendar import LOCAL
from domain.events import IdScope, Message, Recalled
from domain.grid import Building, Community, Directory, Estate, Grid, Member, Post, Room
from domain.ticket import Ticket
from handlers.understanding import Bands, default_reader
from storage.store import Store

_CAUTIOUS = Bands(sure=1.5, ask=0.1, bare=1.5)
"""A reader that is never sure but of a danger: it asks the information officer."""
HERE = Path(__file__).parent / "dialogues"
ROOT = Path(__file__).parent.parent
_STEP = re.compile(r"\+(\d+)([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PRIVATE = "私聊"
_PRIVATE_WAYS = Capabilities(can_mention=True, can_private=True)
_ROOMS_ONLY = Capabilities(can_mention=True, can_private=False)


def town(path: Path = HERE / "town.yaml") -> Directory:
    """The town of the dialogues."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    home = data["community"]
    top = Grid(key="G1-1", name="一级网格", level=1)
    middle = Grid(key="G2-1", name="二级网格", level=2, parent="G1-1", community=home["key"])
    small = {
        row["grid"]: Grid(
            key=row["grid"], name=row["grid"], level=3, parent="G2-1", community=home["key"]
        )
        for row in data["estates"].values()
    }
    estates = {
        name: Estate(key=name, name=name, community=home["key"], grid=row["grid"])
        for name, row in data["estates"].items()
    }
    buildings = {
        (estate, str(number)): (Building(estate=estate, number=str(number), grid=grid),)
        for estate, grids in data["buildings"].items()
        for grid, numbers in grids.items()
        for number in numbers
    }
    members = {
        name: Member(
            key=name,
            name=name,
            posts=tuple(Post(role=p.split("@")[0], grid=p.split("@")[1]) for p in row["posts"]),
            skills=tuple(row.get("skills", ())),
            fields=tuple(row.get("fields", ())),
            deputy=row.get("deputy"),
        )
        for name, row in data["members"].items()
    }
    return Directory(
        town="test",
        town_name=data["town"],
        communities={home["key"]: Community(**home, grid="G2-1")},
        grids={"G1-1": top, "G2-1": middle, **small},
        estates=estates,
        buildings=buildings,
        rooms={
            handle: Room(
                handle=handle,
                name=handle.split(":")[1],
                community=home["key"],
                kind=row.get("kind", "residents"),
                estate=row.get("estate", ""),
            )
            for handle, row in data["rooms"].items()
        },
        members=members,
        bindings={f"{c}:{name}": name for name in members for c in ("wechat", "qq")},
    )


@dataclass
class Stage:
    """The house on a stage: say something, let time pass, look at what was said."""

    room: str
    start: datetime
    private: bool = True
    cautious: bool = False
    unseen: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = load_config(ROOT / "config.yaml", {})
        self.store = Store.open("sqlite://", "test")
        weakref.finalize(self, self.store.close)
        self.store.replace_directory(town())
        reader = replace(default_reader(), bands=_CAUTIOUS) if self.cautious else default_reader()
        self.house = House(self.store, rules_of(config), reader.read)
        self.player = Player(
            house=self.house,
            timekeeper=Timekeeper(self.house, since=self.start),
            now=self.start,
            on_said=self.unseen.append,
            capabilities=_PRIVATE_WAYS if self.private else _ROOMS_ONLY,
            account="stage",
        )
        self.last: dict[str, Message] = {}
        self.count = 0
        self.logins = 0

    def close(self) -> None:
        self.store.close()

    def say(self, who: str, text: str, room: str | None = None, quoting: str | None = None) -> None:
        """Somebody speaks; ten seconds pass with every line."""
        self.count += 1
        where = room or self.room
        private = where == _PRIVATE
        rooms = self.store.directory().rooms
        handle = next((h for h in rooms if h.split(":")[1] == where), f"wechat:{where}")
        message = Message(
            channel="wechat" if private else handle.split(":")[0],
            account="stage",
            id=f"m{self.count}",
            at=self.player.now + timedelta(seconds=10),
            sender=f"{self.logins}.{who}" if self.logins else who,
            sender_name=who,
            id_scope=IdScope.LOGIN if self.logins else IdScope.GLOBAL,
            text=text,
            room=None if private else handle.split(":", 1)[1],
            reply_to=self._quoted(quoting, where),
            images=tuple(f"p{n}" for n in range(min(9, text.count("[图片]")))),
            mentions_me="@小格" in text,
        )
        self.last[who] = message
        self.player.hear(message)

    def _quoted(self, who: str | None, where: str) -> str | None:
        if who != "bot":
            return self.last[who].id if who else None
        return next(s.id for s in reversed(self.player.said) if s.room == where)

    def code(self, who: str) -> str:
        """A fresh binding code of a member."""
        until = self.player.now + timedelta(days=1)
        return self.store.new_code(who, self.player.now, until)

    def again(self, who: str) -> None:
        """The channel delivers somebody's last message once more, as it was."""
        self.player.hear(self.last[who])

    def recall(self, who: str) -> None:
        """Somebody takes their last message back."""
        last, at = self.last[who], self.player.now
        self.house.take(
            Recalled(channel=last.channel, account="stage", id=last.id, at=at, message=last.key)
        )

    def sleep(self, length: timedelta) -> None:
        """Nobody listens and nothing is sent for a while; then the product is back."""
        self.player.now += length
        self.wait(timedelta(seconds=1))

    def wait(self, length: timedelta) -> None:
        self.player.pass_until(self.player.now + length)


def play(data: dict[str, Any], prepare: Callable[[Stage], None] = lambda _stage: None) -> None:
    """Run one dialogue; AssertionError names the line that did not come true."""
    start = datetime.fromisoformat(str(data.get("start", "2026-11-24T09:00:00+08:00")))
    stage = Stage(
        room=data.get("room", "进修小区群"),
        start=start.astimezone(LOCAL),
        private=data.get("private", True),
        cautious=data.get("cautious", False),
    )
    try:
        prepare(stage)
        for number, line in enumerate(data["lines"], 1):
            _line(stage, line, f"line {number} ({line!r})")
    finally:
        stage.close()


def _line(stage: Stage, line: Any, where: str) -> None:
    if isinstance(line, str):
        _bare(stage, line, where)
        return
    ((key, value),) = line.items()
    if key.startswith("bot"):
        _expect(stage, key, str(value), where)
    elif key == "tickets":
        found = len(stage.store.tickets())
        assert found == value, f"{where}: there are {found} tickets\n{_all(stage)}"
    elif key == "learnt":
        kept = [f"{t.intent} {t.category or '-'}: {t.text}" for t in stage.store.lessons()]
        assert kept == value, f"{where}: learnt {kept}"
    elif key.startswith("words "):
        ticket = _ticket(stage, key.removeprefix("words ").strip(), where)
        kept = [m.text for m in stage.store.messages(ticket.id)]
        assert kept == value, f"{where}: kept {kept}\n{_all(stage)}"
    elif key.startswith("ticket "):
        _look(stage, key.removeprefix("ticket ").strip(), value, where)
    elif key == "code":
        stage.say(str(value), f"绑定 {stage.code(str(value))}", _PRIVATE)
    else:
        who, _, rest = key.partition(" ")
        times = re.search(r"x(\d+)", rest)
        room = re.search(r"@(\S+)", rest)
        quoting = re.search(r"> (\S+)", rest)
        stage.say(
            who,
            str(value) * (int(times.group(1)) if times else 1),
            room and room.group(1),
            quoting.group(1) if quoting else None,
        )


def _length(step: re.Match[str]) -> timedelta:
    return timedelta(seconds=int(step.group(1)) * _UNITS[step.group(2)])


def _bare(stage: Stage, line: str, where: str) -> None:
    word, _, rest = line.partition(" ")
    if step := _STEP.fullmatch(line.strip()):
        stage.wait(_length(step))
    elif word == "down" and (step := _STEP.fullmatch("+" + rest)):
        stage.sleep(_length(step))
    elif word == "again":
        stage.again(rest)
    elif word == "recall":
        stage.recall(rest)
    elif line == "login":
        stage.logins += 1
    elif line == "silent":
        assert not stage.unseen, f"{where}: said instead:\n{_said(stage)}"
    elif line == "ignore":
        stage.unseen.clear()
    else:
        raise AssertionError(f"{where}: is no line of a dialogue")


def _expect(stage: Stage, key: str, pattern: str, where: str) -> None:
    target = key.partition("@")[2].strip()
    wanted = re.compile(".*".join(re.escape(p) for p in pattern.split("…")) + r"\Z", re.DOTALL)
    for said in stage.unseen:
        room = said.room.removeprefix("@")
        if room == (target or stage.room) and wanted.match(said.text):
            stage.unseen.remove(said)
            return
    raise AssertionError(f"{where}: was not said; unseen:\n{_said(stage)}\n{_all(stage)}")


def _ticket(stage: Stage, label: str, where: str) -> Ticket:
    ticket = next((t for t in stage.store.tickets() if t.label == label), None)
    assert ticket is not None, f"{where}: there is none\n{_all(stage)}"
    return ticket


def _look(stage: Stage, label: str, wanted: dict[str, Any], where: str) -> None:
    ticket = _ticket(stage, label, where)
    for name, value in wanted.items():
        of_place = name in ("building", "unit", "room", "landmark", "estate")
        found = getattr(ticket.place if of_place else ticket, name)
        text = list(found) if isinstance(found, tuple) else getattr(found, "value", found)
        assert text == value, f"{where}: {name} is {text!r}\n{_all(stage)}"


def _said(stage: Stage) -> str:
    return "\n".join(f"  {s.at:%H:%M:%S} {s.room}: {s.text}" for s in stage.unseen) or "  nothing"


def _all(stage: Stage) -> str:
    return "\n".join(
        f"  ticket {t.label}: {t.category} {t.urgency} {t.state} {t.place} {t.assignee}"
        for t in stage.store.tickets()
    )
