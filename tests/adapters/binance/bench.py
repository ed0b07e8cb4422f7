"""Binance spot for the conformance suite."""

from __future__ import annotations

from adapters.binance.broker import BinanceVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_binance_futures import ToyBinanceSpot

_SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDC", "ETHBTC", "1000SATSUSDT", "XRPUSDT", "LTCUSDT")
INSTRUMENTS = tuple(
    Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=InstrumentKind.SPOT, token=symbol, broker_symbol=symbol)
    for symbol in _SYMBOLS
)

BINANCE = Dialect(
    name="binance",
    toy=ToyBinanceSpot,
    venue=BinanceVenue,
    instruments=INSTRUMENTS,
    tokens=lambda _token: {},
    tells_modes={
        Mode.LTP: "aggTrade+ticker",
        Mode.QUOTE: "aggTrade+bookTicker+ticker",
        Mode.DEPTH: "aggTrade+bookTicker+depth@100ms+ticker",
    },
    tells_refusals=True,
    garbage=("not json", "[1]", "{}", '{"stream":"btcusdt@ticker","data":{"c":"x"}}'),
    fields=("open", "high", "low", "close", "volume", "average_price", "last_quantity"),
)
