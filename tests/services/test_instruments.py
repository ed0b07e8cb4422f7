from __future__ import annotations

import threading
from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from market.symbols import parse_symbol
from services.instruments import InstrumentDirectory

TODAY = date(2026, 11, 23)


def made(exchange: Exchange, symbol: str, name: str = "") -> Instrument:
    parts = parse_symbol(exchange, symbol)
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=parts.kind,
        name=name,
        expiry=parts.expiry,
        strike=parts.strike,
        right=parts.right,
    )


@pytest.fixture
def directory() -> InstrumentDirectory:
    known = InstrumentDirectory(today=lambda: TODAY)
    known.add(
        [
            made(Exchange.NFO, "NIFTY29DEC26FUT"),
            made(Exchange.NFO, "NIFTY24NOV26FUT"),
            made(Exchange.NFO, "NIFTY27OCT26FUT"),
            made(Exchange.NFO, "NIFTY24NOV2625000CE"),
            made(Exchange.NFO, "NIFTY24NOV2625000PE"),
            made(Exchange.NFO, "BANKNIFTY24NOV2652000PE"),
            made(Exchange.NSE_INDEX, "NIFTY", "Nifty 50"),
            made(Exchange.NSE_INDEX, "BANKNIFTY", "Nifty Bank"),
            made(Exchange.NSE_INDEX, "FINNIFTY", "Nifty Financial Services"),
            made(Exchange.NSE, "NIFTYBEES", "Nippon Nifty ETF"),
            made(Exchange.NSE, "NFL", "National Fertilizers"),
            made(Exchange.NSE, "INFY", "Infosys"),
            made(Exchange.NSE, "SBIN", "State Bank of India"),
            made(Exchange.BSE, "SBIN", "State Bank of India"),
            made(Exchange.NSE, "HDFCBANK", "HDFC Bank"),
            made(Exchange.CRYPTO, "BTCUSDT", "Bitcoin"),
        ]
    )
    return known


def found(directory: InstrumentDirectory, text: str, limit: int = 20) -> list[str]:
    return [str(instrument.key) for instrument in directory.search(text, limit)]


def test_exact_comes_before_prefix_before_word_before_substring(directory: InstrumentDirectory) -> None:
    symbols = [key.partition(":")[2] for key in found(directory, "nifty")]
    assert symbols == [
        "NIFTY",
        "NIFTYBEES",
        "NIFTY24NOV26FUT",
        "NIFTY29DEC26FUT",
        "NIFTY27OCT26FUT",
        "NIFTY24NOV2625000CE",
        "NIFTY24NOV2625000PE",
        "FINNIFTY",
        "BANKNIFTY",
        "BANKNIFTY24NOV2652000PE",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nifty", "NSE_INDEX:NIFTY"),
        ("bank state", "NSE:SBIN"),
        ("sbin bse", "BSE:SBIN"),
        ("25000 pe nifty", "NFO:NIFTY24NOV2625000PE"),
        ("nifty fut", "NFO:NIFTY24NOV26FUT"),
        ("nifty dec", "NFO:NIFTY29DEC26FUT"),
        ("fut nifty dec26", "NFO:NIFTY29DEC26FUT"),
        ("bnf", "NSE_INDEX:BANKNIFTY"),
        ("bnf 52000 pe", "NFO:BANKNIFTY24NOV2652000PE"),
        ("fn", "NSE_INDEX:FINNIFTY"),
        ("nf", "NSE_INDEX:NIFTY"),
        ("bitc", "CRYPTO:BTCUSDT"),
        ("FOSY", "NSE:INFY"),
        ("  hdfc   ", "NSE:HDFCBANK"),
    ],
)
def test_search_finds_what_was_meant(directory: InstrumentDirectory, text: str, first: str) -> None:
    assert found(directory, text)[0] == first


def test_alias_does_not_hide_what_was_typed(directory: InstrumentDirectory) -> None:
    assert "NSE:NFL" in found(directory, "nf")[:2]


def test_expired_contract_comes_after_the_ones_that_trade(directory: InstrumentDirectory) -> None:
    assert found(directory, "nifty fut")[:3] == [
        "NFO:NIFTY24NOV26FUT",
        "NFO:NIFTY29DEC26FUT",
        "NFO:NIFTY27OCT26FUT",
    ]


@pytest.mark.parametrize("text", ["", "   ", "zzz", "nifty zzz"])
def test_nothing_is_found_for_nothing(directory: InstrumentDirectory, text: str) -> None:
    assert found(directory, text) == []


def test_limit_is_kept(directory: InstrumentDirectory) -> None:
    assert len(found(directory, "n", 3)) == 3
    assert found(directory, "n", 0) == []


def test_adding_again_replaces(directory: InstrumentDirectory) -> None:
    before = len(directory)
    assert directory.add([made(Exchange.NSE, "SBIN", "Renamed")]) == before
    known = directory.get(InstrumentKey(Exchange.NSE, "SBIN"))
    assert known is not None
    assert known.name == "Renamed"
    assert "NSE:SBIN" not in found(directory, "state bank")
    assert directory.get(InstrumentKey(Exchange.NSE, "TCS")) is None


def test_searching_while_a_thread_adds() -> None:
    directory = InstrumentDirectory()

    def add() -> None:
        for start in range(0, 2000, 100):
            directory.add([made(Exchange.NSE, f"S{number}X") for number in range(start, start + 100)])

    thread = threading.Thread(target=add)
    thread.start()
    while thread.is_alive():
        directory.search("s1")
    thread.join()
    assert len(directory) == 2000
    assert found(directory, "s1999x") == ["NSE:S1999X"]
