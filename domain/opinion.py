"""What a language model said of a message: labels out of closed sets, never a deed."""

from __future__ import annotations

from dataclasses import dataclass

from domain.reading import Intent, Urgency


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """A second opinion about one message that the reader was unsure of."""

    intent: Intent
    category: str | None = None
    urgency: Urgency = Urgency.NORMAL
