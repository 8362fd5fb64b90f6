"""The one place where parts meet: `build(config) -> App`, and how the app runs and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

import structlog

from bot.calendar_file import load_calendar
from bot.channels.base import Channel, Health, Link
from bot.clock import Clock, SystemClock, wake
from bot.config import Config
from bot.delivery import Parcel
from bot.log import scene_of
from bot.loop import House
from bot.outbox import Outbox, Pace
from bot.wakings import Timekeeper
from domain.errors import ChannelError, StoreError
from domain.events import Event, Gap
from domain.rules import Rules
from handlers.understanding import Bands, Reader, default_reader
from storage.store import Store

log = structlog.get_logger()

_TICK = timedelta(seconds=1)
_RESTART_FIRST, _RESTART_LONGEST = 1.0, 60.0
_KNOCKED_OUT = 3.0
_SINCE = "served_since"


class Queue:
    """The inbox that channels put events into; taken in order, one at a time."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        self._events.put_nowait(event)

    async def get(self) -> Event:
        return await self._events.get()

    def done(self) -> None:
        self._events.task_done()

    async def all_taken(self) -> None:
        """Wait until everything put so far was taken."""
        await self._events.join()


class App:
    """A running Xiaoge: channels in, the house, the outbox out, the clock that wakes it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        house: House,
        channels: Mapping[str, Channel],
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self.config = config
        self.store = store
        self.house = house
        self.channels = channels
        self.outbox = outbox
        self.clock = clock
        self.inbox = Queue()
        self.timekeeper = Timekeeper(house, since=_served_since(store, clock.now()))
        self.stopping = asyncio.Event()
        self.on_health: list[Callable[[str, Health], None]] = []
        self._links: dict[str, tuple[Link, datetime]] = {}

    async def run(self) -> None:
        """Run until `stop`; channels are supervised, what is queued is kept for the next start."""
        self._restore()
        scheduler = wake(self, _TICK, self._failed)
        tasks = [
            asyncio.create_task(self._take_all(), name="take"),
            asyncio.create_task(self.outbox.run(), name="outbox"),
            *(
                asyncio.create_task(self._supervise(c), name=f"channel:{name}")
                for name, c in self.channels.items()
            ),
        ]
        scheduler.start()
        log.info("app.started", channels=sorted(self.channels), mode=self.config.mode)
        try:
            await self._until_stopped(tasks)
        finally:
            scheduler.shutdown(wait=False)
            await self._close(tasks)
            log.info("app.stopped")

    async def _until_stopped(self, tasks: list[asyncio.Task[None]]) -> None:
        stop = asyncio.create_task(self.stopping.wait())
        essential = tasks[:2]
        done, _ = await asyncio.wait([stop, *essential], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for task in done:
            if task in essential and (error := task.exception()) is not None:
                raise error

    def stop(self) -> None:
        """Ask the app to stop cleanly."""
        self.stopping.set()

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        await asyncio.gather(
            *(asyncio.wait_for(c.close(), _KNOCKED_OUT) for c in self.channels.values()),
            return_exceptions=True,
        )
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.store.close()

    def _restore(self) -> None:
        """After a restart: who was asked something may answer, however short."""
        self.house.memory.restore(self.store.engaged(self.clock.now()))

    async def _take_all(self) -> None:
        while True:
            event = await self.inbox.get()
            try:
                if self._take(event):
                    self.outbox.wake()
            finally:
                self.inbox.done()

    def _take(self, event: Event) -> bool:
        return self.house.take(event)

    def tick(self) -> None:
        """Called by the scheduler: reminders, digests, health."""
        now = self.clock.now()
        if self.timekeeper.tick(now):
            self.outbox.wake()
        self._watch(now)

    def _watch(self, now: datetime) -> None:
        """Notice when a channel goes or comes back; a hole in the listening becomes an event."""
        for name, channel in self.channels.items():
            health = channel.health()
            before, since = self._links.get(name, (None, now))
            if health.link is before:
                continue
            self._links[name] = (health.link, now)
            log.info("channel.health", channel=name, link=health.link, detail=health.detail)
            for listener in self.on_health:
                listener(name, health)
            back = health.link is Link.UP and before in (Link.DOWN, Link.LOGGED_OUT)
            if back and health.gaps == 0:
                self.inbox.put(
                    Gap(
                        channel=name,
                        account=channel.account,
                        at=now,
                        since=since,
                        filled=channel.capabilities.history == "full",
                    )
                )

    async def _supervise(self, channel: Channel) -> None:
        """Keep one channel running; its failure never stops the others."""
        wait = _RESTART_FIRST
        while True:
            try:
                await channel.run(self.inbox)
                return  # noqa: TRY300  # returning here ends the loop
            except asyncio.CancelledError:
                raise
            except ChannelError as error:
                log.error("channel.refused", channel=channel.name, error=str(error))
                wait = _RESTART_LONGEST
            except Exception as error:  # noqa: BLE001  # one broken event or channel takes no other down
                log.error(
                    "channel.broke",
                    channel=channel.name,
                    error=type(error).__name__,
                    where=scene_of(error),
                )
            await asyncio.sleep(wait)
            wait = min(wait * 2, _RESTART_LONGEST)

    def _failed(self, error: BaseException) -> None:
        log.error("tick.failed", error=type(error).__name__)
        if isinstance(error, StoreError):
            log.error("store.failed", remedy=str(error))


def _served_since(store: Store, now: datetime) -> datetime:
    """When this town was first served: a town that starts at nine gets no digest that day."""
    kept = store.meta_get(_SINCE)
    if kept is None:
        store.meta_set(_SINCE, now.isoformat())
        return now
    return datetime.fromisoformat(kept)


def open_store(config: Config, rules: Rules) -> Store:
    """The store of the configured town, migrated."""
    if config.database_url.startswith("sqlite:///"):
        config.data_folder.mkdir(parents=True, exist_ok=True)
    return Store.open(config.database_url, config.town.key, patience=rules.patience)


def rules_of(config: Config) -> Rules:
    """The rules of a configuration, with its calendar."""
    return config.rules(load_calendar(config.calendar_file))


def reader_of(config: Config) -> Reader:
    """The packaged reader with the configured bands."""
    base = default_reader()
    bands = Bands(sure=config.understanding.sure, ask=config.understanding.unsure)
    return Reader(scorer=base.scorer, bands=bands)


def build(
    config: Config,
    *,
    channels: Mapping[str, Channel],
    clock: Clock | None = None,
    store: Store | None = None,
    would_say: Callable[[Parcel], None] = lambda _parcel: None,
    seed: int | None = None,
) -> App:
    """Put the parts together; nothing runs yet, no link is opened but the database."""
    clock = clock or SystemClock()
    rules = rules_of(config)
    kept = store or open_store(config, rules)
    house = House(kept, rules, reader_of(config).read)
    pacing = config.pacing
    outbox = Outbox(
        kept,
        channels,
        clock,
        pace=Pace(
            account_per_minute=pacing.account.per_minute,
            account_burst=pacing.account.burst,
            room_per_minute=pacing.room.per_minute,
            room_burst=pacing.room.burst,
            jitter_s=pacing.jitter.total_seconds(),
            attempts=pacing.attempts,
            breaker_timeouts=pacing.breaker_timeouts,
            breaker_rest=pacing.breaker_rest,
        ),
        delivers=config.delivers,
        random=Random(seed),
        would_say=would_say,
    )
    return App(config, kept, house, channels, outbox, clock)
