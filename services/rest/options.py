"""The endpoints about options: `optionchain`, `optionsymbol`, `syntheticfuture`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from market.exchanges import Exchange
from market.instruments import InstrumentKey, OptionRight
from market.modes import Mode
from market.symbols import format_expiry
from market.ticks import Tick
from services.greeks import Contract
from services.rest.answers import Answer, Endpoint, RequestFailure, Values
from services.rest.contracts import Strikes, Underlying
from services.rest.fields import Field, boolean, choice, expiry, integer, number, optional, pattern, text
from services.rest.instrument_rows import UNKNOWN_FREEZE, whole
from services.rest.live_quotes import LiveQuotes
from services.rest.option_chain import (
    Moment,
    around,
    at_the_money,
    chain_rows,
    expires_ms,
    forward_of,
    strike_at,
    synthetic_future,
    years_until,
)
from services.rest.quotes import price_of
from services.rest.requests import API_KEY, EXCHANGES
from services.rest.symbols import ContractBook

_OFFSET = r"ATM|(?:ITM|OTM)(?:[1-9]|[1-4][0-9]|50)"


class Money(NamedTuple):
    """A chain with the price of what it is about, and the strike nearest to that."""

    underlying: Underlying
    expiry: date
    quoted: InstrumentKey
    tick: Tick
    strikes: Strikes
    middle: float

    @property
    def price(self) -> float:
        """The last price of the underlying."""
        return self.tick.ltp or 0.0


class Options:
    """Answers about chains."""

    def __init__(self, live: LiveQuotes, book: ContractBook, clock: Callable[[], float]) -> None:
        self._live = live
        self._book = book
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """The three endpoints."""
        about = {"apikey": API_KEY, "underlying": Field(text(1)), "exchange": Field(choice(EXCHANGES))}
        chain = {
            **about,
            "expiry_date": optional(expiry),
            "strike_count": optional(integer(1, 100)),
            "with_greeks": optional(boolean, False),
            "interest_rate": optional(number(0, 100), 0.0),
        }
        symbol = {
            **about,
            "expiry_date": optional(expiry),
            "offset": Field(pattern(_OFFSET, "Must be ATM, ITM1 to ITM50, or OTM1 to OTM50.")),
            "option_type": Field(pattern("CE|PE", "Must be one of: CE, PE.")),
            "strike_int": optional(number(0)),
            "strategy": optional(text()),
        }
        synthetic = {**about, "expiry_date": Field(expiry)}
        return [
            Endpoint("POST", "/api/v1/optionchain", chain, self._chain, mode=Mode.QUOTE, wraps_errors=True),
            Endpoint("POST", "/api/v1/optionsymbol", symbol, self._symbol, mode=Mode.LTP),
            Endpoint("POST", "/api/v1/syntheticfuture", synthetic, self._synthetic, mode=Mode.LTP),
        ]

    async def _chain(self, _: str, values: Values) -> Answer:
        money = await self._money(values)
        shown = around(list(money.strikes), money.middle, values["strike_count"])
        ticks = await self._legs(money.strikes, {*shown, money.middle})
        expiry_ms = expires_ms(money.underlying.board, money.expiry)
        now_ms = self._clock()
        moment = Moment(years_until(expiry_ms, now_ms), values["interest_rate"] / 100.0)
        forward = forward_of(money.middle, *_pair(money.strikes, money.middle, ticks), moment) or money.price
        contract = Contract(forward, money.middle, moment.years, moment.rate, is_call=True)
        pricing = contract if values["with_greeks"] else None
        rows = await asyncio.to_thread(lambda: chain_rows(money.strikes, shown, money.middle, ticks, pricing=pricing))
        body = {
            "status": "success",
            "underlying": money.underlying.base,
            "underlying_symbol": money.quoted.symbol,
            "underlying_exchange": str(money.quoted.exchange),
            "underlying_ltp": money.price,
            "underlying_prev_close": money.tick.close or 0.0,
            "expiry_date": format_expiry(money.expiry),
            "expiry_ts": expiry_ms // 1000,
            "server_ts": int(now_ms // 1000),
            "atm_strike": money.middle,
            "quotes_included": True,
            "greeks_included": pricing is not None,
            "forward_price": round(forward, 2),
            "chain": rows,
        }
        return Answer(200, body, is_sorted=False, is_large=True)

    async def _symbol(self, _: str, values: Values) -> Answer:
        money = await self._money(values)
        right = OptionRight(values["option_type"])
        strikes = _spaced(sorted(money.strikes), money.middle, values["strike_int"])
        strike = strike_at(strikes, money.middle, values["offset"], right)
        instrument = None if strike is None else money.strikes[strike].get(right)
        if instrument is None:
            offset = values["offset"]
            raise RequestFailure(404, f"No {right} at {offset} among the options of {_name(money)}")
        body = {
            "status": "success",
            "symbol": instrument.key.symbol,
            "exchange": str(instrument.key.exchange),
            "lotsize": whole(instrument.lot),
            "tick_size": instrument.tick_size,
            "freeze_qty": UNKNOWN_FREEZE,
            "underlying_ltp": money.price,
        }
        return Answer(200, body)

    async def _synthetic(self, _: str, values: Values) -> Answer:
        money = await self._money(values)
        ticks = await self._legs(money.strikes, {money.middle})
        call, put = _pair(money.strikes, money.middle, ticks)
        if call is None or put is None or call.ltp is None or put.ltp is None:
            raise RequestFailure(500, f"Failed to fetch quotes: the ATM options of {_name(money)} have no price")
        body = {
            "status": "success",
            "underlying": money.underlying.base,
            "underlying_ltp": money.price,
            "expiry": format_expiry(money.expiry),
            "atm_strike": money.middle,
            "synthetic_future_price": round(synthetic_future(money.middle, call.ltp, put.ltp), 2),
        }
        return Answer(200, body)

    async def _money(self, values: Values) -> Money:
        """Find the chain and the price of its underlying."""
        contracts = await self._book.latest()
        underlying = contracts.underlying(values["underlying"], Exchange(values["exchange"]))
        day = values["expiry_date"] or underlying.expiry
        if day is None:
            raise RequestFailure(400, "expiry_date is required, unless the underlying is a future that names it")
        strikes = contracts.family(underlying.board, underlying.base).options.get(day)
        quoted = contracts.quoted_for(underlying, day)
        if not strikes or quoted is None:
            name = f"{underlying.base} expiring {format_expiry(day)}"
            raise RequestFailure(404, f"No options found for {name} on {underlying.board}")
        tick = await price_of(self._live, quoted, Mode.QUOTE)
        middle = at_the_money(list(strikes), tick.ltp or 0.0)
        return Money(underlying, day, quoted, tick, strikes, middle)

    async def _legs(self, strikes: Strikes, shown: set[float]) -> dict[str, Tick]:
        """The prices of the options of some strikes, by symbol; those without one are not in it."""
        keys = [leg.key for strike in shown for leg in strikes[strike].values()]
        found = await self._live.of(keys, Mode.QUOTE)
        return {key.symbol: tick for key, tick in found.items() if isinstance(tick, Tick)}


def _pair(strikes: Strikes, strike: float, ticks: dict[str, Tick]) -> tuple[Tick | None, Tick | None]:
    """Call and put of one strike."""

    def leg(right: OptionRight) -> Tick | None:
        instrument = strikes[strike].get(right)
        return None if instrument is None else ticks.get(instrument.key.symbol)

    return leg(OptionRight.CALL), leg(OptionRight.PUT)


def _spaced(strikes: Sequence[float], middle: float, step: float | None) -> list[float]:
    """Those strikes that are whole steps away from the middle, where a step is given."""
    if not step:
        return list(strikes)
    return [strike for strike in strikes if abs((strike - middle) / step - round((strike - middle) / step)) < 1e-9]


def _name(money: Money) -> str:
    return f"{money.underlying.base} expiring {format_expiry(money.expiry)}"
