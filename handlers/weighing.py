"""What a language model's answer may change: the label of an unsure message, and little more.

It is only heard about messages that the reader is unsure of. It never lowers an urgency, never
silences a danger, never raises an alarm, never brings a private matter into the open, and closes
nothing. Whatever somebody writes into a message to talk it into something ends here.
"""

from __future__ import annotations

from dataclasses import replace

from domain.opinion import Opinion
from domain.reading import Band, Intent, Reading, Urgency
from domain.rules import Rules

_GRAVITY = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)


def weighed(reading: Reading, opinion: Opinion, rules: Rules) -> Reading:
    """The reading with the opinion counted in; the same reading where it does not count.

    * A request, and nothing private about it: sure, so a ticket opens as if the reader were sure.
    * A request in a private category, by its word or the reader's: still a person is asked.
    * No request: forgotten, or joined to what it follows. Never with a danger or an emergency.
    """
    if reading.band is not Band.UNSURE or reading.danger:
        return reading
    if opinion.intent is Intent.REQUEST:
        return _request(reading, opinion, rules)
    if reading.urgency is Urgency.EMERGENCY:
        return reading
    return replace(reading, band=Band.NOT, intent=_other(reading, opinion))


def _request(reading: Reading, opinion: Opinion, rules: Rules) -> Reading:
    urgency = _graver(reading.urgency, opinion.urgency)
    category = opinion.category or reading.category or "other"
    if _private(category, rules) or _private(reading.category, rules):
        return replace(reading, urgency=urgency)
    others = tuple(pair for pair in reading.categories if pair[0] != category)
    return replace(
        reading,
        band=Band.SURE,
        intent=Intent.REQUEST,
        category=category,
        categories=((category, 1.0), *others),
        urgency=urgency,
    )


def _private(category: str | None, rules: Rules) -> bool:
    return category is not None and rules.category(category).private


def _graver(ours: Urgency, theirs: Urgency) -> Urgency:
    """The graver of the two; but an emergency is never called on its word alone."""
    theirs = min(theirs, Urgency.URGENT, key=_GRAVITY.index)
    return max(ours, theirs, key=_GRAVITY.index)


def _other(reading: Reading, opinion: Opinion) -> Intent:
    """What it is instead. That a matter is over is only believed if the reader thinks so too."""
    if opinion.intent is Intent.THANKS_RESOLVED and reading.intent is not Intent.THANKS_RESOLVED:
        return Intent.CHATTER
    return opinion.intent
