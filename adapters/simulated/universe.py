"""The instruments of the simulated market: a pure function of the day and the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import log

from adapters.simulated.expiries import (
    THURSDAY,
    TUESDAY,
    dated_expiries,
    monthly_expiries,
    weekly_expiries,
)
from adapters.simulated.listing import Listing, Root, exact, expiry_ms
from adapters.simulated.listings_data import BSE_SHARES, COINS, CONTRACTS, INDICES, SHARES, Coin, Contract, Index, Share
from adapters.simulated.pricing import BlackScholes, Carry, Parity
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.sessions import SessionCalendar
from market.symbols import ParsedSymbol, format_symbol

SOURCE = "simulated"
_DAILY_TURNOVER = 2.5e9
_SHARE_TICKS = ((250.0, 0.01), (1000.0, 0.05), (5000.0, 0.1), (10000.0, 0.5), (20000.0, 1.0))
# Levels of a book by exchange: of each depth that Indian feeds offer there are some to be seen.
DEPTH_LEVELS = {
    Exchange.NSE: 20,
    Exchange.BSE: 5,
    Exchange.NFO: 50,
    Exchange.BFO: 5,
    Exchange.MCX: 5,
    Exchange.CDS: 5,
    Exchange.CRYPTO: 50,
}
# Strikes on each side of the money.
_WIDE, _NARROW = 12, 8


def build_universe(today: date, calendar: SessionCalendar | None = None) -> list[Instrument]:
    """The instruments that trade on `today`: expiries are on or after it and follow the holidays of `calendar`."""
    return [listing.instrument for listing in build_listings(today, calendar or SessionCalendar())]


def build_listings(today: date, calendar: SessionCalendar) -> list[Listing]:
    """The instruments that trade on `today`, with what the price process needs of each."""
    listings: list[Listing] = []
    for index in INDICES:
        listings += _index(index, today, calendar)
    for share in SHARES:
        listings += _share(share, today, calendar)
    for contract in CONTRACTS:
        listings += _contract(contract, today, calendar)
    listings += (_coin(coin) for coin in COINS)
    return [
        replace(listing, instrument=replace(listing.instrument, token=str(number), source=SOURCE))
        for number, listing in enumerate(listings, start=1)
    ]


def share_tick(price: float) -> float:
    """NSE's tick size of a share at `price` (circular of 2025: six steps)."""
    return next((tick for below, tick in _SHARE_TICKS if price <= below), 5.0)


def _index(index: Index, today: date, calendar: SessionCalendar) -> Iterator[Listing]:
    root = Root(
        key=InstrumentKey(index.exchange, index.symbol), previous_close=index.price, volatility=index.volatility
    )
    instrument = Instrument(
        key=root.key, kind=InstrumentKind.INDEX, name=index.name, tick_size=0.05, broker_symbol=index.name
    )
    yield Listing(instrument=instrument, root=root, pricing=Parity(), rate=2.0 if index.lot else 1.0, limit=None)
    if not index.lot:
        return
    is_bse = index.exchange is Exchange.BSE_INDEX
    exchange, weekday = (Exchange.BFO, THURSDAY) if is_bse else (Exchange.NFO, TUESDAY)
    months = monthly_expiries(today, weekday, 3, exchange, calendar)
    for number, expiry in enumerate(months):
        yield _future(root, exchange, index.symbol, expiry, index.future_tick, index.lot, 3.0 / (number + 1))
    weeks = weekly_expiries(today, weekday, 2, exchange, calendar)
    chains = {
        "NIFTY": (sorted({*weeks, months[0]}), _WIDE),
        "BANKNIFTY": (months[:1], _WIDE),
        "SENSEX": (weeks[:1], _NARROW),
    }
    expiries, wide = chains.get(index.symbol, ([], 0))
    for expiry in expiries:
        yield from _chain(root, exchange, index.symbol, expiry, 0.05, index.lot, index.strike_step, wide)


def _share(share: Share, today: date, calendar: SessionCalendar) -> Iterator[Listing]:
    root = Root(key=InstrumentKey(Exchange.NSE, share.symbol), previous_close=share.price, volatility=0.26)
    exchanges = (Exchange.NSE, Exchange.BSE) if share.symbol in BSE_SHARES else (Exchange.NSE,)
    for exchange in exchanges:
        thinner = 1 if exchange is Exchange.NSE else 8
        instrument = Instrument(
            key=InstrumentKey(exchange, share.symbol),
            kind=InstrumentKind.EQUITY,
            name=share.name,
            tick_size=share_tick(share.price),
            lot=1,
            broker_symbol=share.symbol,
        )
        yield Listing(
            instrument=instrument,
            root=root,
            pricing=Parity(),
            rate=max(0.5, share.rate / thinner),
            daily_lots=int(_DAILY_TURNOVER * share.rate / share.price / thinner),
            spread=0.0002 * thinner / share.rate,
            depth_levels=DEPTH_LEVELS[exchange],
        )
    if share.lot:
        for number, expiry in enumerate(monthly_expiries(today, TUESDAY, 3, Exchange.NFO, calendar)):
            tick = share_tick(share.price)
            yield _future(root, Exchange.NFO, share.symbol, expiry, tick, share.lot, share.rate / 2 / (number + 1))


