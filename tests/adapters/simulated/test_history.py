from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

import pytest

from adapters.simulated.history import Range, candles_of, recorded_bars
from adapters.simulated.path import session_path
from adapters.simulated.simulation import Simulation
from market.candles import Candle
from market.errors import FeedRejectedError
from market.instruments import InstrumentKey
from market.modes import Mode
from market.sessions import MINUTE_MS, SessionCalendar
from tests.adapters.simulated.conftest import IST, ist, key

INFY = key("NSE:INFY")
NAMES = (
    "NSE:INFY",
    "NSE_INDEX:NIFTY",
    "NFO:NIFTY29DEC26FUT",
    "NFO:NIFTY01DEC2624200CE",
    "NFO:NIFTY01DEC2624200PE",
    "MCX:GOLD04DEC26FUT",
    "CDS:USDINR27NOV26FUT",
    "CRYPTO:BTCINR",
)
EVERY_KIND = [key(name) for name in NAMES]
NOON = ist("2026-11-23 12:00:30")


def history(
    simulation: Simulation, instrument: InstrumentKey, minutes: int, limit: int, *, at_ms: float = NOON, **bounds: int
) -> list[Candle]:
    walk = simulation.walk(instrument, at_ms)
    bars = recorded_bars(walk.spot)
    wanted = Range(limit, **bounds)
    return candles_of(walk, bars, walk.last, simulation.seed, simulation.calendar, minutes * MINUTE_MS, wanted)


def play(simulation: Simulation, instrument: InstrumentKey, start_ms: float, seconds: int) -> None:
    simulation.follow(instrument, Mode.QUOTE, start_ms)
    for second in range(seconds + 1):
        simulation.due(start_ms + second * 1000)


@pytest.mark.parametrize("instrument", EVERY_KIND, ids=str)
@pytest.mark.parametrize("minutes", [1, 5, 60, 1440])
def test_candles_are_consistent_and_within_sessions(
    new_simulation: Callable[..., Simulation], calendar: SessionCalendar, instrument: InstrumentKey, minutes: int
) -> None:
    simulation = new_simulation()
    candles = history(simulation, instrument, minutes, 500)
    assert len(candles) == (500 if minutes < 1440 else 400)
    for candle in candles:
        assert 0.0 < candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
        assert calendar.is_open(instrument.exchange, candle.start_ms)
        offset = candle.start_ms - calendar.session_start_ms(instrument.exchange, candle.start_ms)
        assert offset % (minutes * MINUTE_MS) == 0
    assert all(one.start_ms < other.start_ms for one, other in pairwise(candles))
    tick = simulation.follow(instrument, Mode.QUOTE, NOON)
    assert candles[-1].close == tick.ltp
    assert candles[-1].start_ms <= NOON < candles[-1].start_ms + minutes * MINUTE_MS
    assert all(candle.volume > 0 for candle in candles[:-1]) is (tick.volume is not None)


@pytest.mark.parametrize("instrument", EVERY_KIND, ids=str)
def test_the_day_of_the_candles_is_the_day_of_the_quote(
    new_simulation: Callable[..., Simulation], calendar: SessionCalendar, instrument: InstrumentKey
) -> None:
    simulation = new_simulation()
    play(simulation, instrument, ist("2026-11-23 11:30"), 1800)
    tick = simulation.follow(instrument, Mode.QUOTE, NOON)
    minutes = history(simulation, instrument, 1, 2000)
    start = calendar.session_start_ms(instrument.exchange, NOON)
    today = [candle for candle in minutes if candle.start_ms >= start]
    yesterday = [candle for candle in minutes if candle.start_ms < start]
    assert tick.close == yesterday[-1].close
    assert tick.open == today[0].open
    assert None not in (tick.high, tick.low, tick.ltp)
    assert max(candle.high for candle in today) == pytest.approx(tick.high, rel=0.03)
    assert min(candle.low for candle in today) == pytest.approx(tick.low, rel=0.03)


def test_candles_of_different_intervals_agree(new_simulation: Callable[..., Simulation]) -> None:
    simulation = new_simulation()
    play(simulation, INFY, ist("2026-11-23 11:47"), 700)
    minutes, fives = history(simulation, INFY, 1, 1000), history(simulation, INFY, 5, 200)
    for five in fives[1:]:
        within = [one for one in minutes if five.start_ms <= one.start_ms < five.start_ms + 5 * MINUTE_MS]
        assert five.open == within[0].open
        assert five.high == max(one.high for one in within)
        assert five.low == min(one.low for one in within)
        assert five.close == within[-1].close


