"""Delta Exchange India for the conformance suite."""

from __future__ import annotations

from adapters.delta.broker import DeltaVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_delta import ToyDelta


def _of(symbol: str, token: str, kind: InstrumentKind = InstrumentKind.PERPETUAL) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=kind, token=token, broker_symbol=token)


INSTRUMENTS = (
    _of("BTCUSDFUT", "BTCUSD|1"),
    _of("ETHUSDFUT", "ETHUSD|0.01"),
    _of("SOLUSDFUT", "SOLUSD|1"),
    _of("BTC25SEP2680000PE", "P-BTC-80000-250926|0.001", InstrumentKind.OPTION),
    _of("BTC25SEP2680000CE", "C-BTC-80000-250926|0.001", InstrumentKind.OPTION),
    _of("ETH25SEP262600CE", "C-ETH-2600-250926|0.01", InstrumentKind.OPTION),
    _of("XRPUSDFUT", "XRPUSD|1"),
    _of("LTCUSDFUT", "LTCUSD|1"),
)

DELTA = Dialect(
    name="delta",
    toy=ToyDelta,
    venue=DeltaVenue,
    instruments=INSTRUMENTS,
    tokens=lambda _token: {},
    tells_modes={
        Mode.LTP: "ticker+trades",
        Mode.QUOTE: "ob_l1+ticker+trades",
        Mode.DEPTH: "ob_updates+ticker+trades",
    },
    garbage=("not json", "[1]", '{"type":"ticker","d":[{"s":"BTCUSD","ohlc":["x"]}]}'),
    fields=("open", "high", "low", "last_quantity"),
)
