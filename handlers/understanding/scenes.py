"""Labelled scenes of running talk: reads their tables, and replays what a reader would know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources

from domain.errors import XiaogeError
from domain.reading import NOWHERE, Intent, Place, Reading
from handlers.understanding.context import Context, Matter, Said
from handlers.understanding.corpus import INTENTS, URGENCIES, Example, place_of
from handlers.understanding.normalise import normalise
from handlers.understanding.place import canonical
from handlers.zh.rooms import WORK_ROOM

_COLUMNS = 12
STAFF = "S"
SCENES = "scenes"
"""The writer of examples taken from scenes."""
_KEPT_MINUTES = 10.0
_PREVIOUS = 6
_MATTERS = 12
_JOINED = frozenset({Intent.REQUEST, Intent.FOLLOW_UP, Intent.THANKS_RESOLVED})


@dataclass(frozen=True, kw_only=True, slots=True)
class SceneLine:
    """One labelled message. `intent` is None for members who answer, work and report back."""

    scene: str
    seconds: int
    channel: str
    room: str
    sender: str
    role: str
    intent: Intent | None
    categories: tuple[str, ...]
    urgency: str
    place: Place
    ticket: str
    acts: tuple[str, ...]
    text: str

    @property
    def staff(self) -> bool:
        return self.role != "resident"

    @property
    def meant(self) -> Intent:
        """What a line is; of members at work: more about a matter."""
        if self.intent is not None:
            return self.intent
        return Intent.FOLLOW_UP if self.ticket else Intent.CHATTER


def parse_scenes(table: str, source: str) -> Iterator[SceneLine]:
    """The lines of one table (tab-separated, see the corpus card); a bad line raises."""
    for number, row in enumerate(table.splitlines(), 1):
        cells = row.split("\t")
        if len(cells) != _COLUMNS or (cells[6] not in INTENTS and cells[6] != STAFF):
            raise XiaogeError(
                f"{source}.tsv line {number}: expected {_COLUMNS} columns and an intent letter, "
                f"found {len(cells)} columns; mend the line"
            )
        urgency, _, written = cells[8].partition(" ")
        yield SceneLine(
            scene=cells[0],
            seconds=int(cells[1]),
            channel=cells[2],
            room=cells[3],
            sender=cells[4],
            role=cells[5],
            intent=INTENTS.get(cells[6]),
            categories=() if cells[7] == "-" else tuple(cells[7].split("/")),
            urgency=urgency,
            place=place_of(written) if written else NOWHERE,
            ticket="" if cells[9] == "-" else cells[9],
            acts=() if cells[10] == "-" else tuple(cells[10].split(",")),
            text=cells[11].replace("\\n", "\n"),
        )


Scene = tuple[SceneLine, ...]


def load_scenes() -> tuple[Scene, ...]:
    """Every scene that came with the product, in a fixed order."""
    folder = resources.files("handlers.understanding").joinpath("corpus_scenes")
    scenes: dict[str, list[SceneLine]] = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        for line in parse_scenes(file.read_text(encoding="utf-8"), file.name.removesuffix(".tsv")):
            scenes.setdefault(line.scene, []).append(line)
    return tuple(tuple(lines) for lines in scenes.values())


_LEANING = frozenset({Intent.FOLLOW_UP, Intent.THANKS_RESOLVED})
"""What often means something else without the talk around it."""
_CHATTER = 0.5


def lines_alone(scenes: Sequence[Scene], *, apart_from: Sequence[Example]) -> list[Example]:
    """The lines as single messages; what cannot be understood alone only tells of running talk."""
    known = {normalise(e.text).text for e in apart_from}
    found: dict[str, Example] = {}
    for line in (line for scene in scenes for line in scene):
        plain = normalise(line.text).text
        if not plain or plain in known:
            continue
        alone = not line.staff and line.intent is not None and line.intent not in _LEANING
        found[plain] = Example(
            text=line.text,
            intent=line.meant,
            categories=line.categories,
            urgency=URGENCIES.get(line.urgency),
            place=line.place,
            source=f"{SCENES}-{line.scene}",
            weight=0.0 if not alone else _CHATTER if line.intent is Intent.CHATTER else 1.0,
            talk=1.0,
            me_too="metoo" in line.acts if line.intent is Intent.FOLLOW_UP else None,
        )
    return list(found.values())


@dataclass(slots=True)
class _Known:
    """A matter of a scene as far as it was told."""

    category: str
    text: str
    place: Place
    touched: int
    people: set[str] = field(default_factory=set[str])
    rooms: set[str] = field(default_factory=set[str])
    finished: bool = False


@dataclass(slots=True)
class Following:
    """What the house would know while a scene goes on, line by line."""

    _known: dict[str, _Known] = field(default_factory=dict[str, _Known])
    _said: list[tuple[SceneLine, Reading]] = field(default_factory=list[tuple[SceneLine, Reading]])

    def context(self, line: SceneLine) -> Context:
        """What is known when this line is heard."""
        recent = [
            (said, reading)
            for said, reading in self._said
            if said.room == line.room and line.seconds - said.seconds <= _KEPT_MINUTES * 60
        ]
        return Context(
            previous=tuple(
                Said(
                    text=said.text,
                    minutes=(line.seconds - said.seconds) / 60,
                    same_person=said.sender == line.sender,
                    reading=reading,
                    staff=said.staff,
                )
                for said, reading in recent[-_PREVIOUS:]
            ),
            matters=tuple(
                Matter(
                    category=k.category,
                    minutes=(line.seconds - k.touched) / 60,
                    own=line.sender in k.people,
                    finished=k.finished,
                    place=k.place,
                    text=k.text,
                )
                for k in self._here(line)[:_MATTERS]
            ),
            staff=line.staff,
        )

    def hear(self, line: SceneLine, reading: Reading, *, heard_as: Intent | None = None) -> None:
        """Go on: the line was said, and became part of its matter.

        `heard_as` is what a reader takes a resident's line for: what belongs to nothing then
        joins what was spoken of last, or becomes a matter, and what is not heard is not joined.
        Without it the house is faultless.
        """
        self._said.append((line, reading))
        if heard_as is None or line.staff or "open" in line.acts:
            self._tell(line, reading)
        elif line.ticket:
            if heard_as in _JOINED:
                self._tell(line, reading)
        elif heard_as is Intent.REQUEST:
            self._know(f"?{len(self._said)}", line, reading)
        elif heard_as in _JOINED and (here := self._here(line)):
            here[0].touched = line.seconds

    def _here(self, line: SceneLine) -> list[_Known]:
        """The matters of a line's room, last spoken of first."""
        work = WORK_ROOM in line.room
        here = [k for k in self._known.values() if work or line.room in k.rooms]
        return sorted(here, key=lambda k: -k.touched)

    def _tell(self, line: SceneLine, reading: Reading) -> None:
        if not line.ticket:
            return
        known = self._known.get(line.ticket)
        if known is None:
            if "open" not in line.acts:
                return
            known = self._know(line.ticket, line, reading)
        known.touched = line.seconds
        known.place = known.place.filled_by(canonical(reading.place))
        known.rooms.add(line.room)
        if not line.staff or "open" in line.acts:
            known.people.add(line.sender)
        if "done" in line.acts:
            known.finished = True
        if "reopen" in line.acts:
            known.finished = False

    def _know(self, name: str, line: SceneLine, reading: Reading) -> _Known:
        category = line.categories[0] if line.categories else reading.category or "other"
        self._known[name] = _Known(
            category=category,
            text=line.text,
            place=canonical(reading.place),
            touched=line.seconds,
            people={line.sender},
            rooms={line.room},
        )
        return self._known[name]


def told(
    scenes: Sequence[Scene],
) -> Iterator[tuple[SceneLine, Following]]:
    """Every line of every scene, with what is known before it; the caller lets it be heard."""
    for scene in scenes:
        following = Following()
        for line in scene:
            yield line, following
