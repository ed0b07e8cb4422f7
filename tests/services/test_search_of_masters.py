"""The product's own examples, on every instrument of two real brokers' masters."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from market.instruments import InstrumentKey
from services.instruments import InstrumentDirectory
from tests.doubles.master_rows import master_instruments

pytestmark = pytest.mark.recorded

TODAY = date(2025, 10, 6)
NIFTY_AT = 24_890.0


@pytest.fixture(scope="module")
def directory(recordings: Path) -> InstrumentDirectory:
    spot = {"NIFTY50": NIFTY_AT, "NIFTY": NIFTY_AT, "RELIANCE": 1372.0}
    known = InstrumentDirectory(today=lambda: TODAY, spot=lambda key: spot.get(key.symbol))
    known.add(master_instruments(recordings))
    return known


def test_it_is_as_large_as_what_the_product_promises(directory: InstrumentDirectory) -> None:
    assert len(directory) > 200_000


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bnf 48000 ce", "NFO:BANKNIFTY28OCT2548000CE"),
        ("ce 48000 bnf", "NFO:BANKNIFTY28OCT2548000CE"),
        ("bnf48000ce", "NFO:BANKNIFTY28OCT2548000CE"),
        ("nifty fut", "NFO:NIFTY28OCT25FUT"),
        ("niftyfut", "NFO:NIFTY28OCT25FUT"),
        ("rel", "NSE:RELIANCE"),
        ("reliance", "NSE:RELIANCE"),
        ("relianec", "NSE:RELIANCE"),
        ("infosys", "NSE:INFY"),
        ("infosis", "NSE:INFY"),
        ("hdfc bank", "NSE:HDFCBANK"),
        ("tata motors fut", "NFO:TATAMOTORS28OCT25FUT"),
        ("m&m", "NSE:M&M"),
        ("gold fut", "MCX:GOLD05DEC25FUT"),
        ("crude fut", "MCX:CRUDEOIL20OCT25FUT"),
        ("exch:nco gold fut", "NCO:GOLD04NOV25FUT"),
        ("nifty ce", "NFO:NIFTY07OCT2524900CE"),
        ("nifty put", "NFO:NIFTY07OCT2524900PE"),
        ("nfo:reliance call", "NFO:RELIANCE28OCT251370CE"),
        ("nifty 50", "NSE_INDEX:NIFTY50"),
        ("nifty oct 25000 ce", "NFO:NIFTY07OCT2525000CE"),
        ("sensex 82000 pe", "BFO:SENSEX09OCT2582000PE"),
        ("usdinr fut", "CDS:USDINR10OCT25FUT"),
    ],
)
def test_first_find_is_what_was_meant(directory: InstrumentDirectory, text: str, first: str) -> None:
    assert str(directory.search(text, 1)[0].key) == first


@pytest.mark.parametrize("text", ["25sep gold", "gold 25 sep", "gold 25sep26", "sep 25 gold", "gold 25 september"])
def test_gold_of_the_25th_of_september(directory: InstrumentDirectory, text: str) -> None:
    found = directory.search(text, 20)
    assert len(found) == 20
    assert all(each.key.symbol.startswith("GOLD25SEP26") and each.key.exchange == "MCX" for each in found)


def test_each_symbol_is_its_own_first_find(directory: InstrumentDirectory) -> None:
    for instrument in directory.listed()[::1009]:
        exchange, symbol = instrument.key
        assert directory.search(symbol, 1)[0].key.symbol == symbol
        assert directory.search(f"{exchange}:{symbol}", 1)[0].key == InstrumentKey(exchange, symbol)
