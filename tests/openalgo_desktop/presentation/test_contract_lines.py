"""Unfolding a find: its expiries, then the strikes near the spot."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument
from openalgo_desktop.presentation.contract_lines import EACH_SIDE, board_of, expiry_lines, near_strikes
from tests.doubles.listed_market import named

TODAY = date(2026, 11, 23)
FIRST, SECOND = date(2026, 11, 24), date(2026, 12, 29)
STRIKES = range(24_000, 26_050, 50)


@pytest.fixture(scope="module")
def contracts() -> list[Instrument]:
    symbols = ["NIFTY27OCT26FUT", "NIFTY24NOV26FUT", "NIFTY29DEC26FUT"]
    symbols += [f"NIFTY24NOV26{strike}{right}" for strike in STRIKES for right in ("PE", "CE")]
    symbols += ["NIFTY01DEC2625000CE"]
    return [named(Exchange.NFO, symbol) for symbol in symbols]


def test_expiries_that_have_not_passed_nearest_first(contracts: list[Instrument]) -> None:
    lines = expiry_lines(contracts, TODAY)
    assert [(line.expiry, line.strikes, line.future is not None) for line in lines] == [
        (FIRST, 41, True),
        (date(2026, 12, 1), 1, False),
        (SECOND, 0, True),
    ]
    assert [line.details(TODAY) for line in lines] == [
        "future · 41 strikes · tomorrow",
        "1 strike · 8 days",
        "future · 36 days",
    ]


def test_strikes_near_the_spot_follow_the_future_in_order(contracts: list[Instrument]) -> None:
    near, at = near_strikes(contracts, FIRST, 24_980.0)
    assert near[0].key.symbol == "NIFTY24NOV26FUT"
    assert len(near) == 1 + 2 * (2 * EACH_SIDE + 1)
    assert [each.key.symbol for each in near[1:3]] == ["NIFTY24NOV2624250CE", "NIFTY24NOV2624250PE"]
    assert at is not None
    assert at.symbol == "NIFTY24NOV2625000CE"


@pytest.mark.parametrize(("spot", "strike"), [(None, 25_000), (1.0, 24_000), (1e9, 26_000), (24_974.0, 24_950)])
def test_nearest_strike(contracts: list[Instrument], spot: float | None, strike: int) -> None:
    _near, at = near_strikes(contracts, FIRST, spot)
    assert at is not None
    assert at.symbol == f"NIFTY24NOV26{strike}CE"


def test_expiry_with_a_future_alone_or_with_nothing(contracts: list[Instrument]) -> None:
    near, at = near_strikes(contracts, SECOND, 1.0)
    assert [each.key for each in near] == [at]
    assert near_strikes(contracts, date(2027, 1, 1), 1.0) == ([], None)


def test_contracts_on_a_share_are_on_the_board_of_derivatives() -> None:
    assert board_of(named(Exchange.NSE, "SBIN"), "SBIN") == (Exchange.NFO, "SBIN")
    assert board_of(named(Exchange.BSE_INDEX, "SENSEX"), "SENSEX") == (Exchange.BFO, "SENSEX")
    assert board_of(named(Exchange.MCX, "GOLD04DEC26FUT"), "GOLD") == (Exchange.MCX, "GOLD")
