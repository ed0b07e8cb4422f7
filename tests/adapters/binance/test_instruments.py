"""exchangeInfo → instruments: tick size and lot from the filters, and a sentence for what does not trade."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.binance.instruments import Listing, decode_listing, is_plausible
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from tests.doubles.cryptofeed_capture import read_answers


def row(symbol: str, **others: object) -> dict[str, object]:
    filters = [
        {"filterType": "PRICE_FILTER", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "stepSize": "0.00001000"},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "filters": filters,
    } | others


def listing(*rows: dict[str, object]) -> Listing:
    return decode_listing(json.dumps({"timezone": "UTC", "symbols": rows}).encode())


def test_trading_symbol_becomes_an_instrument() -> None:
    assert listing(row("BTCUSDT")).instruments == {
        "BTCUSDT": Instrument(
            key=InstrumentKey(Exchange.CRYPTO, "BTCUSDT"),
            kind=InstrumentKind.SPOT,
            name="BTC / USDT",
            tick_size=0.01,
            lot=0.00001,
            token="BTCUSDT",
            broker_symbol="BTCUSDT",
            source="binance",
        )
    }


def test_symbols_that_do_not_trade_are_named_so() -> None:
    found = listing(row("BTCUSDT"), row("OLDUSDT", status="BREAK"), row("MARGIN", isSpotTradingAllowed=False))
    assert found.why_not("BTCUSDT") is None
    assert found.why_not("OLDUSDT") == "OLDUSDT does not trade on Binance spot at the moment"
    assert found.why_not("MARGIN") == "Binance spot has no symbol MARGIN"


def test_missing_filters_mean_the_finest_step() -> None:
    instrument = listing(row("BTCUSDT", filters=[])).instruments["BTCUSDT"]
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
        decode_listing(body)


@pytest.mark.recorded
def test_recorded_listing(recordings: Path) -> None:
    answers = read_answers(recordings / "binance" / "BINANCE.0.trimmed")
    found = decode_listing(next(answer.body for answer in answers if answer.path.endswith("exchangeInfo")))
    assert len(found.instruments) + len(found.halted) == 100
    assert found.instruments["ETHBTC"].tick_size == 0.000001
    assert found.instruments["ETHBTC"].lot == 0.0001