def _contract(contract: Contract, today: date, calendar: SessionCalendar) -> Iterator[Listing]:
    exchange, name, tick = contract.exchange, contract.root, contract.tick_size
    root = Root(
        key=InstrumentKey(exchange, name), previous_close=contract.price, volatility=contract.volatility, band=0.04
    )
    expiries = dated_expiries(today, contract.expiry_day, contract.months, exchange, calendar)
    for number, expiry in enumerate(expiries):
        yield _future(root, exchange, name, expiry, tick, contract.lot, 3.0 / (number + 1))
    if name == "USDINR":
        yield from _chain(root, exchange, name, expiries[0], tick, contract.lot, 0.25, _NARROW // 2)


def _coin(coin: Coin) -> Listing:
    key = InstrumentKey(Exchange.CRYPTO, coin.symbol)
    is_perpetual = coin.symbol.endswith("FUT")
    instrument = Instrument(
        key=key,
        kind=InstrumentKind.PERPETUAL if is_perpetual else InstrumentKind.SPOT,
        name=coin.name,
        tick_size=coin.tick_size,
        lot=coin.lot,
        broker_symbol=coin.symbol,
    )
    return Listing(
        instrument=instrument,
        root=Root(key=key, previous_close=coin.price, volatility=coin.volatility, band=0.12),
        pricing=Parity(),
        rate=4.0 if coin.symbol.startswith("BTC") else 2.5,
        daily_lots=int(5e7 / coin.lot) if coin.price < 1e4 else int(5e3 / coin.lot),
        open_interest=int(2e4 / coin.lot) if is_perpetual else None,
        spread=0.0001,
        limit=None,
        rolling_24h=True,
        depth_levels=DEPTH_LEVELS[Exchange.CRYPTO],
        counts_orders=False,
    )


def _future(
    root: Root, exchange: Exchange, base: str, expiry: date, tick_size: float, lot: float, rate: float
) -> Listing:
    symbol = format_symbol(ParsedSymbol(exchange, InstrumentKind.FUTURE, base, expiry))
    instrument = Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=InstrumentKind.FUTURE,
        name=base,
        tick_size=tick_size,
        lot=lot,
        expiry=expiry,
        underlying=root.key,
        broker_symbol=symbol,
    )
    return Listing(
        instrument=instrument,
        root=root,
        pricing=Carry(_expires(exchange, expiry)),
        rate=max(0.5, rate),
        daily_lots=int(60_000 * rate),
        open_interest=int(90_000 * rate),
        spread=0.00015,
        depth_levels=DEPTH_LEVELS[exchange],
    )


def _chain(
    root: Root, exchange: Exchange, base: str, expiry: date, tick: float, lot: float, step: float, wide: int
) -> Iterator[Listing]:
    middle = exact(step) * round(root.previous_close / step)
    for offset in range(-wide, wide + 1):
        strike = float(middle + offset * exact(step))
        for right in OptionRight:
            yield _option(root, exchange, base, expiry, tick, lot, strike, right, 1.0 - abs(offset) / (wide + 2))


def _option(
    root: Root,
    exchange: Exchange,
    base: str,
    expiry: date,
    tick: float,
    lot: float,
    strike: float,
    right: OptionRight,
    nearness: float,
) -> Listing:
    symbol = format_symbol(ParsedSymbol(exchange, InstrumentKind.OPTION, base, expiry, strike, right))
    instrument = Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=InstrumentKind.OPTION,
        name=base,
        tick_size=tick,
        lot=lot,
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=root.key,
        broker_symbol=symbol,
    )
    # A smile: strikes away from the money cost more volatility, puts below it most.
    moneyness = log(strike / root.previous_close)
    volatility = root.volatility * (1.0 - 0.8 * moneyness + 12.0 * moneyness * moneyness)
    return Listing(
        instrument=instrument,
        root=root,
        pricing=BlackScholes(strike, right is OptionRight.CALL, volatility, _expires(exchange, expiry)),
        rate=0.5 + 3.0 * nearness,
        daily_lots=int(800_000 * nearness),
        open_interest=int(60_000 * nearness),
        spread=0.003,
        limit=None,
        depth_levels=DEPTH_LEVELS[exchange],
    )


def _expires(exchange: Exchange, expiry: date) -> int:
    return expiry_ms(expiry.toordinal(), hour=23) if exchange is Exchange.MCX else expiry_ms(expiry.toordinal())
