"""The data API that programs call over HTTP: every endpoint, put together. The server is given them as a list.

The endpoints are OpenAlgo's, in its shapes (`docs/http-api.md`). Prices come from the live cache; nothing is invented.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date

from market.holidays import Holiday
from market.sessions import SessionCalendar, ordinal_of
from services.instruments import InstrumentDirectory
from services.ports import MarketDesk
from services.rest.answers import Answer, Endpoint, Values, success
from services.rest.history import CandleFeed, History
from services.rest.live_quotes import LiveQuotes, QuoteDesk, TickSource
from services.rest.market_calendar import MarketCalendar
from services.rest.option_greeks import OptionGreeks
from services.rest.options import Options
from services.rest.quotes import Quotes
from services.rest.requests import API_KEY
from services.rest.symbols import ContractBook, Symbols


def now_ms() -> float:
    """The time in ms since 1970 UTC."""
    return time.time() * 1000.0


class DataApi:
    """The endpoints of the data API. Made and closed on the loop."""

    def __init__(
        self,
        desk: QuoteDesk,
        ticks: TickSource,
        directory: InstrumentDirectory,
        candles: CandleFeed,
        calendar: SessionCalendar,
        holidays: Sequence[Holiday],
        *,
        clock: Callable[[], float] = now_ms,
        live: LiveQuotes | None = None,
    ) -> None:
        self._desk: MarketDesk = desk
        self._clock = clock
        self.live = LiveQuotes(desk, ticks) if live is None else live
        book = ContractBook(directory)
        self._parts = (
            Quotes(self.live),
            History(candles, calendar, clock=clock),
            Symbols(directory, book, self._today),
            Options(self.live, book, clock),
            OptionGreeks(self.live, book, clock),
            MarketCalendar(calendar, holidays, clock=clock),
        )

    def endpoints(self) -> list[Endpoint]:
        """Everything that can be asked."""
        ping = Endpoint("POST", "/api/v1/ping", {"apikey": API_KEY}, self._ping)
        return [ping, *(endpoint for part in self._parts for endpoint in part.endpoints())]

    def close(self) -> None:
        """Stop watching prices for programs that ask."""
        self.live.close()

    async def _ping(self, _: str, values: Values) -> Answer:
        feeds = self._desk.feeds()
        return success({"broker": feeds[0][0].feed if feeds else "", "message": "pong"})

    def _today(self) -> date:
        return date.fromordinal(ordinal_of(self._clock()))
