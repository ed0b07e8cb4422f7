"""Candles start with the session, also where the time zone is half an hour off, and history joins the live bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from market.candles import Candle
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.sessions import SessionCalendar
from market.ticks import Tick
from openalgo_desktop.presentation import candles
from openalgo_desktop.presentation.candles import CandleSeries, bar_start, session_breaks, session_of

IST = timezone(timedelta(hours=5, minutes=30))
KEY = InstrumentKey(Exchange.NSE, "INFY")


def ist(hour: int, minute: int = 0, second: int = 0, *, day: int = 24) -> int:
    return int(datetime(2025, 11, day, hour, minute, second, tzinfo=IST).timestamp() * 1000)


def nse(at_ms: float) -> float:
    day = datetime.fromtimestamp(at_ms / 1000, IST)
    return day.replace(hour=9, minute=15, second=0, microsecond=0).timestamp() * 1000


def crypto(at_ms: float) -> float:
    day = datetime.fromtimestamp(at_ms / 1000, UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000


def tick(at_ms: int, ltp: float, volume: float | None = None) -> Tick:
    return Tick(KEY, at_ms + 40.0, "test", ltp=ltp, timestamp=at_ms, volume=volume)


@pytest.mark.parametrize(
    ("at", "interval_s", "start"),
    [
        (ist(9, 15, 0), 60, ist(9, 15)),
        (ist(9, 15, 59), 60, ist(9, 15)),
        (ist(10, 14, 59), 3600, ist(9, 15)),
        (ist(10, 15, 0), 3600, ist(10, 15)),
        (ist(9, 33, 0), 900, ist(9, 30)),
        (ist(9, 15, 14), 15, ist(9, 15)),
        (ist(15, 29, 59), 86_400, ist(9, 15)),
        (ist(9, 14, 59), 60, ist(9, 14)),
    ],
)
def test_bar_start_follows_the_session(at: int, interval_s: int, start: int) -> None:
    assert bar_start(at, interval_s, nse) == start


def test_bar_start_of_a_market_without_hours() -> None:
    noon = int(datetime(2025, 11, 24, 12, 34, 56, tzinfo=UTC).timestamp() * 1000)
    assert bar_start(noon, 3600, crypto) == noon - (34 * 60 + 56) * 1000


def test_ticks_build_bars_with_volume_of_each_bar() -> None:
    series = CandleSeries(60, nse)
    for at, price, volume in (
        (ist(9, 15, 1), 100.0, 1000),
        (ist(9, 15, 30), 103.0, 1010),
        (ist(9, 15, 59), 99.0, 1030),
        (ist(9, 16, 0), 101.0, 1100),
    ):
        assert series.add(tick(at, price, volume))
    assert series.bars == [
        Candle(ist(9, 15), 100.0, 103.0, 99.0, 99.0, 30),
        Candle(ist(9, 16), 101.0, 101.0, 101.0, 101.0, 70),
    ]
    assert series.direction == 1


def test_repeated_value_changes_nothing() -> None:
    series = CandleSeries(60, nse)
    series.add(tick(ist(9, 15, 1), 100.0, 10))
    assert not series.add(tick(ist(9, 17, 1), 100.0, 10))
    assert len(series.bars) == 1


def test_late_value_does_not_rewrite_the_past() -> None:
    series = CandleSeries(60, nse)
    series.add(tick(ist(9, 16, 1), 100.0))
    assert not series.add(tick(ist(9, 15, 59), 90.0))
    assert series.bars[-1].low == 100.0
    assert not series.add(Tick(KEY, 1.0, "test"))


def test_volume_after_a_new_session_counts_from_zero() -> None:
    series = CandleSeries(60, nse)
    series.add(tick(ist(15, 29), 100.0, 5000))
    series.add(tick(ist(9, 15, day=25), 101.0, 40))
    assert series.bars[-1].volume == 40


def test_seed_goes_before_live_bars_and_merges_the_running_one() -> None:
    series = CandleSeries(60, nse)
    series.add(tick(ist(9, 17, 30), 105.0, 900))
    series.add(tick(ist(9, 17, 40), 106.0, 905))
    history = [
        Candle(ist(9, 16), 100.0, 102.0, 99.0, 101.0, 70),
        Candle(ist(9, 17), 101.0, 105.5, 98.0, 104.0, 50),
    ]
    series.seed(history)
    assert series.bars == [history[0], Candle(ist(9, 17), 101.0, 106.0, 98.0, 106.0, 55)]
    series.add(tick(ist(9, 18, 1), 107.0, 910))
    assert [bar.start_ms for bar in series.bars] == [ist(9, 16), ist(9, 17), ist(9, 18)]


@pytest.mark.parametrize("hour", [0, 9])
@pytest.mark.parametrize("is_seeded_first", [True, False])
def test_a_day_is_one_bar_whenever_its_source_begins_it(hour: int, is_seeded_first: bool) -> None:
    past = [Candle(ist(hour, 15 if hour else 0, day=day), 99.0, 102.0, 98.0, 100.5, 5_000.0) for day in (20, 21, 24)]
    series = CandleSeries(86_400, nse)
    if is_seeded_first:
        series.seed(past)
    for minute, price in ((0, 101.0), (1, 103.0)):
        series.add(tick(ist(11, minute), price))
    if not is_seeded_first:
        series.seed(past)
    series.add(tick(ist(11, 2), 97.0))
    assert [bar.start_ms for bar in series.bars] == [bar.start_ms for bar in past]
    assert series.bars[-1][1:5] == (99.0, 103.0, 97.0, 97.0)
    series.add(tick(ist(9, 16, day=25), 90.0))
    assert [bar.open for bar in series.bars[-2:]] == [99.0, 90.0]


def test_the_auction_before_the_opening_belongs_to_the_day_that_it_opens() -> None:
    hours = SessionCalendar()
    series = CandleSeries(86_400, lambda at_ms: session_of(hours, Exchange.NSE, at_ms))
    series.seed([Candle(ist(0, day=24), 99.0, 102.0, 98.0, 101.0, 1_000.0)])
    for minute, price, volume in ((8, 110.0, 50.0), (16, 111.0, 80.0), (31, 109.0, 90.0)):
        series.add(tick(ist(9, minute, day=25), price, volume))
    assert [bar[1:6] for bar in series.bars] == [
        (99.0, 102.0, 98.0, 101.0, 1_000.0),
        (110.0, 111.0, 109.0, 109.0, 40.0),
    ]
    assert session_of(hours, Exchange.NSE, ist(8, 59, day=25)) == ist(9, 15, day=24)
    assert session_of(hours, Exchange.MCX, ist(9, 1, day=25)) == ist(9, 0, day=25)


def test_open_interest_is_the_last_that_was_said() -> None:
    series = CandleSeries(60, nse)
    series.add(tick(ist(9, 17, 30), 105.0)._replace(oi=4_000))
    series.add(tick(ist(9, 17, 40), 106.0))
    assert series.bars[-1].oi == 4_000
    series.seed([Candle(ist(9, 17), 101.0, 105.5, 98.0, 104.0, 50, 3_000)])
    assert series.bars[-1].oi == 4_000
    series.add(tick(ist(9, 17, 50), 107.0)._replace(oi=4_100))
    assert series.bars[-1].oi == 4_100


def test_seed_without_live_bars_and_a_first_tick_that_continues_it() -> None:
    series = CandleSeries(60, nse)
    series.seed([Candle(ist(9, 16), 100.0, 102.0, 99.0, 101.0, 70)])
    assert series.last_price == 101.0
    series.add(tick(ist(9, 16, 30), 103.0, 500))
    assert series.bars == [Candle(ist(9, 16), 100.0, 103.0, 99.0, 103.0, 70)]


def test_series_forgets_the_oldest_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candles, "KEEP", 3)
    series = CandleSeries(60, nse)
    for minute in range(15, 25):
        series.add(tick(ist(9, minute), 100.0 + minute))
    assert [bar.start_ms for bar in series.bars] == [ist(9, 22), ist(9, 23), ist(9, 24)]


def test_session_breaks_where_the_session_changes() -> None:
    bars = [Candle(at, 1, 1, 1, 1) for at in (ist(15, 28), ist(15, 29), ist(9, 15, day=25), ist(9, 16, day=25))]
    assert session_breaks(bars, nse) == [2]
    assert session_breaks([], nse) == []
