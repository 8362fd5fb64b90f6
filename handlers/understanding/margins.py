"""How much worse a refit may read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.understanding.evaluate import Report


@dataclass(frozen=True, kw_only=True, slots=True)
class Margins:
    """How much worse a figure may get before new weights are refused."""

    share: float = 0.01
    """Request F1, category accuracy, false captures of notices, ads and thanks."""
    chatter: float = 0.02
    """False captures of chatter, as a share."""
    emergency: float = 0.015
    """Emergencies read as such, and captured at once. Not one more may be overlooked, ever."""
    local: float = 0.02
    """Held-out local examples; one example more is always allowed."""


_SHARES = ("f1", "category_accuracy")
_EMERGENCIES = ("emergency_recall", "emergency_captured")
_ROUNDING = 1e-9


def worse(before: Report, after: Report, margins: Margins) -> tuple[str, ...]:
    """Which figures got worse by more than their margin; none: new weights may be taken."""
    found = [n for n in _SHARES if _fell(before, after, n, margins.share)]
    found += [n for n in _EMERGENCIES if _fell(before, after, n, margins.emergency)]
    if _fell(before, after, "emergency_seen", 0):
        found.append("emergency_seen")
    if after.false_quiet > before.false_quiet + margins.share + _ROUNDING:
        found.append("false_quiet")
    more = after.false_per_1000_chatter - before.false_per_1000_chatter
    if more > 1000 * margins.chatter + _ROUNDING:
        found.append("false_per_1000_chatter")
    return tuple(found)


def _fell(before: Report, after: Report, name: str, margin: float) -> bool:
    return getattr(after, name) < getattr(before, name) - margin - _ROUNDING
