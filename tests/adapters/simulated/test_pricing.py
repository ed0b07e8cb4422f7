from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.pricing import YEAR_MS, BlackScholes, Carry, Parity

spots = st.floats(50.0, 200.0)
years = st.floats(0.0, 2.0)


def test_parity_is_the_underlying() -> None:
    assert Parity().price(101.5, 0.0) == 101.5


def test_a_future_carries_interest_until_it_expires() -> None:
    future = Carry(YEAR_MS, rate=0.06)
    assert future.price(100.0, 0.0) == pytest.approx(106.0)
    assert future.price(100.0, YEAR_MS) == future.price(100.0, 2 * YEAR_MS) == 100.0


def test_black_scholes_agrees_with_the_textbook() -> None:
    # S = K = 100, one year, 20 %, no interest: 7.9656.
    assert BlackScholes(100.0, True, 0.2, YEAR_MS).price(100.0, 0.0) == pytest.approx(7.9656, abs=1e-4)


@given(spots, st.floats(50.0, 200.0), years)
def test_calls_and_puts_are_in_parity_and_above_their_intrinsic_value(spot: float, strike: float, left: float) -> None:
    call, put = (BlackScholes(strike, is_call, 0.3, left * YEAR_MS).price(spot, 0.0) for is_call in (True, False))
    assert call - put == pytest.approx(spot - strike, abs=1e-6)
    assert call >= max(0.0, spot - strike) - 1e-6
    assert put >= max(0.0, strike - spot) - 1e-6


@given(spots, spots, years)
def test_a_call_rises_with_its_underlying_and_falls_with_time(low: float, high: float, left: float) -> None:
    call = BlackScholes(100.0, True, 0.3, 2.0 * YEAR_MS)
    low, high = sorted((low, high))
    assert call.price(low, 0.0) <= call.price(high, 0.0) + 1e-9
    assert call.price(high, left * YEAR_MS) <= call.price(high, 0.0) + 1e-9


def test_an_option_lives_on_while_sessions_are_forced_open_past_its_expiry() -> None:
    option = BlackScholes(100.0, True, 0.3, YEAR_MS)
    assert option.price(100.0, 2 * YEAR_MS) == option.price(100.0, YEAR_MS - 3_600_000.0) > 0.05
