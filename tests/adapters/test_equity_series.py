"""Shares without their series, everything else with it."""

from __future__ import annotations

import pytest

from adapters.equity_series import equity_symbol, split_series


@pytest.mark.parametrize(
    ("tradingsymbol", "parts"),
    [
        ("INFY", ("INFY", "EQ")),
        ("INFY-EQ", ("INFY", "EQ")),
        ("CENTRALBK-BE", ("CENTRALBK", "BE")),
        ("BAJAJ-AUTO", ("BAJAJ-AUTO", "EQ")),
        ("BAJAJ-AUTO-EQ", ("BAJAJ-AUTO", "EQ")),
        ("739GS2026-GS", ("739GS2026", "GS")),
        ("-BE", ("-BE", "EQ")),
    ],
)
def test_series_of_a_trading_symbol(tradingsymbol: str, parts: tuple[str, str]) -> None:
    assert split_series(tradingsymbol) == parts


def test_shares_lose_their_series_and_bonds_keep_it() -> None:
    assert equity_symbol("CENTRALBK", "BE") == "CENTRALBK"
    assert equity_symbol("NHAI", "N2") == "NHAI-N2"
    assert equity_symbol("RELIANCE", "") == "RELIANCE"
