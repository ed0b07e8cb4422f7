"""Indices under OpenAlgo's names."""

from __future__ import annotations

import pytest

from adapters.index_names import index_symbol
from market.exchanges import Exchange


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("NIFTY 50", "NIFTY"),
        ("Nifty 50", "NIFTY"),
        ("NIFTY", "NIFTY"),
        ("Nifty Bank", "BANKNIFTY"),
        ("NIFTY FIN SERVICE", "FINNIFTY"),
        ("Nifty Fin Services", "FINNIFTY"),
        ("NIFTY MID SELECT", "MIDCPNIFTY"),
        ("NIFTY NEXT 50", "NIFTYNXT50"),
        ("India VIX", "INDIAVIX"),
        ("NIFTY IT", "NIFTYIT"),
        ("HANGSENG BEES-NAV", "HANGSENGBEES-NAV"),
        ("Nifty M150 Qlty50*", "NIFTYM150QLTY50"),
        ("…", ""),
    ],
)
def test_index_of_nse(name: str, symbol: str) -> None:
    assert index_symbol(Exchange.NSE_INDEX, name) == symbol


@pytest.mark.parametrize(("name", "symbol"), [("SENSEX", "SENSEX"), ("SNSX50", "SENSEX50"), ("BSE IPO", "BSEIPO")])
def test_index_of_bse(name: str, symbol: str) -> None:
    assert index_symbol(Exchange.BSE_INDEX, name) == symbol


def test_a_name_means_the_index_of_its_own_exchange() -> None:
    assert index_symbol(Exchange.MCX_INDEX, "NIFTY 50") == "NIFTY50"
