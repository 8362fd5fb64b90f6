"""Send what was recorded: paced, merged, urgent first; a timed-out send is never repeated blindly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

import structlog

from bot.channels.base import Channel, Send, SendResult
from bot.clock import Clock
from bot.delivery import Parcel, Plan, Way, plan
from bot.pacing import Breaker, Pace, Rhythm
from bot.pictures import Pictures
from domain.outgoing import Outgoing, SendState
from handlers.wording import words
from storage.store import Store

log = structlog.get_logger()

_BATCH = 50
_WAITS = timedelta(hours=12)
"""How long words wait for a channel that is away."""
_MAY_OPEN = frozenset({"no_channel", "no_way_to_member", "room_doubtful"})
_RISKY = frozenset({"risk_control"})
"""What a platform says before it takes an account away."""
_QUIET = 6
"""So many rests of the breaker an account is quiet after that."""
_LONGEST_BACKOFF = timedelta(minutes=10)


class Outbox:
    """Claims rows, plans them, sends each parcel once, and marks what became of it."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        pace: Pace,
        delivers: bool,
        random: Random,
        would_say: Callable[[Parcel], None] = lambda _parcel: None,
        resort: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._pace = pace
        self._delivers = delivers
        self._rhythm = Rhythm(pace, random)
        self._would_say = would_say
        self._resort = resort
        self._pictures = Pictures(store, channels)
        self.parked: frozenset[str] = frozenset()
        """Rooms in doubt, by handle: nothing is said there until somebody has looked."""
        self._breakers: dict[str, Breaker] = {}
        self._awake = asyncio.Event()
        self.alarms: list[Callable[[str, str], None]] = []
        """Told (channel, code) when an account is left alone: the operator's second path."""

    def wake(self) -> None:
        """There may be something to send."""
        self._awake.set()

    async def run(self, rest: float = 1.0) -> None:
        """Send until cancelled. `rest`: seconds between looks when nobody wakes us."""
        self._store.recover(self._clock.now(), everything=True)
        while True:
            sent = await self.flush()
            if sent == 0:
                try:
                    async with asyncio.timeout(rest):
                        await self._awake.wait()
                except TimeoutError:
                    pass
                self._awake.clear()

    async def flush(self) -> int:
        """One round: everything that may go now. Returns how many parcels were sent."""
        now = self._clock.now()
        rows = self._store.claim_outgoing(now, _BATCH)
        if not rows:
            return 0
        town, last = self._store.directory(), self._rhythm.last
        planned = plan(rows, town, self.ways(), now, last, self.parked, self._resort)
        self._settle_the_rest(planned, now)
        sent = 0
        for parcel in planned.parcels:
            sent += await self._one(parcel)
        return sent

    def ways(self) -> dict[str, Way]:
        """The channels as ways out, with their health; a tripped account counts as down."""
        now = self._clock.now()
        return {
            name: Way(name=name, capabilities=c.capabilities, link=health.link, login=health.login)
            for name, c in self._channels.items()
            if not self._resting(name, now)
            if (health := c.health())
        }

    def _resting(self, channel: str, now: datetime) -> bool:
        breaker = self._breakers.get(channel)
        return bool(breaker and breaker.open_until and breaker.open_until > now)

    def _settle_the_rest(self, planned: Plan, now: datetime) -> None:
        for row, until in planned.held:
            self._store.requeue(row.id, until, tried=False)
        for row, code in planned.refused:
            if code in _MAY_OPEN and self._may_wait(row, code, now):
                self._store.requeue(row.id, now + timedelta(minutes=1), error=code, tried=False)
                continue
            state = SendState.DROPPED if code == "too_late" else SendState.FAILED
            self._store.mark([row.id], state, now, error=code)
            log.warning("outbox.refused", row=row.id, reason=code, ticket=row.ticket)

    def _may_wait(self, row: Outgoing, code: str, now: datetime) -> bool:
        """A way may open again; a room in doubt is waited for as long as it takes."""
        channel = (row.room or row.person or "").partition(":")[0]
        ours = bool(self._channels) if row.member else channel in self._channels
        return code == "room_doubtful" or (ours and now - row.created_at < _WAITS)

    async def _one(self, parcel: Parcel) -> int:
        now = self._clock.now()
        ids = [row.id for row in parcel.rows]
        channel = self._channels[parcel.channel]
        if not self._delivers and parcel.channel != "sandbox":
            self._would_say(parcel)
            self._store.mark(ids, SendState.DROPPED, now, error="dry_run")
            return 1
        rate = channel.capabilities.rate
        wait = self._rhythm.wait(parcel.channel, parcel.target, rate, now)
        if wait > timedelta() and parcel.priority > 0 and parcel.channel != "sandbox":
            for row in parcel.rows:
                self._store.requeue(row.id, now + wait, tried=False)
            return 0
        self._rhythm.take(parcel.channel, parcel.target, rate, now)
        parcel, images = await self._pictures.beside(parcel)
        result = await channel.send(
            Send(
                text=_marked(parcel),
                room=parcel.room,
                person=parcel.person,
                mentions=parcel.mentions,
                images=images,
                reply_to=parcel.reply_to,
            )
        )
        self._mark(parcel, result, channel)
        return 1

    def _mark(self, parcel: Parcel, result: SendResult, channel: Channel) -> None:
        now = self._clock.now()
        ids = [row.id for row in parcel.rows]
        self._count_timeouts(parcel.channel, result, now)
        if result.state is SendState.SENT:
            remote = result.remote_id
            key = f"{parcel.channel}:{channel.account}:{remote}" if remote else None
            self._store.mark(ids, SendState.SENT, now, remote_id=key)
            self._rhythm.said(parcel.target, (r.merge for r in parcel.rows if r.merge), now)
            return
        if result.state is SendState.MAYBE_SENT:
            self._maybe(parcel, now)
            return
        if result.error in _RISKY:
            for row in parcel.rows:
                self._store.requeue(row.id, now + timedelta(minutes=1), error=result.error)
            return
        again = result.retry_after is not None and parcel.rows[0].attempts + 1 < self._pace.attempts
        if again:
            base = result.retry_after or 1.0
            wait = min(timedelta(seconds=base * 2 ** parcel.rows[0].attempts), _LONGEST_BACKOFF)
            for row in parcel.rows:
                self._store.requeue(row.id, now + wait, error=result.error)
        else:
            self._store.mark(ids, SendState.FAILED, now, error=result.error)
        log.warning("outbox.failed", rows=ids, reason=result.error, again=again)

    def _maybe(self, parcel: Parcel, now: datetime) -> None:
        """Nobody knows. An emergency is said once more; everything else is only shown."""
        for row in parcel.rows:
            if row.priority == 0 and row.attempts == 0:
                self._store.requeue(row.id, now + timedelta(seconds=30), error="maybe_sent")
            else:
                self._store.mark([row.id], SendState.MAYBE_SENT, now, error="timeout")
        log.warning("outbox.maybe_sent", rows=[row.id for row in parcel.rows])

    def _count_timeouts(self, channel: str, result: SendResult, now: datetime) -> None:
        breaker = self._breakers.setdefault(channel, Breaker())
        if result.error in _RISKY:
            self._rest(channel, "risk_control", now + self._pace.breaker_rest * _QUIET)
            return
        if result.state is not SendState.MAYBE_SENT:
            breaker.timeouts = 0 if result.state is SendState.SENT else breaker.timeouts
            return
        breaker.timeouts += 1
        if breaker.timeouts >= self._pace.breaker_timeouts:
            self._rest(channel, "breaker_open", now + self._pace.breaker_rest)

    def _rest(self, channel: str, code: str, until: datetime) -> None:
        """Leave an account alone until then, and say so to whoever listens."""
        breaker = self._breakers[channel]
        breaker.open_until, breaker.timeouts = until, 0
        log.error("outbox.resting", channel=channel, reason=code)
        for alarm in self.alarms:
            alarm(channel, code)


def _marked(parcel: Parcel) -> str:
    """An emergency that may have been said already says so."""
    again = all(
        row.priority == 0 and row.attempts > 0 and row.error in ("", "maybe_sent")
        for row in parcel.rows
    )
    return words("repeated", text=parcel.text) if again else parcel.text
