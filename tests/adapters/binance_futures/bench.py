"""Binance's USD-M futures for the conformance suite."""

from __future__ import annotations

from adapters.binance_futures.broker import BinanceFuturesVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_binance_futures import ToyBinanceFutures


def _of(symbol: str, token: str, kind: InstrumentKind = InstrumentKind.PERPETUAL) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=kind, token=token, broker_symbol=token)


INSTRUMENTS = (
    _of("BTCUSDTFUT", "BTCUSDT"),
    _of("ETHUSDTFUT", "ETHUSDT"),
    _of("SOLUSDTFUT", "SOLUSDT"),
    _of("BTCUSDT27MAR26FUT", "BTCUSDT_260327", InstrumentKind.FUTURE),
    _of("BTCUSDCFUT", "BTCUSDC"),
    _of("1000SHIBUSDTFUT", "1000SHIBUSDT"),
    _of("XRPUSDTFUT", "XRPUSDT"),
    _of("LTCUSDTFUT", "LTCUSDT"),
)

BINANCE_FUTURES = Dialect(
    name="binance_futures",
    toy=ToyBinanceFutures,
    venue=BinanceFuturesVenue,
    instruments=INSTRUMENTS,
    tokens=lambda _token: {},
    tells_modes={
        Mode.LTP: "aggTrade+ticker",
        Mode.QUOTE: "aggTrade+bookTicker+ticker",
        Mode.DEPTH: "aggTrade+bookTicker+depth@100ms+ticker",
    },
    tells_refusals=True,
    garbage=("not json", "[1]", "{}", '{"stream":"btcusdt@ticker","data":{"c":"x"}}'),
    fields=("open", "high", "low", "volume", "average_price", "last_quantity"),
)
