from __future__ import annotations

import json
import threading
import timeit
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Depth, Level, Tick, Update
from services import market_data_service
from services.market_data_service import MarketDataService, Priority, get_market_data_service

NOW = 1_753_340_515_071.0
SBIN = InstrumentKey(Exchange.NSE, "SBIN")
ALL = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit

RELIANCE: dict[str, Any] = {
    "symbol": "RELIANCE",
    "exchange": "NSE",
    "mode": 3,
    "data": {
        "open": 1419.2,
        "high": 1423.0,
        "low": 1396.0,
        "close": 1424.6,
        "ltp": 1402.7,
        "volume": 7082847,
        "timestamp": 1753340515071,
        "depth": {
            "buy": [{"price": 1402.5, "quantity": 674, "orders": 6}],
            "sell": [{"price": 1402.7, "quantity": 696, "orders": 4}],
        },
    },
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> MarketDataService:
    return MarketDataService(clock)


def sbin(ltp: float | None, at: float = NOW, **fields: Any) -> Tick:
    return Tick(SBIN, at, "zerodha", ltp=ltp, **fields)


def test_cache_entry_has_the_documents_shape(service: MarketDataService) -> None:
    service.process_market_data(RELIANCE)
    stamp = 1753340515071
    depth = {
        "buy": [{"price": 1402.5, "quantity": 674, "orders": 6}],
        "sell": [{"price": 1402.7, "quantity": 696, "orders": 4}],
        "timestamp": stamp,
    }
    assert service.get_ltp("RELIANCE", "NSE") == {"value": 1402.7, "timestamp": stamp}
    assert service.get_market_depth("RELIANCE", "NSE") == depth
    quote = service.get_quote("RELIANCE", "NSE")
    assert quote is not None
    documented = {"open": 1419.2, "high": 1423.0, "low": 1396.0, "close": 1424.6, "ltp": 1402.7, "volume": 7082847}
    assert quote == documented | {
        "timestamp": stamp,
        "change": pytest.approx(-21.9),
        "change_percent": pytest.approx(-1.5373, abs=1e-4),
    }
    entry = service.get_all_data("reliance", "nse")
    assert entry == {
        "ltp": {"value": 1402.7, "timestamp": stamp},
        "quote": quote,
        "depth": depth,
        "last_update": int(NOW),
    }


def test_reading_of_what_nobody_sent_is_none_and_a_miss(service: MarketDataService) -> None:
    assert service.get_ltp("SBIN", "NSE") is None
    assert service.get_ltp_value("SBIN", "MARS") is None
    assert service.get_quote("", "NSE") is None
    assert service.get_market_depth("SBIN", "NSE") is None
    assert service.get_all_data("SBIN", "NSE") == {}
    assert service.get_cache_metrics()["cache_misses"] == 5


def test_metrics_count_updates_hits_misses_and_listeners(service: MarketDataService) -> None:
    service.on_updates([Update(sbin(800.0), ALL), Update(sbin(801.0), ALL)])
    service.add_tick_listener(lambda updates: None)
    service.subscribe_to_updates("ltp", lambda message: None)
    for _ in range(3):
        service.get_ltp("SBIN", "NSE")
    service.get_ltp("TCS", "NSE")
    assert service.get_cache_metrics() == {
        "total_symbols": 1,
        "total_updates": 2,
        "cache_hits": 3,
        "cache_misses": 1,
        "hit_rate": 75.0,
        "total_subscribers": 2,
    }


def test_multiple_ltps_name_every_symbol_asked_for(service: MarketDataService) -> None:
    service.on_updates([Update(sbin(800.0), ALL)])
    asked = [{"symbol": "sbin", "exchange": "NSE"}, {"symbol": "TCS", "exchange": "NSE"}, {"symbol": "X"}]
    assert service.get_multiple_ltps(asked) == {
        "NSE:SBIN": {"value": 800.0, "timestamp": int(NOW)},
        "NSE:TCS": None,
    }


def test_message_without_a_field_leaves_it_as_it_was(service: MarketDataService) -> None:
    service.process_market_data(RELIANCE)
    service.process_market_data({"symbol": "RELIANCE", "exchange": "NSE", "ltp": 1403.0})
    quote = service.get_quote("RELIANCE", "NSE")
    assert quote is not None
    assert (quote["ltp"], quote["open"]) == (1403.0, 1419.2)
    assert service.get_market_depth("RELIANCE", "NSE") is not None


@pytest.mark.parametrize("stamp", [1753340515, 1753340515000, 1753340515000000, 1753340515000000000, "1753340515"])
def test_timestamps_are_milliseconds_whatever_came(service: MarketDataService, stamp: object) -> None:
    service.process_market_data({"symbol": "SBIN", "exchange": "NSE", "data": {"ltp": 1, "timestamp": stamp}})
    reading = service.get_ltp("SBIN", "NSE")
    assert reading is not None
    assert reading["timestamp"] == 1753340515000


@pytest.mark.expected_log("Malformed market data")
@pytest.mark.parametrize("junk", [{}, {"symbol": "SBIN"}, {"symbol": "A B", "exchange": "NSE"}, "text", None, []])
def test_malformed_message_is_counted_and_logged_once(
    service: MarketDataService, junk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service.process_market_data(junk)
    service.process_market_data(junk)
    assert service.get_health_status()["malformed_messages"] == 2
    assert len([record for record in caplog.records if record.levelname != "INFO"]) == 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-5e3", "NSE"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["price", "buy", "sell"]), inner),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(["ltp", "timestamp", "ltt", "volume", "depth", "close", "bid", "oi", "mode", "symbol", "data"]),
    JSON,
)


@example({"ltp": 10**400}, False)
@example({"timestamp": 10**400}, True)
@example({"ltp": 1e300, "close": 1e-300}, True)
@given(FIELDS, st.booleans())
def test_no_message_raises_whatever_its_fields_hold(fields: dict[str, Any], flat: bool) -> None:
    service = MarketDataService(lambda: NOW)
    head = {"symbol": "SBIN", "exchange": "NSE"}
    service.process_market_data(fields | head if flat else head | {"data": fields})
    json.dumps(service.get_all_data("SBIN", "NSE"), allow_nan=False)
    assert service.get_health_status()["malformed_messages"] == 0


# Listeners


def test_quote_and_depth_messages_reach_ltp_listeners(service: MarketDataService) -> None:
    seen: list[dict[str, Any]] = []
    service.subscribe_to_updates("ltp", seen.append)
    service.process_market_data(RELIANCE)
    service.process_market_data(RELIANCE)
    assert [message["mode"] for message in seen] == [1, 1]
    assert seen[0]["data"]["ltp"] == 1402.7
    assert "depth" not in seen[0]["data"]


def test_each_listener_gets_the_message_of_its_mode(service: MarketDataService) -> None:
    seen: dict[str, list[dict[str, Any]]] = {event: [] for event in ("ltp", "quote", "depth", "all")}
    for event, messages in seen.items():
        service.subscribe_to_updates(event, messages.append)
    book = Depth((Level(799.0, 5, 1),), (Level(800.0, 7, 2),))
    service.on_updates([Update(sbin(800.0, close=790.0, depth=book), ALL)])
    assert {event: messages[0]["mode"] for event, messages in seen.items()} == {
        "ltp": 1,
        "quote": 2,
        "depth": 3,
        "all": 3,
    }
    assert seen["quote"][0] == {
        "type": "market_data",
        "symbol": "SBIN",
        "exchange": "NSE",
        "mode": 2,
        "data": {
            "symbol": "SBIN",
            "exchange": "NSE",
            "ltp": 800.0,
            "timestamp": int(NOW),
            "close": 790.0,
            "change": 10.0,
            "change_percent": pytest.approx(1.2658, abs=1e-4),
        },
        "broker": "zerodha",
    }
    assert seen["depth"][0]["data"]["depth"]["sell"] == [{"price": 800.0, "quantity": 7, "orders": 2}]


def test_message_carries_the_exchanges_own_times(service: MarketDataService) -> None:
    seen: list[dict[str, Any]] = []
    service.subscribe_to_updates("ltp", seen.append)
    service.on_updates([Update(sbin(800.0, timestamp=999, ltt=998, volume=7), ALL)])
    assert {name: seen[0]["data"][name] for name in ("timestamp", "ltt", "volume")} == {
        "timestamp": 999,
        "ltt": 998,
        "volume": 7,
    }


def test_listener_is_not_told_of_modes_that_did_not_move(service: MarketDataService) -> None:
    seen: list[str] = []
    service.subscribe_to_updates("ltp", lambda message: seen.append("ltp"))
    service.subscribe_to_updates("quote", lambda message: seen.append("quote"))
    service.subscribe_to_updates("depth", lambda message: seen.append("depth"))
    service.on_updates([Update(sbin(800.0, depth=Depth((), ())), Mode.DEPTH.bit), Update(sbin(800.0), 0)])
    assert seen == ["depth"]


def test_filter_takes_only_its_symbols(service: MarketDataService) -> None:
    seen: list[str] = []
    service.subscribe_to_updates("ltp", lambda message: seen.append(message["symbol"]), {"nse:SBIN"})
    service.process_market_data(RELIANCE)
    service.on_updates([Update(sbin(1.0), ALL)])
    assert seen == ["SBIN"]


@pytest.mark.parametrize(("event", "symbols"), [("trades", None), ("ltp", {"SBIN"}), (7, None), ("ltp", {"MARS:X"})])
def test_subscribing_to_nonsense_says_what_was_expected(service: MarketDataService, event: Any, symbols: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"expected|not EXCHANGE:SYMBOL"):
        service.subscribe_to_updates(event, print, symbols)


def test_listeners_are_told_by_priority_then_by_age(service: MarketDataService) -> None:
    seen: list[str] = []
    service.subscribe_to_updates("ltp", lambda message: seen.append("normal"))
    service.subscribe_with_priority(Priority.LOW, "ltp", lambda message: seen.append("low"))
    service.subscribe_with_priority(Priority.CRITICAL, "ltp", lambda message: seen.append("critical"))
    service.on_updates([Update(sbin(1.0), ALL)])
    assert seen == ["critical", "normal", "low"]


def test_unsubscribed_listener_hears_nothing(service: MarketDataService) -> None:
    seen: list[object] = []
    ids = [service.subscribe_to_updates("all", seen.append), service.add_tick_listener(seen.append)]
    service.on_updates([Update(sbin(1.0), ALL)])
    assert len(seen) == 2
    assert [service.unsubscribe_from_updates(number) for number in ids] == [True, True]
    assert service.unsubscribe_from_updates(ids[0]) is False
    service.on_updates([Update(sbin(2.0), ALL)])
    assert len(seen) == 2


def test_tick_listener_gets_the_batch_itself(service: MarketDataService) -> None:
    seen: list[object] = []
    service.add_tick_listener(seen.append)
    batch = [Update(sbin(1.0), ALL), Update(sbin(1.0), 0)]
    service.on_updates(batch)
    assert seen[0] is batch


@pytest.mark.expected_log("raised")
def test_listener_that_raises_is_isolated_counted_and_logged_once(
    service: MarketDataService, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[float] = []

    def broken(message: object) -> None:
        raise RuntimeError("bug")

    service.subscribe_with_priority(Priority.CRITICAL, "ltp", broken)
    service.add_tick_listener(broken)
    service.subscribe_to_updates("ltp", lambda message: seen.append(message["data"]["ltp"]))
    for price in (1.0, 1.1, 1.15):
        service.on_updates([Update(sbin(price), ALL)])
    assert seen == [1.0, 1.1, 1.15]
    assert service.get_health_status()["failing_listeners"] == {broken.__qualname__: 3}
    assert len([record for record in caplog.records if record.levelname != "INFO"]) == 2


def test_slow_listener_is_named(service: MarketDataService, caplog: pytest.LogCaptureFixture) -> None:
    times = iter([0.0, 0.004, 1.0, 1.006, 2.0, 2.5])
    service._listeners._timer = lambda: next(times)

    def dawdling(message: object) -> None:
        return

    service.subscribe_to_updates("ltp", dawdling)
    for _ in range(3):
        service.on_updates([Update(sbin(1.0), ALL)])
    assert service.get_health_status()["slow_listeners"] == {dawdling.__qualname__: 2}
    assert [record.getMessage() for record in caplog.records] == [
        f"Market data listener {dawdling.__qualname__} is slow: 6.0 ms for one call"
    ]


def test_listener_that_comes_later_hears_of_instruments_that_were_there_before(service: MarketDataService) -> None:
    seen: list[str] = []
    for name in ("first", "second"):
        service.subscribe_to_updates("ltp", lambda message, name=name: seen.append(name))  # type: ignore[misc]
        service.on_updates([Update(sbin(1.0), ALL)])
    assert seen == ["first", "first", "second"]


def test_listener_may_unsubscribe_and_subscribe_inside_its_call(service: MarketDataService) -> None:
    seen: list[str] = []

    def once(message: object) -> None:
        seen.append("once")
        service.unsubscribe_from_updates(number)
        service.subscribe_to_updates("ltp", lambda later: seen.append("later"))

    number = service.subscribe_to_updates("ltp", once)
    service.on_updates([Update(sbin(1.0), ALL)])
    service.on_updates([Update(sbin(1.1), ALL)])
    assert seen == ["once", "later"]


def test_reading_while_another_thread_writes(service: MarketDataService) -> None:
    keys = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(500)]

    def write() -> None:
        for price in range(1, 20):
            service.on_updates([Update(Tick(key, NOW, "x", ltp=float(price)), ALL) for key in keys])
            service.sweep(NOW)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        service.get_ltp("S499", "NSE")
        service.get_health_status()
        service.unsubscribe_from_updates(service.subscribe_to_updates("ltp", lambda message: None))
    writer.join()
    assert service.get_ltp_value("S499", "NSE") == 19.0


def test_there_is_one_service_and_the_engines_replaces_it(service: MarketDataService) -> None:
    own = get_market_data_service()
    try:
        assert get_market_data_service() is own
        market_data_service.use_market_data_service(service)
        assert get_market_data_service() is service
    finally:
        market_data_service.use_market_data_service(None)


def test_cost_of_an_update_grows_little_with_listeners(service: MarketDataService) -> None:
    # A ratio, not a clock: five listeners of dicts cost less than fifty times the plain store.
    batch = [Update(sbin(800.0 + number, close=790.0), ALL) for number in range(200)]
    plain = min(timeit.repeat(lambda: service.on_updates(batch), number=5, repeat=5))
    for _ in range(5):
        service.subscribe_to_updates("ltp", lambda message: None)
    heard = min(timeit.repeat(lambda: service.on_updates(batch), number=5, repeat=5))
    assert heard < plain * 50
