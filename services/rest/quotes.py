"""The endpoints `quotes`, `multiquotes` and `depth`: prices of now, from the live cache."""

from __future__ import annotations

from typing import Any

from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Tick
from services.rest.answers import Answer, Endpoint, RequestFailure, Values, success
from services.rest.fields import Field, choice, elements, text
from services.rest.live_quotes import FULL, UNKNOWN, LiveQuotes, NoPrice
from services.rest.quote_shapes import depth_of, quote_of
from services.rest.requests import API_KEY, EXCHANGES, instrument_of, not_found

MOST_SYMBOLS = 1_000


class Quotes:
    """Answers what things cost."""

    def __init__(self, live: LiveQuotes) -> None:
        self._live = live

    def endpoints(self) -> list[Endpoint]:
        """The three endpoints."""
        instrument = {"symbol": Field(text(1)), "exchange": Field(choice(EXCHANGES))}
        one = {"apikey": API_KEY, **instrument}
        many = {"apikey": API_KEY, "symbols": Field(elements(instrument, 1, MOST_SYMBOLS))}
        return [
            Endpoint("POST", "/api/v1/quotes", one, self._quotes, mode=Mode.QUOTE),
            Endpoint("POST", "/api/v1/multiquotes", many, self._multiquotes, mode=Mode.QUOTE),
            Endpoint("POST", "/api/v1/depth", one, self._depth, mode=Mode.DEPTH),
        ]

    async def _quotes(self, _: str, values: Values) -> Answer:
        key = instrument_of(values["symbol"], values["exchange"])
        return success(quote_of(await price_of(self._live, key, Mode.QUOTE)))

    async def _depth(self, _: str, values: Values) -> Answer:
        key = instrument_of(values["symbol"], values["exchange"])
        return success(depth_of(await price_of(self._live, key, Mode.DEPTH)))

    async def _multiquotes(self, _: str, values: Values) -> Answer:
        good: list[InstrumentKey] = []
        invalid: list[dict[str, Any]] = []
        for entry in values["symbols"]:
            try:
                good.append(instrument_of(**entry))
            except RequestFailure as failure:
                invalid.append({**entry, "error": failure.body["message"]})
        found = await self._live.of(good, Mode.QUOTE)
        priced: list[dict[str, Any]] = []
        for key in dict.fromkeys(good):
            line = {"symbol": key.symbol, "exchange": str(key.exchange)}
            answer = found[key]
            if isinstance(answer, Tick):
                priced.append(line | {"data": quote_of(answer)})
            elif answer.code == UNKNOWN:
                invalid.append(line | {"error": not_found(key.symbol, key.exchange)})
            else:
                priced.append(line | {"error": answer.reason})
        if invalid and not priced:
            raise RequestFailure(400, "None of the symbols is valid", invalid_symbols=invalid)
        return Answer(200, {"status": "success", "results": invalid + priced})


async def price_of(live: LiveQuotes, key: InstrumentKey, mode: Mode) -> Tick:
    """The price of one instrument.

    Raises:
        RequestFailure: nobody knows it, or no price came in time.
    """
    answer = (await live.of([key], mode))[key]
    if isinstance(answer, NoPrice):
        if answer.code == UNKNOWN:
            raise RequestFailure(400, not_found(key.symbol, key.exchange))
        raise RequestFailure(409 if answer.code == FULL else 500, f"Failed to fetch quotes: {answer.reason}")
    return answer
