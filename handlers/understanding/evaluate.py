"""Measures the reader on labelled messages: every figure of the report, as data, text and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from domain.reading import Band, Intent, Reading, Urgency
from handlers.understanding.corpus import Example, frozen, load_corpus
from handlers.understanding.reader import Reader
from handlers.understanding.scores import CATEGORIES

_PLACES = ("building", "unit", "room")
_QUIET = (Intent.NOTICE, Intent.AD, Intent.THANKS_RESOLVED)
_BINS = 10
_WORST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One message read wrongly; `confidence` is what the reader gave for a request."""

    text: str
    source: str
    expected: str
    found: str
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """Messages whose confidence lies in one tenth: how many, what was said, what was true."""

    count: int
    said: float
    true: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryFigure:
    """How well requests of one category find it; an acceptable alternative counts as right."""

    key: str
    requests: int
    f1: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Figures in 0..1; every share has its denominator beside it."""

    messages: int
    requests: int
    precision: float
    recall: float
    f1: float
    asked: float
    """Share of all messages in the unsure band."""
    requests_seen: float
    """Share of requests that are captured or asked about."""
    emergencies: int
    emergency_recall: float
    emergency_captured: float
    emergency_seen: float
    emergency_misses: tuple[str, ...]
    quiet: int
    false_quiet: float
    """False captures on notices, ads and thanks."""
    chatter: int
    false_per_1000_chatter: float
    intent_accuracy: float
    category_accuracy: float
    category_macro_f1: float
    """Mean F1 over the categories that occur."""
    categories: tuple[CategoryFigure, ...]
    urgency_accuracy: float
    places: int
    place_exact: float
    """Building, unit and room all as labelled, among messages with one of them."""
    calibration_error: float
    calibration: tuple[Bin, ...]
    worst: tuple[Mistake, ...]

    def to_json(self) -> dict[str, object]:
        """The same as plain data."""
        return asdict(self)

    def text(self) -> str:
        """The report for a terminal."""
        return _as_text(self)


def evaluate_frozen(reader: Reader) -> Report:
    """The report on the frozen part of the corpus: single messages, no context."""
    return evaluate(frozen_part(), reader)


def frozen_part() -> tuple[Example, ...]:
    """The lines that are never trained on."""
    corpus = load_corpus()
    return tuple(e for e, out in zip(corpus, frozen(corpus).tolist(), strict=True) if out)


def evaluate(examples: Iterable[Example], reader: Reader) -> Report:
    """The report on examples. Those with a context are left out: their labels need it."""
    pairs = [(e, reader.read(e.text)) for e in examples if not e.context]
    requests = [(e, r) for e, r in pairs if e.intent is Intent.REQUEST]
    captured = [(e, r) for e, r in pairs if r.is_request]
    right = sum(e.intent is Intent.REQUEST for e, _ in captured)
    precision, recall = _share(right, len(captured)), _share(right, len(requests))
    grave = [(e, r) for e, r in requests if e.urgency is Urgency.EMERGENCY]
    quiet = [(e, r) for e, r in pairs if e.intent in _QUIET]
    chatter = [(e, r) for e, r in pairs if e.intent is Intent.CHATTER]
    placed = [(e, r) for e, r in pairs if any(getattr(e.place, p) for p in _PLACES)]
    bins = _bins(pairs)
    categories = _categories(requests)
    return Report(
        messages=len(pairs),
        requests=len(requests),
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        asked=_share(sum(r.band is Band.UNSURE for _, r in pairs), len(pairs)),
        requests_seen=_share(sum(r.band is not Band.NOT for _, r in requests), len(requests)),
        emergencies=len(grave),
        emergency_recall=_share(sum(_alarmed(r) for _, r in grave), len(grave)),
        emergency_captured=_share(sum(r.is_request for _, r in grave), len(grave)),
        emergency_seen=_share(sum(r.band is not Band.NOT for _, r in grave), len(grave)),
        emergency_misses=tuple(e.text for e, r in grave if not _alarmed(r)),
        quiet=len(quiet),
        false_quiet=_share(sum(r.is_request for _, r in quiet), len(quiet)),
        chatter=len(chatter),
        false_per_1000_chatter=1000 * _share(sum(r.is_request for _, r in chatter), len(chatter)),
        intent_accuracy=_share(sum(e.intent is r.intent for e, r in pairs), len(pairs)),
        category_accuracy=_share(sum(_filed(e, r) for e, r in requests), len(requests)),
        category_macro_f1=_share_of([figure.f1 for figure in categories]),
        categories=categories,
        urgency_accuracy=_share(sum(e.urgency is r.urgency for e, r in requests), len(requests)),
        places=len(placed),
        place_exact=_share(sum(_same_place(e, r) for e, r in placed), len(placed)),
        calibration_error=sum(abs(b.said - b.true) * b.count for b in bins) / max(len(pairs), 1),
        calibration=bins,
        worst=_worst(pairs),
    )


def _alarmed(reading: Reading) -> bool:
    return reading.band is not Band.NOT and reading.urgency is Urgency.EMERGENCY


def _filed(example: Example, reading: Reading) -> bool:
    return reading.category in example.categories


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _same_place(example: Example, reading: Reading) -> bool:
    return all(getattr(example.place, p) == getattr(reading.place, p) for p in _PLACES)


def _categories(requests: Sequence[tuple[Example, Reading]]) -> tuple[CategoryFigure, ...]:
    """F1 of each category that occurs; an acceptable alternative counts as the first."""
    true: Counter[str] = Counter()
    said: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for example, reading in requests:
        best = example.categories[0] if example.categories else _NONE
        found = best if reading.category in example.categories else reading.category or _NONE
        true[best] += 1
        said[found] += 1
        right[best] += found == best
    return tuple(
        CategoryFigure(key=key, requests=true[key], f1=2 * right[key] / (true[key] + said[key]))
        for key in CATEGORIES
        if true[key]
    )


_NONE = "none"


def _share_of(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _bins(pairs: Sequence[tuple[Example, Reading]]) -> tuple[Bin, ...]:
    found: list[Bin] = []
    for i in range(_BINS):
        inside = [(e, r) for e, r in pairs if min(int(r.confidence * _BINS), _BINS - 1) == i]
        found.append(
            Bin(
                count=len(inside),
                said=sum(r.confidence for _, r in inside) / max(len(inside), 1),
                true=_share(sum(e.intent is Intent.REQUEST for e, _ in inside), len(inside)),
            )
        )
    return tuple(found)


def _worst(pairs: Sequence[tuple[Example, Reading]]) -> tuple[Mistake, ...]:
    wrong = [(e, r) for e, r in pairs if (e.intent is Intent.REQUEST) != r.is_request]
    wrong.sort(key=lambda pair: -abs((pair[0].intent is Intent.REQUEST) - pair[1].confidence))
    return tuple(
        Mistake(
            text=e.text,
            source=e.source,
            expected=str(e.intent),
            found=str(r.intent),
            confidence=r.confidence,
        )
        for e, r in wrong[:_WORST]
    )


def _as_text(report: Report) -> str:
    lines = [
        (
            f"messages {report.messages}, requests {report.requests}, "
            f"emergencies {report.emergencies}, chatter {report.chatter}"
        ),
        (
            f"request precision {report.precision:.3f}  recall {report.recall:.3f}  F1 {report.f1:.3f}"
            f"  (captured or asked {report.requests_seen:.3f}, asked {report.asked:.3f} of all)"
        ),
        (
            f"emergencies: as emergency {report.emergency_recall:.3f}  captured "
            f"{report.emergency_captured:.3f}  captured or asked {report.emergency_seen:.3f}"
        ),
        (
            f"false captures: {report.false_quiet:.3f} of {report.quiet} notices, ads and thanks; "
            f"{report.false_per_1000_chatter:.1f} per 1,000 chatter messages"
        ),
        (
            f"category accuracy {report.category_accuracy:.3f}  macro F1 "
            f"{report.category_macro_f1:.3f}; urgency {report.urgency_accuracy:.3f}; intent "
            f"{report.intent_accuracy:.3f}"
        ),
        f"place (building, unit, room) exact {report.place_exact:.3f} of {report.places}",
        f"calibration error {report.calibration_error:.3f}",
        *(
            f"  {b.said:.2f} said, {b.true:.2f} true, {b.count} messages"
            for b in report.calibration
        ),
        "categories (F1, requests): "
        + ", ".join(f"{c.key} {c.f1:.2f} ({c.requests})" for c in report.categories),
        f"emergencies not read as such: {len(report.emergency_misses)} of {report.emergencies}",
        *(f"  {text}" for text in report.emergency_misses),
        f"the {len(report.worst)} worst mistakes:",
        *(
            f"  {m.confidence:.2f} {m.expected} read as {m.found}: {m.text} ({m.source})"
            for m in report.worst
        ),
    ]
    return "\n".join(lines)
