"""The rest of the application as the window sees it, without feeds, server and database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from market.candles import Candle
from market.errors import FeedRejectedError
from market.exchanges import Exchange
from market.feed_journal import FeedJournal
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.liveness import Liveness
from market.modes import Mode
from market.notices import Notice
from market.sessions import SessionCalendar
from market.subscriptions import Outcome, Subscription
from market.ticks import Tick, Update
from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.ports import DesktopServices
from services.instruments import InstrumentDirectory
from services.settings import Settings
from services.storage.database import Storage
from services.storage.pending_saves import PendingSaves
from services.storage.watchlist_rows import ListRow
from services.watchlists import Watchlists
from tests.doubles.random_market import RandomMarket


class CareDouble:
    """Liveness and journal as they are, and a feed that notes when it is told to reconnect."""

    def __init__(self, calendar: SessionCalendar) -> None:
        self.liveness = Liveness(calendar)
        self.journal = FeedJournal()
        self.reconnects: list[str] = []
        self.can_reconnect = True
        self.gone = 0

    def reconnect(self, name: str) -> bool:
        self.reconnects.append(name)
        return self.can_reconnect

    def lost(self) -> int:
        return self.gone


class DeskDouble:
    """A desk with one feed; refuses the keys in `refused` with their sentence."""

    def __init__(self, care: CareDouble, *, nature: FeedNature = FeedNature.SIMULATED, name: str = "simulated") -> None:
        self._status = FeedStatus(name, FeedState.LIVE, since_ms=1_764_000_000_000.0)
        self.care = care
        self.capabilities = Capabilities(exchanges=frozenset(Exchange), depth_levels=(5, 20), nature=nature)
        care.liveness.add_feed(self._status, self.capabilities)
        self.refused: dict[InstrumentKey, str] = {}
        self.held: dict[str, list[Subscription]] = {}
        self.values: dict[InstrumentKey, Tick] = {}
        self.totals: dict[str, int] = {"ticks_in": 0, "clients": 0}
        self.rejections: dict[Subscription, str] = {}
        self.standing: tuple[Notice, ...] = ()

    @property
    def status(self) -> FeedStatus:
        """The state of the feed; a new one is told to whoever judges feeds."""
        return self._status

    @status.setter
    def status(self, status: FeedStatus) -> None:
        self._status = status
        self.care.liveness.report(status)
        self.care.journal.note(status, status.since_ms)

    def subscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        outcomes = []
        for wish in wishes:
            error = self.refused.get(wish.key)
            outcomes.append(Outcome(wish, error=error, feed=self.status.feed, depth_levels=20))
            if error is None:
                self.held.setdefault(holder, []).append(wish)
        return outcomes

    def unsubscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        self.held[holder] = [wish for wish in self.held.get(holder, []) if wish not in wishes]
        return [Outcome(wish) for wish in wishes]

    def subscriptions(self, holder: str) -> list[Subscription]:
        return list(self.held.get(holder, []))

    def last(self, key: InstrumentKey) -> Tick | None:
        return self.values.get(key)

    def rejection(self, wish: Subscription) -> str | None:
        return self.rejections.get(wish)

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        return [(self.status, self.capabilities)]

    def notices(self) -> Sequence[Notice]:
        return self.standing

    def counters(self) -> Mapping[str, int]:
        return self.totals


class MarketDataDouble:
    """Tells batches to its listeners when the test says so."""

    def __init__(self, desk: DeskDouble) -> None:
        self.listeners: dict[int, Callable[[Sequence[Update]], object]] = {}
        self._desk = desk

    def add_tick_listener(self, callback: Callable[[Sequence[Update]], object]) -> int:
        self.listeners[len(self.listeners) + 1] = callback
        return len(self.listeners)

    def unsubscribe_from_updates(self, subscriber_id: int) -> bool:
        return self.listeners.pop(subscriber_id, None) is not None

    def tell(self, updates: Sequence[Update]) -> None:
        self._desk.totals["ticks_in"] += len(updates)
        self._desk.care.liveness.on_updates(updates)
        for update in updates:
            self._desk.values[update.tick.key] = update.tick
        for callback in tuple(self.listeners.values()):
            callback(updates)


class ListsDouble(Watchlists):
    """The lists as they are, written nowhere."""

    def __init__(self, keys: Iterable[InstrumentKey] = ()) -> None:
        super().__init__(cast("Storage", _NoStorage()), starters=keys)


class _NoStorage:
    """Holds nothing and keeps nothing."""

    def __init__(self) -> None:
        self.watchlists = self
        self.pending = PendingSaves(None)

    def save(self, _order: Sequence[int], _changed: Iterable[ListRow]) -> None:
        pass

    def load(self) -> list[ListRow]:
        return []

    def on_failure(self, _callback: Callable[[str], None]) -> None:
        pass

    def later(self, _job: Callable[[], object]) -> None:
        pass


class Desktop:
    """The bundle of doubles, and a market that moves when told."""

    def __init__(
        self, keys: Iterable[InstrumentKey] | None = None, *, count: int = 17, nature: FeedNature = FeedNature.SIMULATED
    ) -> None:
        self.market = RandomMarket(count)
        self.calendar = SessionCalendar(forced_open=True)
        self.care = CareDouble(self.calendar)
        self.desk = DeskDouble(self.care, nature=nature)
        self.market_data = MarketDataDouble(self.desk)
        self.lists = ListsDouble(self.market.keys if keys is None else keys)
        self.settings = Settings(environment={})
        self.directory = InstrumentDirectory()
        self.directory.add(self.market.instruments)
        self.has_history = True
        self.sent_ms: float | None = None
        self.asked: list[tuple[InstrumentKey, int, int]] = []

    async def history(self, key: InstrumentKey, interval_s: int, limit: int) -> Sequence[Candle]:
        self.asked.append((key, interval_s, limit))
        if not self.has_history:
            raise FeedRejectedError("The simulated feed has no history")
        return self.market.history(key, interval_s, limit, time.time() * 1000)

    def message(self, key: InstrumentKey, mode: Mode) -> str:
        """A message of few fields, as the server would send it."""
        tick = self.desk.values.get(key)
        data = "" if tick is None else f'{{"ltp":{tick.ltp},"volume":{tick.volume or 0},"state":"live"}}'
        return f'{{"type":"market_data","mode":{int(mode)},"data":{data}}}' if data else ""

    def services(self, host: Host | None = None) -> DesktopServices:
        return DesktopServices(
            market_data=self.market_data,
            watchlists=self.lists,
            settings=self.settings,
            instruments=self.directory,
            desk=self.desk,
            calendar=self.calendar,
            care=self.care,
            username="trader",
            history=self.history,
            server_url="ws://127.0.0.1:8765",
            http_url="http://127.0.0.1:5000",
            message=self.message,
            host=host or Host(),
            sent_ms=lambda _key: self.sent_ms,
        )

    def move(self, count: int = 50) -> None:
        """Tell `count` random ticks."""
        self.market_data.tell(self.market.updates(count, time.time() * 1000))

    def open_all(self) -> None:
        """Tell one tick of every instrument."""
        self.market_data.tell(self.market.open_all(time.time() * 1000))
