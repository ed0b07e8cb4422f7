"""The rest of the application as the window sees it, without feeds, server and database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from market.candles import Candle
from market.errors import FeedRejectedError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.sessions import SessionCalendar
from market.subscriptions import Outcome, Subscription
from market.ticks import Tick, Update
from openalgo_desktop.controllers.ports import DesktopServices
from services.instruments import InstrumentDirectory
from services.result import Result
from services.settings import Settings
from services.watchlists import WatchItem, Watchlist
from tests.doubles.random_market import RandomMarket


class DeskDouble:
    """A desk with one feed; refuses the keys in `refused` with their sentence."""

    def __init__(self, *, nature: FeedNature = FeedNature.SIMULATED, name: str = "simulated") -> None:
        self.status = FeedStatus(name, FeedState.LIVE, since_ms=1_764_000_000_000.0)
        self.capabilities = Capabilities(exchanges=frozenset(Exchange), depth_levels=(5, 20), nature=nature)
        self.refused: dict[InstrumentKey, str] = {}
        self.held: dict[str, list[Subscription]] = {}
        self.values: dict[InstrumentKey, Tick] = {}
        self.totals: dict[str, int] = {"ticks_in": 0, "clients": 0}
        self.rejections: dict[Subscription, str] = {}

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
        for update in updates:
            self._desk.values[update.tick.key] = update.tick
        for callback in tuple(self.listeners.values()):
            callback(updates)


class ListsDouble:
    """One watchlist in memory, with undo."""

    def __init__(self, keys: Iterable[InstrumentKey] = ()) -> None:
        self._list = Watchlist(1, "Watchlist 1", tuple(WatchItem(key) for key in keys))
        self._past: list[Watchlist] = []
        self._listeners: list[Callable[[], None]] = []

    def lists(self) -> tuple[Watchlist, ...]:
        return (self._list,)

    def on_change(self, callback: Callable[[], None]) -> None:
        self._listeners.append(callback)

    def add(self, list_id: int, keys: Iterable[InstrumentKey], *, position: int | None = None) -> Result:
        items = list(self._list.items)
        fresh = [WatchItem(key) for key in keys if key not in self._list.keys]
        at = len(items) if position is None else position
        self._become([*items[:at], *fresh, *items[at:]])
        return Result.succeeded({"added": [item.key for item in fresh]}, "Added")

    def remove(self, list_id: int, keys: Iterable[InstrumentKey]) -> Result:
        gone = list(keys)
        self._become([item for item in self._list.items if item.key not in gone])
        return Result.succeeded({"removed": gone}, f"{gone[0].symbol} removed from {self._list.name}")

    def undo(self) -> Result:
        self._list = self._past.pop()
        self._tell()
        return Result.succeeded({}, "Undone")

    def _become(self, items: list[WatchItem]) -> None:
        self._past.append(self._list)
        self._list = self._list._replace(items=tuple(items))
        self._tell()

    def _tell(self) -> None:
        for callback in self._listeners:
            callback()


class Desktop:
    """The bundle of doubles, and a market that moves when told."""

    def __init__(
        self, keys: Iterable[InstrumentKey] | None = None, *, count: int = 17, nature: FeedNature = FeedNature.SIMULATED
    ) -> None:
        self.market = RandomMarket(count)
        self.desk = DeskDouble(nature=nature)
        self.market_data = MarketDataDouble(self.desk)
        self.lists = ListsDouble(self.market.keys if keys is None else keys)
        self.settings = Settings(environment={})
        self.directory = InstrumentDirectory()
        self.directory.add(self.market.instruments)
        self.has_history = True
        self.asked: list[tuple[InstrumentKey, int, int]] = []

    async def history(self, key: InstrumentKey, interval_s: int, limit: int) -> Sequence[Candle]:
        self.asked.append((key, interval_s, limit))
        if not self.has_history:
            raise FeedRejectedError("The simulated feed has no history")
        return self.market.history(key, interval_s, limit, time.time() * 1000)

    def services(self) -> DesktopServices:
        return DesktopServices(
            market_data=self.market_data,
            watchlists=self.lists,
            settings=self.settings,
            instruments=self.directory,
            desk=self.desk,
            calendar=SessionCalendar(forced_open=True),
            username="trader",
            history=self.history,
            server_url="ws://127.0.0.1:8765",
        )

    def move(self, count: int = 50) -> None:
        """Tell `count` random ticks."""
        self.market_data.tell(self.market.updates(count, time.time() * 1000))

    def open_all(self) -> None:
        """Tell one tick of every instrument."""
        self.market_data.tell(self.market.open_all(time.time() * 1000))
