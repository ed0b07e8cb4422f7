"""Bybit for the conformance suite."""

from __future__ import annotations

from adapters.bybit.broker import BybitVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_bybit import ToyBybit


def _of(symbol: str, token: str, kind: InstrumentKind = InstrumentKind.SPOT) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=kind, token=token, broker_symbol=token)


# Spot and linear have the same names.
INSTRUMENTS = (
    _of("BTCUSDT", "spot|BTCUSDT"),
    _of("ETHUSDT", "spot|ETHUSDT"),
    _of("SOLUSDT", "spot|SOLUSDT"),
    _of("BTCUSDTFUT", "linear|BTCUSDT", InstrumentKind.PERPETUAL),
    _of("ETHUSDTFUT", "linear|ETHUSDT", InstrumentKind.PERPETUAL),
    _of("BTCUSDT26MAR27FUT", "linear|BTCUSDT-26MAR27", InstrumentKind.FUTURE),
    _of("BTCUSDFUT", "inverse|BTCUSD", InstrumentKind.PERPETUAL),
    _of("XRPUSDT", "spot|XRPUSDT"),
    _of("BTCUSDT26MAR2790000CE", "option|BTC-26MAR27-90000-C-USDT", InstrumentKind.OPTION),
    _of("XRPUSDT26MAR272.5CE", "option|XRP-26MAR27-2.5-C-USDT", InstrumentKind.OPTION),
)

BYBIT = Dialect(
    name="bybit",
    toy=ToyBybit,
    venue=BybitVenue,
    instruments=INSTRUMENTS,
    tokens=lambda _token: {},
    tells_modes={
        Mode.LTP: "tickers",
        Mode.QUOTE: "orderbook.1+publicTrade+tickers",
        Mode.DEPTH: "orderbook.50+publicTrade+tickers",
    },
    tells_refusals=True,
    garbage=("not json", "[1]", '{"topic":"tickers.BTCUSDT","data":{"lastPrice":"x"}}'),
    fields=("open", "high", "low", "volume", "last_quantity"),
)
