"""When a ticket may be spoken of: emergencies always, the rest in the hours of their urgency."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.calendar import within
from domain.facts import Facts
from domain.reading import Urgency
from domain.ticket import Ticket


def speakable(at: datetime, ticket: Ticket, facts: Facts) -> datetime:
    """`at` itself, or the next moment at which this urgency may be spoken of."""
    if ticket.urgency is Urgency.EMERGENCY:
        return at
    patience, calendar = facts.rules.patience, facts.rules.calendar
    urgent = ticket.urgency is Urgency.URGENT
    start, end = patience.urgent_hours if urgent else patience.normal_hours
    if not urgent and not calendar.is_working_day(at.astimezone(calendar.zone).date()):
        return calendar.next_start(at)
    if within(at, start, end, calendar.zone):
        return at
    local = at.astimezone(calendar.zone)
    morning = local.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0)
    morning = morning if local < morning else morning + timedelta(days=1)
    return morning if urgent else max(morning, calendar.next_start(morning))
