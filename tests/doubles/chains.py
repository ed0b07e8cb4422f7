"""A small market of contracts: an index with futures and two chains, a share, a commodity whose spot has no price."""

from __future__ import annotations

from datetime import date

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import ParsedSymbol, format_symbol

NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
NEAR, FAR = date(2025, 12, 30), date(2026, 1, 27)
STRIKES = (24_900.0, 24_950.0, 25_000.0, 25_050.0, 25_100.0)


def contract(
    exchange: Exchange,
    base: str,
    expiry: date,
    strike: float | None = None,
    right: OptionRight | None = None,
    *,
    underlying: InstrumentKey | None = None,
    lot: float = 75,
) -> Instrument:
    """A future, or an option if it has a strike."""
    kind = InstrumentKind.FUTURE if right is None else InstrumentKind.OPTION
    symbol = format_symbol(ParsedSymbol(exchange, kind, base, expiry, strike, right))
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=kind,
        name=base,
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=underlying,
        lot=lot,
        token="12602626",
        broker_symbol=symbol,
    )


def chain(exchange: Exchange, base: str, expiry: date, strikes: tuple[float, ...]) -> list[Instrument]:
    """A call and a put at each strike."""
    return [contract(exchange, base, expiry, strike, right) for strike in strikes for right in OptionRight]


def market() -> list[Instrument]:
    """Everything."""
    return [
        Instrument(key=NIFTY, kind=InstrumentKind.INDEX, name="Nifty 50"),
        Instrument(
            key=InstrumentKey(Exchange.NSE, "SBIN"),
            kind=InstrumentKind.EQUITY,
            name="State Bank of India",
            token="3045",
            broker_symbol="SBIN-EQ",
        ),
        Instrument(key=InstrumentKey(Exchange.BSE, "SBIN"), kind=InstrumentKind.EQUITY, name="State Bank of India"),
        contract(Exchange.NFO, "NIFTY", NEAR),
        contract(Exchange.NFO, "NIFTY", FAR),
        *chain(Exchange.NFO, "NIFTY", NEAR, STRIKES),
        *chain(Exchange.NFO, "NIFTY", FAR, STRIKES),
        contract(Exchange.MCX, "CRUDEOIL", date(2026, 1, 19), lot=100),
        contract(Exchange.MCX, "CRUDEOIL", date(2026, 2, 19), lot=100),
        *chain(Exchange.MCX, "CRUDEOIL", date(2026, 1, 14), (5_400.0, 5_450.0, 5_500.0)),
    ]
