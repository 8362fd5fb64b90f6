"""What a message means: the result of understanding one text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Intent(StrEnum):
    """What a resident's message is, as in the label guide."""

    REQUEST = "request"
    FOLLOW_UP = "follow_up"
    THANKS_RESOLVED = "thanks_resolved"
    INQUIRY = "inquiry"
    NOTICE = "notice"
    AD = "ad"
    CHATTER = "chatter"


class Urgency(StrEnum):
    """How soon somebody must act."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"


class Band(StrEnum):
    """How sure the reader is that a message is a request."""

    SURE = "sure"
    UNSURE = "unsure"
    NOT = "not"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where, as written. `estate` is a key of the directory once resolved; the rest is as written.

    `3-2-501` reads building 3, unit 2, floor None, room 501.
    """

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    landmark: str | None = None

    def __bool__(self) -> bool:
        return any((self.building, self.unit, self.floor, self.room, self.landmark))

    def filled_by(self, other: Place) -> Place:
        """The place with its holes filled from another one; what is known stays."""
        return Place(
            estate=self.estate or other.estate,
            building=self.building or other.building,
            unit=self.unit or other.unit,
            floor=self.floor or other.floor,
            room=self.room or other.room,
            landmark=self.landmark or other.landmark,
        )

    def agrees_with(self, other: Place) -> bool:
        """Whether nothing that both name differs."""
        pairs = (
            (self.estate, other.estate),
            (self.building, other.building),
            (self.unit, other.unit),
            (self.room, other.room),
        )
        return all(a is None or b is None or a == b for a, b in pairs)


NOWHERE = Place()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One message, read.

    `confidence` is the calibrated probability in 0..1 that it is a request. `categories` are
    (key, probability) pairs, best first; `category` is the first of them or None. `danger` says
    that the safety guard saw an emergency by itself, whatever the model thinks.
    """

    intent: Intent
    confidence: float
    band: Band
    category: str | None = None
    urgency: Urgency = Urgency.NORMAL
    place: Place = NOWHERE
    categories: tuple[tuple[str, float], ...] = ()
    danger: bool = False
    me_too: bool = False
    """`俺家也是`, `+1`, `3号楼也没有`: the same trouble somewhere else or at another home."""
    urging: bool = False
    """`咋还没来人`: asks where the work stands."""
    again: bool = False
    """`又漏了`, `还没好`: says that a thing called done is not."""
    resolved: bool = False
    """`好了`, `不漏了`, `来水了`: says that it is over."""
    alone: float = 0.0
    """Probability of a request by the words alone, whatever surrounds them."""
    by_words: Intent = Intent.CHATTER
    """The intent by the words alone."""
    terms: tuple[str, ...] = field(default=())
    """Concrete things named (`水管`, `路灯`), for telling two matters apart."""

    @property
    def is_request(self) -> bool:
        """Whether somebody on the grid must start acting or answering."""
        return self.intent is Intent.REQUEST
