from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulated.listing import Listing, exact
from adapters.simulated.spot import Spot
from adapters.simulated.walk import Walk
from market.instruments import InstrumentKey
from market.modes import Mode
from market.sessions import SessionCalendar
from market.ticks import Tick
from tests.adapters.simulated.conftest import ist, key

OPEN = ist("2026-11-23 10:00")


def new_walk(listing: Listing, calendar: SessionCalendar, seed: int = 1, at_ms: float = OPEN) -> Walk:
    random = Random(seed)
    return Walk(listing, Spot(seed, listing.root, calendar, at_ms, random), at_ms, random)


def assert_sane(tick: Tick, listing: Listing) -> None:
    """Prices on ticks, within the circuits and consistent with each other."""
    size = exact(listing.instrument.tick_size)
    prices = (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.bid_price, tick.ask_price)
    for price in prices:
        if price is not None:
            ticks = price / size.numerator * size.denominator
            assert price > 0.0
            assert round(ticks) * size.numerator / size.denominator == price
    assert tick.ltp is not None
    assert tick.high is not None
    assert tick.low is not None
    assert tick.open is not None
    assert tick.low <= min(tick.open, tick.ltp) <= max(tick.open, tick.ltp) <= tick.high
    if tick.lower_circuit is not None and tick.upper_circuit is not None:
        assert tick.lower_circuit <= tick.low <= tick.high <= tick.upper_circuit
    if tick.bid_price is not None and tick.ask_price is not None:
        assert tick.bid_price < tick.ask_price


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_instrument_trades_sanely(
    listings: dict[InstrumentKey, Listing], holidays: tuple[object, ...], data: st.DataObject
) -> None:
    listing = listings[data.draw(st.sampled_from(sorted(listings)))]
    walk = new_walk(listing, SessionCalendar(), data.draw(st.integers(0, 99)))
    now, before = OPEN, walk.tick(listing.instrument.key, Mode.DEPTH, OPEN, "simulated")
    assert_sane(before, listing)
    for pause in data.draw(st.lists(st.sampled_from([0.0, 1.0, 40.0, 900.0, 60_000.0]), max_size=25)):
        now += pause
        walk.step(now)
        tick = walk.tick(listing.instrument.key, Mode.DEPTH, now, "simulated")
        assert_sane(tick, listing)
        assert tick.timestamp == tick.ltt == int(now)
        assert (tick.volume or 0) >= (before.volume or 0)
        assert (tick.open, tick.close) == (before.open, before.close)
        assert (tick.oi is None) == (listing.open_interest is None)
        if tick.depth is not None:
            assert (tick.depth.buy[0].price, tick.depth.buy[0].quantity) == (tick.bid_price, tick.bid_size)
            assert (tick.depth.sell[0].price, tick.depth.sell[0].quantity) == (tick.ask_price, tick.ask_size)
            assert (tick.total_buy_quantity or 0) >= sum(level.quantity for level in tick.depth.buy)
            assert max(len(tick.depth.buy), len(tick.depth.sell)) <= listing.depth_levels
        before = tick


