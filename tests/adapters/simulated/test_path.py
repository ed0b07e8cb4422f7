from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.listing import Root
from adapters.simulated.path import NOISES, path_bars, session_path, sessions_back, volume_until
from market.sessions import MINUTE_MS, SessionCalendar
from tests.adapters.simulated.conftest import ist, key

ROOT = Root(key=key("NSE:INFY"), previous_close=1142.3, volatility=0.26)
NOON = ist("2026-11-23 12:00")


def test_the_noises_have_no_drift_and_unit_deviation() -> None:
    assert abs(sum(NOISES)) < 1e-9
    assert sum(noise * noise for noise in NOISES) / len(NOISES) == pytest.approx(1.0, abs=0.02)


def test_sessions_are_chained_back_from_the_previous_close(calendar: SessionCalendar) -> None:
    sessions = list(islice(sessions_back(1, ROOT, calendar, NOON), 30))
    assert sessions[0].previous_close == ROOT.previous_close
    for later, earlier in pairwise(sessions):
        assert later.previous_close == pytest.approx(earlier.close)
        assert later.previous_end_ms == earlier.window.end_ms
    assert all(calendar.is_open(ROOT.key.exchange, session.window.start_ms) for session in sessions)


def test_before_the_open_the_latest_session_is_the_one_before(calendar: SessionCalendar) -> None:
    session = next(sessions_back(1, ROOT, calendar, ist("2026-11-25 08:00")))
    assert session.window.start_ms == ist("2026-11-23 09:15")


def test_the_past_depends_on_the_seed_alone(calendar: SessionCalendar) -> None:
    def drawn(seed: int) -> list[list[float]]:
        return [session_path(seed, ROOT, each).prices for each in islice(sessions_back(seed, ROOT, calendar, NOON), 3)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@given(st.integers(0, 1000))
def test_a_path_runs_from_open_to_close_within_its_band(seed: int) -> None:
    calendar = SessionCalendar()
    session = next(sessions_back(seed, ROOT, calendar, NOON))
    path = session_path(seed, ROOT, session)
    assert len(path.prices) == session.minutes + 1 == 376
    assert path.prices[0] == pytest.approx(session.open)
    assert path.prices[-1] == pytest.approx(session.close)
    top, bottom = (session.previous_close * (1.0 + side * ROOT.band) for side in (1, -1))
    for (before, after), high, low in zip(pairwise(path.prices), path.highs, path.lows, strict=True):
        assert bottom <= low <= min(before, after)
        assert max(before, after) <= high <= top


@given(st.integers(1, 400), st.integers(1, 375))
def test_bars_of_any_width_cover_the_path(width: int, minutes: int) -> None:
    session = next(sessions_back(1, ROOT, SessionCalendar(), NOON))
    path = session_path(1, ROOT, session)
    bars = path_bars(path, session.window.start_ms, minutes, width)
    assert bars[0].open == path.prices[0]
    assert bars[-1].close == path.prices[minutes]
    assert max(bar.high for bar in bars) == max(path.highs[:minutes])
    assert sum(bar.share for bar in bars) == pytest.approx(volume_until(minutes, 375))
    for one, following in pairwise(bars):
        assert one.close == following.open
        assert following.start_ms - one.start_ms == width * MINUTE_MS


def test_all_the_volume_of_a_day_trades_within_it() -> None:
    shares = [volume_until(minute, 375) for minute in range(-5, 400)]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
