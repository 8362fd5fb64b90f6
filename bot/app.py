"""The one place where parts meet: `build(config) -> App`, and how the app runs and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import structlog

from bot.bulletins import Bulletins
from bot.calendar_file import load_calendar
from bot.channels.base import Channel
from bot.clock import Clock, SystemClock, wake
from bot.config import Config
from bot.cursors import Cursors
from bot.delivery import Parcel
from bot.doubts import Doubts
from bot.log import scene_of
from bot.lookout import Lookout, Operator
from bot.loop import House
from bot.nightly import Nightly
from bot.outbox import Outbox
from bot.pacing import Pace
from bot.reading import Fresh, reader_of
from bot.unserved import Unserved
from bot.wakings import Timekeeper
from domain.errors import ChannelError, StoreError
from domain.events import Event
from domain.rules import Rules
from storage.store import Store

if TYPE_CHECKING:
    from bot.second_opinion import SecondOpinion

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
        cursors: Cursors,
        opinions: SecondOpinion | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.house = house
        self.channels = channels
        self.outbox = outbox
        self.clock = clock
        self.opinions = opinions
        self.inbox = Queue()
        self.timekeeper = Timekeeper(house, since=_served_since(store, clock.now()))
        self.nightly = Nightly(config, store, since=clock.now())
        self.stopping = asyncio.Event()
        self.fresh = Fresh(config)
        self.cursors = cursors
        self.unserved = Unserved(store)
        self.lookout = Lookout(
            channels,
            cursors,
            Doubts(store),
            bulletins=Bulletins(store),
            put=self.inbox.put,
            operator=Operator(ways=config.ways_to_operator, after=config.operator.after),
        )
        self.on_health = self.lookout.on_health
        outbox.alarms.append(self._paused)

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
            scheduler.pause()
            await asyncio.sleep(0)  # a tick that was begun is finished, not cancelled
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
        if self.opinions is not None:
            await self.opinions.close()
        self.nightly.stop()
        self._keep_cursors()
        self.store.close()

    def _keep_cursors(self) -> None:
        """What was heard and taken; what still waits in the inbox is heard again next time."""
        try:
            self.cursors.keep(self.clock.now(), at_once=True)
        except StoreError as error:
            log.error("store.failed", remedy=str(error))

    def _restore(self) -> None:
        """After a restart: who was asked something may answer, however short."""
        self.house.know_again(self.clock.now())

    async def _take_all(self) -> None:
        while True:
            event = await self.inbox.get()
            try:
                self.unserved.heard(event, self.store.directory())
                marked, cursor = self.cursors.marked(event)
                opinions = self.opinions
                opinion = await opinions.about(self.house, marked) if opinions else None
                if self.house.take(marked, cursor=cursor, opinion=opinion):
                    self.outbox.wake()
            finally:
                self.inbox.done()

    def tick(self) -> None:
        """Called by the scheduler: reminders, digests, what was learned, how the channels stand."""
        now = self.clock.now()
        if self.timekeeper.tick(now):
            self.outbox.wake()
        self.nightly.tick(now)
        if (reader := self.fresh.reader()) is not None:
            self.house.read_with(reader.read)
        self.lookout.look(now)
        self.outbox.parked = self.lookout.doubted
        self.cursors.keep(now)

    def _paused(self, channel: str, code: str) -> None:
        """The outbox leaves an account alone for a while."""
        self.lookout.paused(channel, self.clock.now(), code)

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


def build(
    config: Config,
    *,
    channels: Mapping[str, Channel],
    clock: Clock | None = None,
    store: Store | None = None,
    would_say: Callable[[Parcel], None] = lambda _parcel: None,
    cursors: Cursors | None = None,
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
        resort=config.ways_to_operator,
    )
    return App(
        config,
        kept,
        house,
        channels,
        outbox,
        clock,
        cursors or Cursors(kept),
        opinions_of(config, clock),
    )


def opinions_of(config: Config, clock: Clock) -> SecondOpinion | None:
    """The language model that is asked when the reader is unsure; None while it is off."""
    if not config.llm.enabled:
        return None
    from bot.second_opinion import SecondOpinion  # noqa: PLC0415  # httpx is loaded only for it

    names = {key: row.name for key, row in config.categories.items()}
    return SecondOpinion(config.llm, config.secrets.llm_key, names, clock)
