from __future__ import annotations

from typing import Any

import pytest

from market.exchanges import Exchange
from market.feeds import FeedNature, FeedState, FeedStatus, NatureKnown
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Tick, Update
from services.market_data.flags import PriceFlag
from services.market_data_service import MarketDataService

NOW = 1_753_340_515_071.0
SBIN = InstrumentKey(Exchange.NSE, "SBIN")
ALL = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit


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


def test_doubtful_prices_are_flagged_counted_and_shown(service: MarketDataService) -> None:
    for price, later in ((100.0, 0), (130.0, 500), (200.0, 1501), (-1.0, 1600)):
        service.on_updates([Update(sbin(price, NOW + later), ALL)])
        if later == 500:
            assert service.price_flag("SBIN", "NSE") is PriceFlag.JUMP
            assert service.get_all_data("SBIN", "NSE")["flag"] == "jump"
            assert service.get_ltp_value("SBIN", "NSE") == 130.0
        if later == 1501:
            assert service.price_flag("SBIN", "NSE") is None
    service.process_market_data({"symbol": "TCS", "exchange": "NSE", "data": {"ltp": "n/a", "volume": 3}})
    assert service.price_flag("TCS", "NSE") is PriceFlag.NOT_A_NUMBER
    counts = service.get_health_status()["suspicious_prices"]
    assert counts["jump"] == 1
    assert counts["not_positive"] == 1
    assert counts["not_a_number"] == 1


def test_flag_goes_with_the_next_price_that_can_be_true(service: MarketDataService) -> None:
    for number, price in enumerate((100.0, 130.0, 131.0)):
        service.on_updates([Update(sbin(price, NOW + number), ALL)])
    assert service.price_flag("SBIN", "NSE") is None
    assert "flag" not in service.get_all_data("SBIN", "NSE")


def test_price_that_should_be_there_and_is_not_is_counted(service: MarketDataService) -> None:
    service.on_updates([Update(sbin(None, volume=5), ALL), Update(sbin(None, bid_price=1.0), Mode.QUOTE.bit)])
    assert service.get_health_status()["suspicious_prices"] == {"missing": 1}


def test_repeated_price_is_not_doubted_again(service: MarketDataService) -> None:
    tick = sbin(-5.0)
    service.on_updates([Update(tick, ALL), Update(tick._replace(bid_price=1.0), Mode.QUOTE.bit)])
    assert service.get_health_status()["suspicious_prices"] == {"not_positive": 1}


def test_negative_commodity_price_is_possible(service: MarketDataService) -> None:
    crude = InstrumentKey(Exchange.MCX, "CRUDEOIL20APR20FUT")
    service.on_updates([Update(Tick(crude, NOW, "x", ltp=-2884.0), ALL)])
    assert service.price_flag("CRUDEOIL20APR20FUT", "MCX") is None


def test_freshness_counts_from_receipt(service: MarketDataService, clock: Clock) -> None:
    service.on_updates([Update(sbin(1.0), 0)])
    clock.now += 30_000
    assert service.is_data_fresh("SBIN", "NSE")
    assert not service.is_data_fresh("SBIN", "NSE", max_age_seconds=29)
    assert not service.is_data_fresh("TCS", "NSE")


def test_trade_management_is_safe_only_on_live_flowing_real_prices(service: MarketDataService, clock: Clock) -> None:
    assert service.is_trade_management_safe() == (False, "No market data has been received yet")
    service.on_updates([Update(sbin(1.0), ALL)])
    assert service.is_trade_management_safe()[0]
    service.on_feed_status(FeedStatus("zerodha", FeedState.MUTE))
    assert service.is_trade_management_safe() == (False, "The feed zerodha is mute")
    service.on_feed_status(FeedStatus("zerodha", FeedState.LIVE))
    clock.now += 31_000
    assert service.is_trade_management_safe() == (False, "No market data for 31 seconds")
    clock.now -= 31_000
    service.on_feed_status(FeedStatus("demo", FeedState.LIVE), FeedNature.SIMULATED)
    assert service.is_trade_management_safe() == (False, "The prices of demo are not real: simulated")
    health = service.get_health_status()
    assert health["healthy"] is False
    assert health["feeds"] == {"zerodha": "live", "demo": "live"}


def test_sweep_forgets_after_an_hour_what_nobody_wants(clock: Clock) -> None:
    tcs = InstrumentKey(Exchange.NSE, "TCS")
    held = InstrumentKey(Exchange.NSE, "HELD")
    service = MarketDataService(clock, wanted=lambda key: key == held)
    service.subscribe_to_updates("ltp", lambda message: None, {"NSE:TCS"})
    service.on_updates([Update(Tick(key, NOW, "x", ltp=1.0), ALL) for key in (SBIN, tcs, held)])
    clock.now += 3_600_000
    assert service.sweep() == 0
    clock.now += 1
    assert service.sweep() == 1
    assert service.last(SBIN) is None
    assert service.last(tcs) is not None
    assert service.last(held) is not None


def test_clear_cache_forgets_values_and_keeps_listeners(service: MarketDataService) -> None:
    seen: list[object] = []
    service.add_tick_listener(seen.append)
    service.on_updates([Update(sbin(1.0), ALL)])
    service.clear_cache()
    assert service.last(SBIN) is None
    service.on_updates([Update(sbin(1.0), ALL)])
    assert len(seen) == 2


def test_prices_that_a_bus_calls_simulated_are_not_acted_upon(service: MarketDataService) -> None:
    service.on_feed_status(FeedStatus("nats", FeedState.LIVE))
    service.on_updates([Update(sbin(100.0), ALL)])
    assert service.is_trade_management_safe()[0]
    service.on_nature(NatureKnown("nats", SBIN, FeedNature.SIMULATED))
    assert service.is_trade_management_safe() == (False, "The prices of NSE:SBIN are not real: simulated")
    service.on_nature(NatureKnown("nats", SBIN, FeedNature.LIVE))
    assert service.is_trade_management_safe()[0]
