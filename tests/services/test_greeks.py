"""Black's formula against the numbers of textbooks, put-call parity, and the slopes that it has itself."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.greeks import Contract, greeks, implied_volatility, price


def contracts() -> st.SearchStrategy[Contract]:
    return st.builds(
        Contract,
        forward=st.floats(1.0, 1e5),
        strike=st.floats(1.0, 1e5),
        years=st.floats(1e-4, 5.0),
        rate=st.floats(0.0, 0.2),
        is_call=st.booleans(),
    )


@pytest.mark.parametrize(
    ("contract", "volatility", "expected"),
    [
        # Hull, Options, Futures and Other Derivatives: a put on a futures price, 20/20, 9 %, 4 months, 25 %.
        (Contract(20.0, 20.0, 4 / 12, 0.09, is_call=False), 0.25, 1.12),
        # Hull: shares at 42, strike 40, 10 %, half a year, 20 %: call 4.76, put 0.81.
        (Contract(42.0 * exp(0.05), 40.0, 0.5, 0.10, is_call=True), 0.20, 4.76),
        (Contract(42.0 * exp(0.05), 40.0, 0.5, 0.10, is_call=False), 0.20, 0.81),
    ],
)
def test_prices_are_the_textbooks(contract: Contract, volatility: float, expected: float) -> None:
    assert price(contract, volatility) == pytest.approx(expected, abs=0.005)


def test_greeks_are_the_textbooks_for_a_share() -> None:
    # Hull: shares at 49, strike 50, 5 %, 20 weeks, 20 %: delta 0.522, gamma 0.066, vega 12.1, all for the share.
    years, rate = 0.3846, 0.05
    grown = exp(rate * years)
    found = greeks(Contract(49.0 * grown, 50.0, years, rate, is_call=True), 0.20)
    assert found.delta * grown == pytest.approx(0.522, abs=0.001)
    assert found.gamma * grown * grown == pytest.approx(0.066, abs=0.001)
    assert found.vega * 100 == pytest.approx(12.1, abs=0.05)


@given(contracts(), st.floats(0.01, 3.0))
def test_put_and_call_differ_by_the_discounted_forward(contract: Contract, volatility: float) -> None:
    call = price(contract._replace(is_call=True), volatility)
    put = price(contract._replace(is_call=False), volatility)
    assert call - put == pytest.approx(contract.discount * (contract.forward - contract.strike), rel=1e-9, abs=1e-6)


@given(contracts(), st.floats(0.03, 3.0))
def test_the_volatility_of_a_price_is_the_one_it_was_made_with(contract: Contract, volatility: float) -> None:
    paid = price(contract, volatility)
    # Far from the money a price carries no trace of its volatility.
    assume(greeks(contract, volatility).vega > 1e-4 * contract.forward / 100.0)
    found = implied_volatility(contract, paid)
    assert found == pytest.approx(volatility, rel=1e-6)


@given(contracts(), st.floats(allow_nan=True, allow_infinity=True))
def test_any_price_has_a_volatility_that_explains_it_or_none(contract: Contract, paid: float) -> None:
    found = implied_volatility(contract, paid)
    if found is None:
        assert not contract.intrinsic < paid < contract.ceiling or price(contract, 50.0) < paid
    else:
        assert price(contract, found) == pytest.approx(paid, rel=1e-6, abs=1e-7 * contract.forward)


@pytest.mark.parametrize("is_call", [True, False])
def test_greeks_are_the_slopes_of_the_price(is_call: bool) -> None:
    contract, volatility = Contract(24_300.0, 24_500.0, 12 / 365, 0.065, is_call=is_call), 0.14
    found = greeks(contract, volatility)

    def at(**changed: float) -> float:
        sigma = changed.pop("volatility", volatility)
        return price(contract._replace(**changed), sigma)

    step = 0.5
    up, down = at(forward=contract.forward + step), at(forward=contract.forward - step)
    assert found.delta == pytest.approx((up - down) / (2 * step), rel=1e-6)
    assert found.gamma == pytest.approx((up - 2 * at() + down) / step**2, rel=1e-4)
    assert found.vega == pytest.approx((at(volatility=0.141) - at(volatility=0.139)) / 0.2, rel=1e-5)
    assert found.rho == pytest.approx((at(rate=0.066) - at(rate=0.064)) / 0.2, rel=1e-5)
    day = 1e-4 / 365
    slope = (at(years=contract.years - day) - at(years=contract.years + day)) / (2e-4)
    assert found.theta == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("paid", [0.0, -1.0, 300.0, 24_300.0, float("nan"), float("inf")])
def test_prices_outside_the_possible_have_no_volatility(paid: float) -> None:
    assert implied_volatility(Contract(24_300.0, 24_000.0, 0.05, 0.0, is_call=True), paid) is None


def test_without_volatility_an_option_is_worth_its_intrinsic_value() -> None:
    assert price(Contract(110.0, 100.0, 1.0, 0.0, is_call=True), 0.0) == 10.0
