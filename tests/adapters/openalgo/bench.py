"""Another OpenAlgo server for the conformance suite."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.broker_table import Endpoints
from adapters.openalgo.broker import OpenAlgoVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_upstream import ToyUpstream

_ports: dict[str, str] = {}


def _of(exchange: Exchange, symbol: str, kind: InstrumentKind = InstrumentKind.EQUITY) -> Instrument:
    return Instrument(key=InstrumentKey(exchange, symbol), kind=kind, token=symbol, broker_symbol=symbol)


INSTRUMENTS = (
    _of(Exchange.NSE, "INFY"),
    _of(Exchange.NSE, "RELIANCE"),
    _of(Exchange.BSE, "INFY"),
    _of(Exchange.NSE_INDEX, "NIFTY", InstrumentKind.INDEX),
    _of(Exchange.NFO, "NIFTY29DEC26FUT", InstrumentKind.FUTURE),
    _of(Exchange.MCX, "GOLD29DEC26FUT", InstrumentKind.FUTURE),
    _of(Exchange.CRYPTO, "BTCUSDT", InstrumentKind.SPOT),
    _of(Exchange.NSE, "M&M"),
    _of(Exchange.NSE, "TCS"),
)


def _venue(endpoints: Endpoints) -> OpenAlgoVenue:
    _ports["ws"] = endpoints["ws"]
    return OpenAlgoVenue(endpoints)


def _tokens(token: str) -> Mapping[str, str]:
    """The address is part of the session here."""
    return {"api_key": token, "host": _ports["ws"].replace("ws", "http"), "ws_url": _ports["ws"]}


OPENALGO = Dialect(
    name="openalgo",
    toy=ToyUpstream,
    venue=_venue,
    instruments=INSTRUMENTS,
    tokens=_tokens,
    tells_modes={Mode.LTP: "LTP", Mode.QUOTE: "Quote", Mode.DEPTH: "Depth"},
    tells_refusals=True,
    garbage=("not json", "[1]", '{"type": 3}', '{"type":"market_data","exchange":"NOWHERE","symbol":"X"}'),
)
