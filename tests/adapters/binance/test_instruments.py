"""exchangeInfo → instruments: tick size and lot from the filters, and a sentence for what does not trade."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.binance.instruments import is_plausible, parse
from adapters.masters import Master
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from tests.adapters.binance.conftest import row
from tests.doubles.cryptofeed_capture import read_answers


def listing(*rows: dict[str, object]) -> Master:
    return parse(json.dumps({"timezone": "UTC", "symbols": rows}).encode())


def test_trading_symbol_becomes_an_instrument() -> None:
    assert listing(row("BTCUSDT")).instruments == [
        Instrument(
            key=InstrumentKey(Exchange.CRYPTO, "BTCUSDT"),
            kind=InstrumentKind.SPOT,
            name="BTC / USDT",
            tick_size=0.01,
            lot=0.00001,
            token="BTCUSDT",
            broker_symbol="BTCUSDT",
            source="binance",
        )
    ]


def test_symbols_that_do_not_trade_are_counted_with_the_reason() -> None:
    found = listing(
        row("BTCUSDT"),
        row("OLDUSDT", status="BREAK"),
        row("MARGIN", isSpotTradingAllowed=False),
        row("BTCUSDT"),
        row("\u5e01\u5b89USDT"),
    )
    assert [each.key.symbol for each in found.instruments] == ["BTCUSDT"]
    assert found.skipped == {
        "it does not trade at the moment": 1,
        "it is not traded on spot": 1,
        "another row has the same name": 1,
        "its name cannot be a symbol": 1,
    }


def test_missing_filters_mean_the_finest_step() -> None:
    (instrument,) = listing(row("BTCUSDT", filters=[])).instruments
    assert (instrument.tick_size, instrument.lot) == (1e-8, 1e-8)


@pytest.mark.parametrize(
    ("symbol", "plausible"),
    [
        ("BTCUSDT", True),
        ("1000SATSUSDT", True),
        ("btcusdt", False),
        ("BTC-USDT", False),
        ("", False),
        ("A" * 21, False),
    ],
)
def test_plausible_symbols(symbol: str, plausible: bool) -> None:
    assert is_plausible(symbol) is plausible


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"symbols":[{"symbol":1}]}', b'{"symbols":[]', b"\xff"])
def test_nonsense_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(body)


@pytest.mark.recorded
def test_recorded_listing(recordings: Path) -> None:
    answers = read_answers(recordings / "binance" / "BINANCE.0.trimmed")
    found = parse(next(answer.body for answer in answers if answer.path.endswith("exchangeInfo")))
    assert found.rows == 100
    ether = next(each for each in found.instruments if each.key.symbol == "ETHBTC")
    assert (ether.tick_size, ether.lot) == (0.000001, 0.0001)
