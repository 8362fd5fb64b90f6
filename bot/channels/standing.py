"""How a channel stands, kept in one place while it runs: link, since when, last event, gaps."""

from __future__ import annotations

from datetime import datetime

from bot.channels.base import Health, Link, Now


class Standing:
    """Remembers the link's state; `since` moves only when the state or its reason changes."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._link = Link.DOWN
        self._detail = "not_started"
        self._since: datetime | None = None
        self._last_event_at: datetime | None = None
        self.gaps = 0

    def up(self) -> None:
        """The link works."""
        self._be(Link.UP, "")

    def degraded(self, detail: str) -> None:
        """It works in part; `detail` is a code."""
        self._be(Link.DEGRADED, detail)

    def logged_out(self, detail: str) -> None:
        """The platform does not know us any more; a person must act."""
        self._be(Link.LOGGED_OUT, detail)

    def down(self, detail: str) -> None:
        """Nothing goes in or out."""
        self._be(Link.DOWN, detail)

    def heard(self) -> None:
        """An event came in just now."""
        self._last_event_at = self._now()

    @property
    def link(self) -> Link:
        return self._link

    def health(self) -> Health:
        """The state as the contract wants it."""
        return Health(
            link=self._link,
            since=self._since,
            last_event_at=self._last_event_at,
            detail=self._detail,
            gaps=self.gaps,
        )

    def _be(self, link: Link, detail: str) -> None:
        if (link, detail) != (self._link, self._detail):
            self._link, self._detail, self._since = link, detail, self._now()
