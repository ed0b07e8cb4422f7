"""The endpoints `optiongreeks` and `multioptiongreeks`: what the price of one option says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind, OptionRight
from market.modes import Mode
from market.symbols import MONTHS, ParsedSymbol, parse_symbol
from services.greeks import DAYS_A_YEAR, Contract, Greeks, greeks, implied_volatility
from services.rest.answers import Answer, Endpoint, RequestFailure, Values
from services.rest.fields import Field, choice, elements, number, optional, pattern, text
from services.rest.live_quotes import LiveQuotes
from services.rest.option_chain import expires_ms, years_until
from services.rest.quotes import price_of
from services.rest.requests import API_KEY, DERIVATIVE_EXCHANGES, EXCHANGES, instrument_of
from services.rest.symbols import ContractBook

MOST_OPTIONS = 50
_CLOCK = pattern(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]", "Must be a time, HH:MM.")


class OptionGreeks:
    """Answers with volatility and greeks."""

    def __init__(self, live: LiveQuotes, book: ContractBook, clock: Callable[[], float]) -> None:
        self._live = live
        self._book = book
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """The two endpoints."""
        option = {
            "symbol": Field(text(1)),
            "exchange": Field(choice(DERIVATIVE_EXCHANGES)),
            "underlying_symbol": optional(text(1)),
            "underlying_exchange": optional(choice(EXCHANGES)),
        }
        about = {"apikey": API_KEY, "interest_rate": optional(number(0, 100), 0.0), "expiry_time": optional(_CLOCK)}
        one = {**about, **option, "forward_price": optional(number(1e-9))}
        many = {**about, "symbols": Field(elements(option, 1, MOST_OPTIONS))}
        return [
            Endpoint("POST", "/api/v1/optiongreeks", one, self._one, mode=Mode.LTP),
            Endpoint("POST", "/api/v1/multioptiongreeks", many, self._many, mode=Mode.LTP),
        ]

    async def _one(self, _: str, values: Values) -> Answer:
        return Answer(200, await self._greeks(values))

    async def _many(self, _: str, values: Values) -> Answer:
        shared = {name: values[name] for name in ("interest_rate", "expiry_time")} | {"forward_price": None}
        rows = await asyncio.gather(*(self._row(option | shared) for option in values["symbols"]))
        good = sum(row["status"] == "success" for row in rows)
        summary = {"total": len(rows), "success": good, "failed": len(rows) - good}
        return Answer(200, {"status": "success" if good else "error", "data": rows, "summary": summary})

    async def _row(self, values: Values) -> dict[str, Any]:
        try:
            return await self._greeks(values)
        except RequestFailure as failure:
            return {"symbol": values["symbol"], "exchange": values["exchange"], **failure.body}

    async def _greeks(self, values: Values) -> dict[str, Any]:
        key = instrument_of(values["symbol"], values["exchange"])
        parsed = _option(key)
        assert parsed.expiry is not None
        assert parsed.strike is not None
        time_text = values["expiry_time"]
        minute = None if time_text is None else int(time_text[:-3]) * 60 + int(time_text[-2:])
        years = years_until(expires_ms(key.exchange, parsed.expiry, minute=minute), self._clock())
        if years <= 0.0:
            raise RequestFailure(400, f"Option {key.symbol} has expired")
        spot, paid = await asyncio.gather(self._spot(values, key, parsed), self._paid(key))
        rate = values["interest_rate"] / 100.0
        contract = Contract(spot, parsed.strike, years, rate, parsed.right is OptionRight.CALL)
        return {
            "status": "success",
            "symbol": key.symbol,
            "exchange": str(key.exchange),
            "underlying": parsed.base,
            "strike": parsed.strike,
            "option_type": str(parsed.right),
            "expiry_date": f"{parsed.expiry.day:02d}-{MONTHS[parsed.expiry.month - 1].title()}-{parsed.expiry.year}",
            "days_to_expiry": round(years * DAYS_A_YEAR, 4),
            "spot_price": round(spot, 4),
            "option_price": paid,
            "interest_rate": values["interest_rate"],
            **reckoned(contract, paid),
        }

    async def _paid(self, key: InstrumentKey) -> float:
        return (await price_of(self._live, key, Mode.QUOTE)).ltp or 0.0

    async def _spot(self, values: Values, key: InstrumentKey, parsed: ParsedSymbol) -> float:
        if values["forward_price"] is not None:
            return float(values["forward_price"])
        quoted = await self._quoted(values, key, parsed)
        if quoted is None:
            raise RequestFailure(404, f"No underlying of {key.symbol} is known; name it, or give forward_price")
        price = (await price_of(self._live, quoted, Mode.LTP)).ltp or 0.0
        if price <= 0.0:
            raise RequestFailure(500, f"Failed to fetch quotes: {quoted} has no positive price")
        return price

    async def _quoted(self, values: Values, key: InstrumentKey, parsed: ParsedSymbol) -> InstrumentKey | None:
        symbol, exchange = values["underlying_symbol"], values["underlying_exchange"]
        contracts = await self._book.latest()
        if symbol is None:
            underlying = contracts.underlying(parsed.base, key.exchange)
        elif exchange is not None:
            return instrument_of(symbol, exchange)
        else:
            underlying = contracts.underlying(symbol, key.exchange)
        assert parsed.expiry is not None
        return contracts.quoted_for(underlying, parsed.expiry)


def reckoned(contract: Contract, paid: float) -> dict[str, Any]:
    """`implied_volatility` in percent and `greeks`; a deep option in the money is said to have no time value.

    Raises:
        RequestFailure: no volatility explains the price.
    """
    if paid <= contract.intrinsic and contract.intrinsic > 0.0:
        side = 1.0 if contract.is_call else -1.0
        return {
            "intrinsic_value": round(contract.intrinsic, 2),
            "time_value": 0.0,
            "note": "Deep ITM option with no time value; volatility cannot be computed from its price",
            "implied_volatility": 0,
            "greeks": _rounded(Greeks(side, 0.0, 0.0, 0.0, 0.0)),
        }
    volatility = implied_volatility(contract, paid)
    if volatility is None:
        raise RequestFailure(400, f"No volatility explains an option price of {paid:g}")
    return {
        "implied_volatility": round(volatility * 100.0, 2),
        "greeks": _rounded(greeks(contract, volatility)),
    }


def _rounded(found: Greeks) -> dict[str, float]:
    return {
        "delta": round(found.delta, 4),
        "gamma": round(found.gamma, 6),
        "theta": round(found.theta, 4),
        "vega": round(found.vega, 4),
        "rho": round(found.rho, 6),
    }


def _option(key: InstrumentKey) -> ParsedSymbol:
    try:
        parsed = parse_symbol(Exchange(key.exchange), key.symbol)
    except InvalidRequestError as error:
        raise RequestFailure(400, str(error)) from None
    if parsed.kind is not InstrumentKind.OPTION:
        raise RequestFailure(400, f"{key.symbol} is not an option")
    return parsed
