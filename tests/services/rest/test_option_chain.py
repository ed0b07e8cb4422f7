"""Strikes around the money, their labels, and what greeks are said of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import OptionRight
from services.greeks import Contract, price
from services.rest.contracts import Contracts
from services.rest.option_chain import (
    Moment,
    around,
    at_the_money,
    chain_rows,
    expires_ms,
    forward_of,
    label,
    leg_greeks,
    strike_at,
)
from tests.doubles.chains import NEAR, STRIKES, market
from tests.doubles.ticks import full_tick, tick_of

CALL, PUT = OptionRight.CALL, OptionRight.PUT


def test_the_strike_nearest_to_the_price_is_at_the_money() -> None:
    assert at_the_money(STRIKES, 24_985.15) == 25_000.0
    assert at_the_money(STRIKES, 24_975.0) == 24_950.0
    assert at_the_money(STRIKES, 1.0) == 24_900.0


@pytest.mark.parametrize(
    ("steps", "right", "text"),
    [(0, CALL, "ATM"), (-2, CALL, "ITM2"), (1, CALL, "OTM1"), (-2, PUT, "OTM2"), (1, PUT, "ITM1")],
)
def test_labels_say_how_far_in_or_out_of_the_money(steps: int, right: OptionRight, text: str) -> None:
    assert label(steps, right) == text


@given(st.sampled_from(STRIKES), st.sampled_from(STRIKES), st.sampled_from(OptionRight))
def test_the_strike_at_a_label_is_the_one_that_has_it(middle: float, strike: float, right: OptionRight) -> None:
    steps = STRIKES.index(strike) - STRIKES.index(middle)
    assert strike_at(STRIKES, middle, label(steps, right), right) == strike


def test_an_offset_beyond_the_chain_has_no_strike() -> None:
    assert strike_at(STRIKES, 25_000.0, "OTM3", CALL) is None
    assert strike_at(STRIKES, 25_000.0, "OTM3", PUT) is None


def test_strikes_are_cut_on_both_sides_of_the_middle() -> None:
    assert around(STRIKES, 25_000.0, 1) == [24_950.0, 25_000.0, 25_050.0]
    assert around(STRIKES, 24_900.0, 1) == [24_900.0, 24_950.0]
    assert around(STRIKES, 25_000.0, None) == list(STRIKES)


@pytest.mark.parametrize(
    ("board", "expected"),
    [(Exchange.NFO, "10:00"), (Exchange.CDS, "07:00"), (Exchange.MCX, "18:00"), (Exchange.CRYPTO, "12:00")],
)
def test_contracts_expire_when_their_exchange_says(board: Exchange, expected: str) -> None:
    at = datetime.fromtimestamp(expires_ms(board, NEAR) / 1000, UTC)
    assert at.strftime("%d %H:%M") == f"30 {expected}"
    assert expires_ms(board, NEAR, minute=19 * 60) == expires_ms(Exchange.NFO, NEAR) + 210 * 60_000


def test_the_forward_is_the_one_of_put_call_parity() -> None:
    rate, years, forward = 0.065, 0.25, 25_123.0
    contract = Contract(forward, 25_000.0, years, rate, is_call=True)
    call = tick_of(ltp=price(contract, 0.15))
    put = tick_of(ltp=price(contract._replace(is_call=False), 0.15))
    assert forward_of(25_000.0, call, put, Moment(years, rate)) == pytest.approx(forward)
    assert forward_of(25_000.0, call, None, Moment(years, rate)) is None
    assert forward_of(25_000.0, call, tick_of(ltp=None), Moment(years, rate)) is None
    assert forward_of(10.0, tick_of(ltp=0.05), tick_of(ltp=100.0), Moment(years, rate)) is None


def test_a_leg_without_a_price_has_no_last_price_and_one_that_is_not_listed_is_null() -> None:
    strikes = Contracts(market()).family(Exchange.NFO, "NIFTY").options[NEAR]
    del strikes[25_050.0][PUT]
    call = strikes[25_000.0][CALL].key
    rows = chain_rows(
        strikes, [25_000.0, 25_050.0], 25_000.0, {call.symbol: full_tick(call, ltp=98.4, oi=10.0)}, pricing=None
    )
    assert [row["strike"] for row in rows] == [25_000.0, 25_050.0]
    assert list(rows[0]["ce"]) == [
        *("symbol", "label", "ltp", "bid", "ask", "bid_qty", "ask_qty", "open", "high", "low", "prev_close"),
        *("volume", "oi", "lotsize", "tick_size"),
    ]
    assert (rows[0]["ce"]["ltp"], rows[0]["ce"]["label"], rows[0]["ce"]["oi"]) == (98.4, "ATM", 10)
    assert (rows[0]["pe"]["ltp"], rows[0]["pe"]["volume"]) == (None, 0)
    assert (rows[1]["ce"]["label"], rows[1]["pe"]) == ("OTM1", None)


def test_greeks_of_a_leg_are_those_of_its_price() -> None:
    contract = Contract(25_000.0, 25_100.0, 20 / 365, 0.0, is_call=False)
    found = leg_greeks(contract, price(contract, 0.1234))
    assert found["implied_volatility"] == 12.34
    assert -1.0 < (found["delta"] or 0) < -0.5
    assert (found["vega"] or 0) > 0 > (found["theta"] or 0)


@pytest.mark.parametrize(("years", "paid"), [(0.1, None), (0.1, 1.0), (0.0, 150.0), (-1.0, 150.0), (0.1, 30_000.0)])
def test_greeks_that_cannot_be_reckoned_are_null(years: float, paid: float | None) -> None:
    contract = Contract(25_000.0 * exp(0.0), 25_100.0, years, 0.0, is_call=False)
    assert set(leg_greeks(contract, paid).values()) == {None}


def test_a_symbol_expires_on_the_day_that_it_names() -> None:
    assert expires_ms(Exchange.NFO, date(2025, 12, 30)) == 1_767_088_800_000