def test_an_index_has_neither_volume_nor_depth(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    walk = new_walk(listings[key("NSE_INDEX:NIFTY")], calendar)
    walk.step(OPEN + 5)
    tick = walk.tick(key("NSE_INDEX:NIFTY"), Mode.DEPTH, OPEN + 5, "simulated")
    assert tick.close == 24212.35
    assert tick[Tick._fields.index("last_quantity") :] == (None,) * 14
    assert tick.volume is None


def test_volume_and_open_interest_move_in_whole_lots(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    future = key("NFO:NIFTY29DEC26FUT")
    walk = new_walk(listings[future], calendar)
    seen = set()
    for second in range(200):
        walk.step(OPEN + second * 1000)
        tick = walk.tick(future, Mode.QUOTE, OPEN + second * 1000, "simulated")
        assert tick.volume is not None
        assert tick.oi is not None
        assert tick.volume % 65 == tick.oi % 65 == 0
        assert tick.depth is None
        seen.add(tick.oi)
    assert len(seen) > 10


def test_quantities_of_coins_are_whole_numbers_of_their_step(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    walk = new_walk(listings[key("CRYPTO:BTCINR")], calendar)
    for second in range(100):
        walk.step(OPEN + second * 1000)
        tick = walk.tick(key("CRYPTO:BTCINR"), Mode.QUOTE, OPEN, "simulated")
        for quantity in (tick.volume, tick.last_quantity, tick.bid_size):
            assert (Fraction(str(quantity)) / Fraction(1, 100_000)).denominator == 1
        assert tick.rolling_24h is True


def test_ltp_mode_carries_the_ltp_block_alone(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    tick = new_walk(listings[key("NSE:INFY")], calendar).tick(key("NSE:INFY"), Mode.LTP, OPEN, "simulated")
    assert None not in tick[:7]
    assert set(tick[7:]) == {None}


def test_a_call_and_its_future_follow_the_index(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    random = Random(3)
    names = ("NSE_INDEX:NIFTY", "NFO:NIFTY29DEC26FUT", "NFO:NIFTY01DEC2624200CE", "NFO:NIFTY01DEC2624200PE")
    spot = Spot(3, listings[key(names[0])].root, calendar, OPEN, random)
    walks = [Walk(listings[key(name)], spot, OPEN, random) for name in names]
    for value, direction in ((24212.0, 0), (24412.0, 1), (24012.0, -1)):
        spot.value = value
        before = [walk.last for walk in walks]
        for walk in walks:
            walk.step(OPEN)
        index, future, call, put = (walk.last for walk in walks)
        assert index == value
        assert 0.0 < future - index < 250.0
        if direction:
            assert (call - before[2]) * direction > 50.0
            assert (put - before[3]) * direction < -50.0


def test_a_new_session_takes_over_the_close(listings: dict[InstrumentKey, Listing], calendar: SessionCalendar) -> None:
    infy = key("NSE:INFY")
    walk = new_walk(listings[infy], calendar, at_ms=ist("2026-11-20 15:00"))
    for second in range(60):
        walk.step(ist("2026-11-20 15:29") + second * 1000)
    close, morning = walk.last, ist("2026-11-23 09:15")
    walk.spot.roll(calendar, morning)
    walk.roll(morning)
    tick = walk.tick(infy, Mode.QUOTE, morning, "simulated")
    assert tick.close == pytest.approx(close, abs=0.5)
    assert tick.open == tick.high == tick.low == tick.ltp
    assert tick.volume == 0
    assert tick.lower_circuit == pytest.approx(close * 0.9, abs=0.6)
    assert_sane(tick, listings[infy])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_a_wild_price_stays_within_its_band(listings: dict[InstrumentKey, Listing], seed: int) -> None:
    root = replace(listings[key("NSE:INFY")].root, volatility=3.0)
    spot = Spot(seed, root, SessionCalendar(), OPEN, Random(seed))
    for minute in range(1000):
        assert abs(spot.at(OPEN + minute * 60_000) / spot.previous_close - 1.0) <= root.band + 1e-12


@pytest.mark.parametrize("name", ["NSE:INFY", "NFO:NIFTY29DEC26FUT", "MCX:GOLD04DEC26FUT", "BSE:TATASTEEL"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_nothing_trades_or_is_quoted_beyond_the_circuits(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar, name: str, factor: float
) -> None:
    walk = new_walk(listings[key(name)], calendar)
    walk.spot.value *= factor
    prices = set()
    for _ in range(40):
        walk.step(OPEN)
        tick = walk.tick(key(name), Mode.DEPTH, OPEN, "simulated")
        assert tick.depth is not None
        prices |= {level.price for level in tick.depth.buy + tick.depth.sell} | {tick.ltp, tick.high, tick.low}
    assert tick.lower_circuit is not None
    assert tick.upper_circuit is not None
    assert tick.lower_circuit <= min(prices)
    assert max(prices) <= tick.upper_circuit


def test_time_that_goes_backwards_moves_nothing(
    listings: dict[InstrumentKey, Listing], calendar: SessionCalendar
) -> None:
    spot = Spot(1, listings[key("NSE:INFY")].root, calendar, OPEN, Random(1))
    value = spot.at(OPEN + 1000)
    assert spot.at(OPEN) == spot.at(OPEN + 1000) == value
