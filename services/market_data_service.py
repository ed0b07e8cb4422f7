"""Last prices for the window and for scripts: reading is a lookup, listening is a function call.

The hub hands folded values to `on_updates`; the dict shapes of the service document are built only for those who
ask for dicts. Written to by the engine's loop; every other method may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from market.errors import DecodeError, InvalidRequestError
from market.feeds import FeedNature, FeedState, FeedStatus, NatureKnown
from market.instruments import InstrumentKey
from market.modes import Mode
from market.symbols import parse_key
from market.ticks import Tick, Update, changed_modes, fold
from services.market_data.cache import Cache, Cell
from services.market_data.flags import PriceFlag
from services.market_data.listeners import Listeners, Priority
from services.market_data.messages import parse_message
from services.market_data.readings import depth_reading, entry_reading, ltp_reading, quote_reading

__all__ = ["MarketDataService", "Priority", "get_market_data_service", "use_market_data_service"]

_log = logging.getLogger(__name__)

SAFE_AGE_SECONDS = 30.0


def wall_clock_ms() -> float:
    """The time now in ms since 1970 UTC."""
    return time.time() * 1000


class MarketDataService:
    """The cache of last values and the listeners to it; one per engine.

    Args:
        clock: the time now in ms since 1970 UTC.
        wanted: whether anybody holds a subscription to a key, so that `sweep` keeps it.
    """

    def __init__(
        self, clock: Callable[[], float] = wall_clock_ms, *, wanted: Callable[[InstrumentKey], bool] | None = None
    ) -> None:
        self._clock = clock
        self._wanted = wanted
        self._cache = Cache()
        self._listeners = Listeners()
        self._feeds: dict[str, tuple[FeedStatus, FeedNature]] = {}
        self._unreal: dict[InstrumentKey, FeedNature] = {}
        self._malformed = 0

    # What comes in

    def on_updates(self, updates: Sequence[Update]) -> None:
        """Take a batch of folded values from the hub, oldest first, and tell the listeners."""
        self._cache.store(updates)
        listeners = self._listeners
        if not len(listeners):
            return
        listeners.tell_batch(updates)
        if listeners.any_dicts:
            self._tell(updates)

    def on_nature(self, event: NatureKnown) -> None:
        """Take what a bus says of the prices of one instrument: until it says otherwise, they may not be acted upon."""
        if event.nature is FeedNature.LIVE:
            self._unreal.pop(event.key, None)
        else:
            self._unreal[event.key] = event.nature

    def on_feed_status(self, status: FeedStatus, nature: FeedNature = FeedNature.LIVE) -> None:
        """Take news of a feed's connection: health and trade safety depend on it."""
        self._feeds[status.feed] = (status, nature)

    def process_market_data(self, data: dict[str, Any]) -> None:
        """Take one wire-shaped message, an envelope or its flat fields. One that means nothing is counted."""
        try:
            if not isinstance(data, Mapping):
                raise DecodeError("A market data message that is not an object")
            tick, price_given = parse_message(data, self._clock())
        except DecodeError as error:
            self._malformed += 1
            if self._malformed == 1:
                _log.warning("Malformed market data is only counted from now on: %s", error)
            return
        cell = self._cache.cell(tick.key)
        folded = tick if cell is None else fold(cell.tick, tick)
        changed = changed_modes(Tick(tick.key, 0.0, "") if cell is None else cell.tick, folded)
        # A Quote or Depth message with a price reaches those who listen to prices, moved or not.
        said = Mode.LTP.bit if tick.ltp is not None else 0
        self.on_updates((Update(folded, changed | said | (Mode.DEPTH.bit if tick.depth is not None else 0)),))
        if price_given and tick.ltp is None:
            self._cache.mark(tick.key, PriceFlag.NOT_A_NUMBER)

    def sweep(self, now_ms: float | None = None) -> int:
        """Forget what has not moved for an hour and nobody subscribes to; the engine calls it every minute or so."""
        return self._cache.expire(self._clock() if now_ms is None else now_ms, self._is_wanted)

    def clear_cache(self) -> None:
        """Forget every value; listeners and counters stay."""
        self._cache.clear()

    # What is read

    def last(self, key: InstrumentKey) -> Tick | None:
        """The last known value of `key`, or None."""
        cell = self._cache.cell(key)
        return None if cell is None else cell.tick

    def get_ltp(self, symbol: str, exchange: str) -> dict[str, Any] | None:
        """`{"value", "timestamp"}` of the last price, or None."""
        cell = self._read(symbol, exchange)
        return None if cell is None else ltp_reading(cell.tick)

    def get_ltp_value(self, symbol: str, exchange: str) -> float | None:
        """The last price alone, or None."""
        cell = self._read(symbol, exchange)
        return None if cell is None else cell.tick.ltp

    def get_quote(self, symbol: str, exchange: str) -> dict[str, Any] | None:
        """`{"open", "high", "low", "close", "ltp", "volume", "timestamp", …}`, or None. `close` is the previous one."""
        cell = self._read(symbol, exchange)
        return None if cell is None else quote_reading(cell.tick)

    def get_market_depth(self, symbol: str, exchange: str) -> dict[str, Any] | None:
        """`{"buy": [{"price", "quantity", "orders"}, …], "sell": […], "timestamp"}`, best first, or None."""
        cell = self._read(symbol, exchange)
        return None if cell is None else depth_reading(cell.tick)

    def get_multiple_ltps(self, symbols: Iterable[Mapping[str, str]]) -> dict[str, Any]:
        """`{"NSE:RELIANCE": {"value", "timestamp"}, …}` for `[{"symbol", "exchange"}, …]`; None where unknown."""
        readings: dict[str, Any] = {}
        for entry in symbols:
            key = _key(entry.get("symbol"), entry.get("exchange"))
            if key is not None:
                readings[str(key)] = self.get_ltp(key.symbol, key.exchange)
        return readings

    def get_all_data(self, symbol: str, exchange: str) -> dict[str, Any]:
        """The whole cache entry (`ltp`, `quote`, `depth`, `last_update`, `flag` of a doubtful price); {} if unknown."""
        cell = self._read(symbol, exchange)
        if cell is None:
            return {}
        flag = {} if cell.flag is None else {"flag": str(cell.flag)}
        return entry_reading(cell.tick) | flag

    def price_flag(self, symbol: str, exchange: str) -> PriceFlag | None:
        """Why the last price cannot be true, or None."""
        key = _key(symbol, exchange)
        cell = None if key is None else self._cache.cell(key)
        return None if cell is None else cell.flag

    def is_data_fresh(self, symbol: str, exchange: str, max_age_seconds: float = 30) -> bool:
        """Whether anything was heard of the instrument within `max_age_seconds`."""
        key = _key(symbol, exchange)
        cell = None if key is None else self._cache.cell(key)
        return cell is not None and self._clock() - cell.tick.received_ms <= max_age_seconds * 1000

    # Who listens

    def add_tick_listener(self, callback: Callable[[Sequence[Update]], object]) -> int:
        """Have `callback` called with every batch, on the engine's loop; no dict is built. Returns its id."""
        return self._listeners.add_batch(callback)

    def subscribe_to_updates(
        self,
        event_type: str,
        callback: Callable[[dict[str, Any]], object],
        filter_symbols: Collection[str] | None = None,
    ) -> int:
        """Have `callback` called with a market data message whenever something of `event_type` moves.

        Args:
            event_type: `ltp`, `quote`, `depth` or `all`. A Quote or Depth message with a price reaches `ltp` too.
            callback: called on the engine's loop with a dict that it shares with others and must not change.
            filter_symbols: keys `EXCHANGE:SYMBOL`; None for all.

        Returns:
            The id for `unsubscribe_from_updates`.

        Raises:
            InvalidRequestError: an unknown event type or a filter that is not `EXCHANGE:SYMBOL`.
        """
        return self._listeners.add(event_type, callback, filter_symbols, Priority.NORMAL)

    def subscribe_with_priority(
        self,
        priority: int,
        event_type: str,
        callback: Callable[[dict[str, Any]], object],
        filter_symbols: Collection[str] | None = None,
    ) -> int:
        """Like `subscribe_to_updates`, told before those with a larger number (`Priority`)."""
        return self._listeners.add(event_type, callback, filter_symbols, priority)

    def unsubscribe_from_updates(self, subscriber_id: int) -> bool:
        """Remove a listener of any kind; False if there is none with that id."""
        return self._listeners.remove(subscriber_id)

    # How it goes

    def get_cache_metrics(self) -> dict[str, Any]:
        """Totals since the start; `hit_rate` in percent."""
        hits, misses = self._cache.hits, self._cache.misses
        return {
            "total_symbols": len(self._cache),
            "total_updates": self._cache.updates,
            "cache_hits": hits,
            "cache_misses": misses,
            "hit_rate": round(hits / (hits + misses) * 100, 2) if hits + misses else 0.0,
            "total_subscribers": len(self._listeners),
        }

    def get_health_status(self) -> dict[str, Any]:
        """`healthy` with its `reason`, age of the newest value, feeds, doubtful prices, listeners that misbehave."""
        safe, reason = self.is_trade_management_safe()
        return {
            "healthy": safe,
            "reason": reason,
            "last_update_age_ms": self._age_ms(),
            "feeds": {name: str(status.state) for name, (status, _) in list(self._feeds.items())},
            "suspicious_prices": {str(flag): count for flag, count in self._cache.doubts.items()},
            "malformed_messages": self._malformed,
            "slow_listeners": {listener.name: listener.slow for listener in self._listeners if listener.slow},
            "failing_listeners": {listener.name: listener.errors for listener in self._listeners if listener.errors},
        } | self.get_cache_metrics()

    def is_trade_management_safe(self) -> tuple[bool, str]:
        """Whether prices may be acted upon: every feed live and real, and something heard within 30 s."""
        for name, (status, nature) in list(self._feeds.items()):
            if nature is not FeedNature.LIVE:
                return False, f"The prices of {name} are not real: {nature}"
            if status.state is not FeedState.LIVE:
                return False, f"The feed {name} is {status.state}"
        for key, nature in self._unreal.items():
            return False, f"The prices of {key} are not real: {nature}"
        age = self._age_ms()
        if age is None:
            return False, "No market data has been received yet"
        if age > SAFE_AGE_SECONDS * 1000:
            return False, f"No market data for {age / 1000:.0f} seconds"
        return True, "Market data is flowing"

    def _tell(self, updates: Sequence[Update]) -> None:
        listeners, cell_of = self._listeners, self._cache.cell
        for tick, changed in updates:
            cell = cell_of(tick[0]) if changed else None
            if cell is None:  # nothing moved, or a listener cleared the cache
                continue
            if cell.route_version != listeners.version:
                cell.route_version = listeners.version
                cell.route = listeners.for_key(tick[0])
            if cell.route:
                listeners.tell(cell.route, tick, changed)

    def _read(self, symbol: str, exchange: str) -> Cell | None:
        return self._cache.read(_key(symbol, exchange))

    def _is_wanted(self, key: InstrumentKey) -> bool:
        return self._listeners.filters_on(key) or (self._wanted is not None and self._wanted(key))

    def _age_ms(self) -> float | None:
        newest = self._cache.newest_ms
        return max(0.0, self._clock() - newest) if newest else None


def _key(symbol: object, exchange: object) -> InstrumentKey | None:
    try:
        return parse_key(str(exchange), str(symbol))
    except InvalidRequestError:
        return None


_service: MarketDataService | None = None
_service_lock = threading.Lock()


def get_market_data_service() -> MarketDataService:
    """The service of the running engine; without one, a service of its own that `process_market_data` can fill."""
    global _service
    with _service_lock:
        if _service is None:
            _service = MarketDataService()
        return _service


def use_market_data_service(service: MarketDataService | None) -> None:
    """Make `service` the one that `get_market_data_service` returns; None forgets it."""
    global _service
    with _service_lock:
        _service = service
