"""OKX for the conformance suite."""

from __future__ import annotations

from adapters.okx.broker import OkxVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_okx import ToyOkx


def _of(symbol: str, token: str, kind: InstrumentKind = InstrumentKind.SPOT) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.CRYPTO, symbol), kind=kind, token=token, broker_symbol=token)


INSTRUMENTS = (
    _of("BTCUSDT", "BTC-USDT"),
    _of("ETHUSDT", "ETH-USDT"),
    _of("SOLUSDT", "SOL-USDT"),
    _of("BTCUSDTFUT", "BTC-USDT-SWAP|0.01", InstrumentKind.PERPETUAL),
    _of("BTCUSDFUT", "BTC-USD-SWAP|100", InstrumentKind.PERPETUAL),
    _of("BTC27MAY22FUT", "BTC-USD-220527|100", InstrumentKind.FUTURE),
    _of("XRPUSDT", "XRP-USDT"),
    _of("LTCUSDT", "LTC-USDT"),
)

OKX = Dialect(
    name="okx",
    toy=ToyOkx,
    venue=OkxVenue,
    instruments=INSTRUMENTS,
    tokens=lambda _token: {},
    tells_modes={Mode.LTP: "tickers", Mode.QUOTE: "tickers", Mode.DEPTH: "books+tickers"},
    tells_refusals=True,
    garbage=("not json", "[1]", '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"last":"x"}]}'),
    fields=("open", "high", "low", "volume", "last_quantity"),
)