def test_minutes_since_the_start_follow_those_before_without_a_gap(new_simulation: Callable[..., Simulation]) -> None:
    simulation = new_simulation()
    play(simulation, INFY, ist("2026-11-23 11:55:20"), 310)
    candles = history(simulation, INFY, 1, 12)
    assert [one.start_ms for one in candles] == [ist("2026-11-23 11:49") + i * MINUTE_MS for i in range(12)]
    assert all(one.close == pytest.approx(other.open, abs=0.11) for one, other in pairwise(candles))


def test_the_first_candle_of_a_day_starts_at_the_open(new_simulation: Callable[..., Simulation]) -> None:
    starts = {
        datetime.fromtimestamp(candle.start_ms / 1000, IST).strftime("%H:%M")
        for candle in history(new_simulation(), INFY, 60, 35)
    }
    assert starts == {"09:15", "10:15", "11:15", "12:15", "13:15", "14:15", "15:15"}


def test_yesterday_stays_when_a_new_day_begins(new_simulation: Callable[..., Simulation]) -> None:
    simulation = new_simulation()
    play(simulation, INFY, ist("2026-11-20 15:20"), 600)
    close, morning = simulation.walk(INFY, 0.0).last, ist("2026-11-23 09:15")
    play(simulation, INFY, morning, 120)
    days = history(simulation, INFY, 1440, 3, at_ms=morning)
    assert [datetime.fromtimestamp(day.start_ms / 1000, IST).day for day in days] == [19, 20, 23]
    assert days[1].close == pytest.approx(close, abs=0.11)
    assert days[2].close == simulation.walk(INFY, 0.0).last


def test_after_the_close_the_last_candle_ends_at_the_last_price(new_simulation: Callable[..., Simulation]) -> None:
    simulation, evening = new_simulation(), ist("2026-11-23 20:00")
    for instrument in EVERY_KIND[:5]:
        candles = history(simulation, instrument, 15, 25, at_ms=evening)
        assert candles[-1].start_ms == ist("2026-11-23 15:15")
        assert candles[-1].close == simulation.follow(instrument, Mode.QUOTE, evening).ltp


@pytest.mark.parametrize("instrument", EVERY_KIND, ids=str)
@pytest.mark.parametrize("minutes", [5, 1440])
def test_a_range_is_cut_out_of_the_same_past(
    new_simulation: Callable[..., Simulation], instrument: InstrumentKey, minutes: int
) -> None:
    simulation = new_simulation()
    play(simulation, instrument, ist("2026-11-23 11:47"), 700)
    everything = history(simulation, instrument, minutes, 5000)
    for start, end in (("2026-11-12 00:00", "2026-11-14 00:00"), ("2026-11-19 12:00", "2026-11-23 11:55")):
        bounds = {"start_ms": ist(start), "end_ms": ist(end)}
        expected = [one for one in everything if bounds["start_ms"] <= one.start_ms < bounds["end_ms"]]
        assert len(expected) > 1
        assert history(simulation, instrument, minutes, 5000, **bounds) == expected
        assert history(simulation, instrument, minutes, 2, **bounds) == expected[-2:]
        assert history(simulation, instrument, minutes, 2, end_ms=bounds["end_ms"]) == expected[-2:]


def test_a_range_of_years_ago_is_answered_without_drawing_what_came_after(
    new_simulation: Callable[..., Simulation], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = new_simulation()
    history(simulation, INFY, 5, 1)
    drawn = []
    monkeypatch.setattr(
        "adapters.simulated.history.session_path", lambda *args: drawn.append(args) or session_path(*args)
    )
    week = {"start_ms": ist("2019-06-10 00:00"), "end_ms": ist("2019-06-15 00:00")}
    candles = history(simulation, INFY, 5, 5000, **week)
    assert len(candles) == 5 * 75
    assert all(0.0 < one.low <= one.high for one in candles)
    assert len(drawn) == 5


def test_a_range_without_trading_is_empty(new_simulation: Callable[..., Simulation]) -> None:
    sunday = {"start_ms": ist("2026-11-22 00:00"), "end_ms": ist("2026-11-23 00:00")}
    assert history(new_simulation(), INFY, 5, 5000, **sunday) == []
    assert history(new_simulation(), INFY, 5, 5000, start_ms=ist("2026-11-23 00:00"), end_ms=0) == []


def test_a_range_before_the_first_session_is_refused(new_simulation: Callable[..., Simulation]) -> None:
    with pytest.raises(FeedRejectedError, match="simulated history begins on 20"):
        history(new_simulation(), INFY, 5, 10, end_ms=ist("2001-01-01 00:00"))
