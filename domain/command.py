"""What somebody asks the product to do, read out of a plain reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.reading import NOWHERE, Place


class Act(StrEnum):
    """Everything that can be asked in chat."""

    # work on a ticket
    CLAIM = "claim"
    DECLINE = "decline"
    ETA = "eta"
    ARRIVE = "arrive"
    PROGRESS = "progress"
    DONE = "done"
    NOT_DONE = "not_done"
    RELEASE = "release"
    TRANSFER = "transfer"
    CALL_IN = "call_in"
    """`23找供热`: keep it and call a utility or the property company in."""
    PAUSE = "pause"
    RESUME = "resume"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    RETURN = "return"
    COUNCIL = "council"
    DECIDE = "decide"
    # correct a ticket
    MERGE = "merge"
    SPLIT = "split"
    SET_CATEGORY = "set_category"
    SET_PLACE = "set_place"
    SET_URGENCY = "set_urgency"
    DISMISS = "dismiss"
    BUILD = "build"
    NOT_BUILD = "not_build"
    UNDO = "undo"
    # ask
    MY_WORK = "my_work"
    TODAY = "today"
    OVERDUE = "overdue"
    UNCLAIMED = "unclaimed"
    DETAIL = "detail"
    WHERE = "where"
    DIGEST = "digest"
    WEEKLY = "weekly"
    STATISTICS = "statistics"
    HELP = "help"
    # press
    URGE = "urge"
    # report for others, be away
    RELAY = "relay"
    VISIT = "visit"
    LEAVE = "leave"
    BACK = "back"
    # rooms
    MUTE = "mute"
    UNMUTE = "unmute"
    ROOM_ON = "room_on"
    ROOM_OFF = "room_off"
    # residents
    CONFIRM = "confirm"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    MY_CASES = "my_cases"
    ERASE = "erase"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WHO_ARE_YOU = "who_are_you"
    WHAT_KEPT = "what_kept"
    BIND = "bind"


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """An act with what was said beside it.

    `certain` is False when it was read out of free talk (`我马上到`) rather than a fixed phrase
    or a number; the context must then say which ticket is meant.
    """

    act: Act
    number: int | None = None
    part: int = 0
    into: int | None = None
    """The ticket to merge into."""
    when: datetime | None = None
    """The time promised or named, aware."""
    until: datetime | None = None
    who: str = ""
    """A name as written: to transfer to, to stand in, to call in (`供热`)."""
    reason: str = ""
    category: str | None = None
    urgency: str | None = None
    place: Place = NOWHERE
    text: str = ""
    """What is left of the message: the report after `代报`, the decision after `决定`."""
    code: str = ""
    certain: bool = True
    addressed: bool = False
    """The product was called by its name or mentioned."""
