"""A list of instruments of the size and shape of a broker's: many options on few bases, shares with company names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import ParsedSymbol, format_symbol, parse_symbol

FIRST_EXPIRY = date(2026, 11, 24)
BASES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "RELIANCE", "INFY", "SBIN", "HDFCBANK", "TCS", "ITC")
_STEPS = ("ALPHA", "BHARAT", "CENTURY", "DELTA", "EASTERN", "FINO", "GANGA", "HIND", "INDO", "JAIN")
_ENDS = ("BANK", "CHEM", "POWER", "STEEL", "TEXTILES", "FINANCE", "MOTORS", "PHARMA", "INFRA", "FOODS")


def made(
    board: Exchange,
    base: str,
    *,
    name: str = "",
    expiry: date | None = None,
    strike: float | None = None,
    right: OptionRight | None = None,
    kind: InstrumentKind | None = None,
) -> Instrument:
    """An instrument of `board` with the symbol that its parts make; an equity where nothing says otherwise."""
    dated = InstrumentKind.EQUITY if expiry is None else InstrumentKind.FUTURE
    kind = kind or (dated if right is None else InstrumentKind.OPTION)
    symbol = format_symbol(ParsedSymbol(board, kind, base, expiry, strike, right))
    return Instrument(key=InstrumentKey(board, symbol), kind=kind, name=name, expiry=expiry, strike=strike, right=right)


def named(board: Exchange, symbol: str) -> Instrument:
    """The instrument that `symbol` says it is."""
    parts = parse_symbol(board, symbol)
    return made(board, parts.base, expiry=parts.expiry, strike=parts.strike, right=parts.right, kind=parts.kind)


def chain(board: Exchange, base: str, *strikes: float) -> list[Instrument]:
    """A call and a put of each of `strikes`, all with the first expiry."""
    return [
        made(board, base, expiry=FIRST_EXPIRY, strike=strike, right=right)
        for strike in strikes
        for right in OptionRight
    ]


def listed_market(size: int, *, strikes: int = 300) -> list[Instrument]:
    """`size` instruments: an index or share for each base, its futures, its options on a few expiries.

    Each expiry of an index has `strikes` strikes, that of a share at most 60.
    """
    found: list[Instrument] = []
    for base, name in _named_bases():
        found += _on(base, name, strikes)
        if len(found) >= size:
            break
    return found[:size]


def _named_bases() -> Iterator[tuple[str, str]]:
    yield from ((base, base) for base in BASES)
    for number in range(10_000):
        step, end = _STEPS[number % 10], _ENDS[number // 10 % 10]
        yield f"{step[:4]}{end[:3]}{number}", f"{step.title()} {end.title()} {number} Limited"


def _on(base: str, name: str, strikes: int) -> Iterator[Instrument]:
    is_index = base.endswith("NIFTY")
    kind = InstrumentKind.INDEX if is_index else InstrumentKind.EQUITY
    yield made(Exchange.NSE_INDEX if is_index else Exchange.NSE, base, name=name, kind=kind)
    if not is_index:
        yield made(Exchange.BSE, base, name=name)
    for month in range(3):
        yield made(Exchange.NFO, base, name=name, expiry=FIRST_EXPIRY + timedelta(weeks=4 * month))
    low, step = (20_000, 50) if is_index else (1_000, 20)
    for week in range(18 if is_index else 3):
        expiry = FIRST_EXPIRY + timedelta(weeks=week if is_index else 4 * week)
        for strike in range(low, low + min(strikes, 300 if is_index else 60) * step, step):
            for right in OptionRight:
                yield made(Exchange.NFO, base, name=name, expiry=expiry, strike=float(strike), right=right)
