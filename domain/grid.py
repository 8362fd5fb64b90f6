"""Who is where: the town's grids, estates, rooms and members, as one frozen picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

ROLES = (
    "grid_head",
    "police_head",
    "party_head",
    "info",
    "security",
    "sanitation",
    "civil",
    "family",
    "mediator",
)
"""三长六员: the nine posts of a grid."""

HANDLERS = (
    "property",
    "utility",
    "utility.heat",
    "utility.water",
    "utility.power",
    "utility.gas",
    "utility.lift",
    "volunteer",
    "provider",
    "dept",
    "cobuild",
)
"""Those who work beside the nine posts."""

SUPERVISORS = ("supervisor",)
KNOWN_ROLES = ROLES + HANDLERS + SUPERVISORS

SKILLS = (
    "plumber",
    "electrician",
    "locksmith",
    "carpenter",
    "appliance",
    "driver",
    "nurse",
    "carer",
    "teacher",
    "lawyer",
    "mediator",
    "it",
    "haircut",
    "patrol",
    "snow",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A node of the grid tree; level 1 is the widest. `parent` is None at the root."""

    key: str
    name: str
    level: int
    parent: str | None = None
    community: str = ""
    kind: str = "residential"
    """`residential` | `unit` | `market` | `building` | `street`"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Community:
    """A 社区: numbers of tickets, digests and supervisors belong to it."""

    key: str
    name: str
    grid: str = ""
    duty: str = ""
    """What to tell people to dial when no member can be reached, as the town writes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estate:
    """A housing estate; `nicknames` are what people call it."""

    key: str
    name: str
    community: str
    grid: str
    nicknames: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Building:
    """One building, or some units of it, and the grid that answers for them."""

    estate: str
    number: str
    grid: str
    units: tuple[str, ...] = ()
    """Empty: the whole building."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmark:
    """A spot that people name instead of an address."""

    name: str
    grid: str
    estate: str = ""
    nicknames: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A group chat that the product serves; `handle` is `channel:room`."""

    handle: str
    name: str
    community: str
    kind: str = "residents"
    """`residents` | `work`"""
    estate: str = ""
    grid: str = ""
    allowed: bool = True
    muted_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A role held in a grid (and so below it)."""

    role: str
    grid: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """Away from one day to another, both included; `stand_in` is a member or None."""

    first: date
    last: date
    stand_in: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody who works on tickets."""

    key: str
    name: str
    posts: tuple[Post, ...] = ()
    skills: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """分管: the categories that this deputy leader answers for; empty: all."""
    deputy: str | None = None
    leaves: tuple[Leave, ...] = ()
    nicknames: tuple[str, ...] = ()
    """How colleagues write the name in chat (`李师傅`, `赵哥`)."""
    daily_cap: int = 0
    """Offers a volunteer takes in a day; 0: no limit."""
    email: str = ""
    """Where words go that reach the member by no chat; empty: nowhere."""

    def away(self, day: date) -> bool:
        return any(leave.first <= day <= leave.last for leave in self.leaves)

    def has_role(self, role: str) -> bool:
        return any(p.role == role or p.role.startswith(role + ".") for p in self.posts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Directory:
    """The town as decisions see it. Changing the roster makes a new one."""

    town: str
    town_name: str = ""
    communities: Mapping[str, Community] = field(default_factory=dict[str, Community])
    grids: Mapping[str, Grid] = field(default_factory=dict[str, Grid])
    estates: Mapping[str, Estate] = field(default_factory=dict[str, Estate])
    buildings: Mapping[tuple[str, str], tuple[Building, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[Building, ...]]
    )
    landmarks: tuple[Landmark, ...] = ()
    rooms: Mapping[str, Room] = field(default_factory=dict[str, Room])
    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    bindings: Mapping[str, str] = field(default_factory=dict[str, str])
    """person handle -> member key"""
    opted_out: frozenset[str] = frozenset()
    """Handles of persons who asked never to be judged."""
    version: int = 0
    _posted: Mapping[str, tuple[Member, ...]] = field(init=False, repr=False, compare=False)
    """Grid key -> who holds any post in it, in roster order."""
    _supervisors: tuple[Member, ...] = field(init=False, repr=False, compare=False)
    _handles: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _called: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    """(name or nickname, member key) of everybody who is bound."""

    def __post_init__(self) -> None:
        posted: dict[str, list[Member]] = {}
        for member in self.members.values():
            for key in dict.fromkeys(p.grid for p in member.posts):
                posted.setdefault(key, []).append(member)
        supervisors = [m for m in self.members.values() if m.has_role("supervisor")]
        object.__setattr__(self, "_posted", {key: tuple(held) for key, held in posted.items()})
        object.__setattr__(self, "_supervisors", tuple(supervisors))
        handles: dict[str, list[str]] = {}
        for handle, key in self.bindings.items():
            handles.setdefault(key, []).append(handle)
        object.__setattr__(self, "_handles", {key: tuple(held) for key, held in handles.items()})
        bound = [m for m in self.members.values() if m.key in handles]
        called = tuple((name, m.key) for m in bound for name in (m.name, *m.nicknames))
        object.__setattr__(self, "_called", called)

    def member_behind(self, person: str) -> Member | None:
        """The member bound to this handle, or None. A nickname never counts."""
        key = self.bindings.get(person)
        return None if key is None else self.members.get(key)

    def handles_of(self, member: str) -> tuple[str, ...]:
        """Every account a member is bound on."""
        return self._handles.get(member, ())

    def bound_as(self, name: str) -> list[Member]:
        """The bound members whose name or nickname is part of this one. It proves nothing."""
        keys = dict.fromkeys(key for called, key in self._called if called in name)
        return [self.members[key] for key in keys]

    def chain(self, grid: str) -> tuple[Grid, ...]:
        """A grid and all above it, nearest first; stops at a loop or a hole."""
        found: list[Grid] = []
        key: str | None = grid
        while key is not None and (node := self.grids.get(key)) and node not in found:
            found.append(node)
            key = node.parent
        return tuple(found)

    def posted(self, role: str, grid: str) -> tuple[Member, ...]:
        """Members holding a role in exactly this grid, in roster order.

        `utility` is held by anybody of `utility.*`, and a bare `utility` post answers for all.
        """
        return tuple(
            m
            for m in self._posted.get(grid, ())
            if any(p.grid == grid and _same_role(p.role, role) for p in m.posts)
        )

    def work_rooms(self, community: str) -> tuple[Room, ...]:
        return tuple(
            r for r in self.rooms.values() if r.kind == "work" and r.community == community
        )

    def supervisors(self, community: str) -> tuple[Member, ...]:
        """Supervisors posted at the community's grid or above it."""
        home = self.communities.get(community)
        if home is None:
            return ()
        keys = {g.key for g in self.chain(home.grid)}
        return tuple(
            m
            for m in self._supervisors
            if any(p.role == "supervisor" and p.grid in keys for p in m.posts)
        )


def _same_role(held: str, asked: str) -> bool:
    return held == asked or held.startswith(asked + ".") or asked.startswith(held + ".")
