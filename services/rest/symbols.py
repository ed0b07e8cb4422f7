"""The endpoints that look into the list of instruments: `symbol`, `search`, `instruments`, `expiry`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from market.exchanges import Exchange
from market.instruments import Instrument
from services.instruments import InstrumentDirectory
from services.rest.answers import CSV, Answer, Endpoint, RequestFailure, Values, success
from services.rest.contracts import Contracts
from services.rest.fields import Field, choice, optional, text
from services.rest.instrument_rows import as_csv, dashed, found_row, listed_row, symbol_row
from services.rest.requests import API_KEY, DERIVATIVE_EXCHANGES, EXCHANGES, instrument_of

MOST_FOUND = 500


class ContractBook:
    """The contracts among the known instruments, made again when more are known."""

    def __init__(self, directory: InstrumentDirectory) -> None:
        self._directory = directory
        self._lock = asyncio.Lock()
        self._contracts = Contracts(())
        self._version = -1

    async def latest(self) -> Contracts:
        """The contracts known now."""
        async with self._lock:
            version = self._directory.version
            if version != self._version:
                self._contracts = await asyncio.to_thread(self._make)
                self._version = version
        return self._contracts

    def _make(self) -> Contracts:
        return Contracts(self._directory.listed())


class Symbols:
    """Answers what there is."""

    def __init__(self, directory: InstrumentDirectory, book: ContractBook, today: Callable[[], date]) -> None:
        self._directory = directory
        self._book = book
        self._today = today

    def endpoints(self) -> list[Endpoint]:
        """The four endpoints."""
        any_exchange = choice(EXCHANGES)
        symbol = {"apikey": API_KEY, "symbol": Field(text(1)), "exchange": Field(any_exchange)}
        search = {"apikey": API_KEY, "query": Field(text(1)), "exchange": optional(any_exchange)}
        instruments = {
            "apikey": optional(text(0, 256)),
            "exchange": optional(any_exchange),
            "format": optional(choice(("json", "csv")), "json"),
        }
        expiry = {
            "apikey": API_KEY,
            "symbol": Field(text(1)),
            "exchange": Field(choice(DERIVATIVE_EXCHANGES)),
            "instrumenttype": Field(choice(("futures", "options"))),
        }
        return [
            Endpoint("POST", "/api/v1/symbol", symbol, self._symbol),
            Endpoint("POST", "/api/v1/search", search, self._search),
            Endpoint("GET", "/api/v1/instruments", instruments, self._instruments, text_format="csv"),
            Endpoint("POST", "/api/v1/expiry", expiry, self._expiry),
        ]

    async def _symbol(self, _: str, values: Values) -> Answer:
        shown, exchange = values["symbol"], values["exchange"]
        try:
            instrument = self._directory.get(instrument_of(shown, exchange))
        except RequestFailure:
            instrument = None
        if instrument is None:
            raise RequestFailure(404, f"Symbol {shown[:64]} not found in exchange {exchange}")
        return success(symbol_row(instrument))

    async def _search(self, _: str, values: Values) -> Answer:
        exchange = values["exchange"]
        found = await asyncio.to_thread(self._find, values["query"], exchange)
        rows = [found_row(instrument) for instrument in found]
        message = f"Found {len(rows)} matching symbols" if rows else "No matching symbols found"
        return success(rows, message=message)

    def _find(self, query: str, exchange: str | None) -> list[Instrument]:
        if exchange is None:
            return self._directory.search(query, MOST_FOUND)
        every = self._directory.search(query, len(self._directory))
        return [instrument for instrument in every if instrument.key.exchange == exchange][:MOST_FOUND]

    async def _instruments(self, _: str, values: Values) -> Answer:
        exchange = values["exchange"]
        if values["format"] == "csv":
            name = f"instruments_{exchange}.csv" if exchange else "instruments.csv"
            table = await asyncio.to_thread(lambda: as_csv(self._listed(exchange)))
            headers = {"Content-Disposition": f"attachment; filename={name}"}
            return Answer(200, table, media=CSV, headers=headers, is_large=True)
        rows = await asyncio.to_thread(lambda: [listed_row(known) for known in self._listed(exchange)])
        message = f"Found {len(rows)} instruments" if rows else "No instruments found"
        return success(rows, message=message)._replace(is_large=True)

    def _listed(self, exchange: str | None) -> list[Instrument]:
        return [known for known in self._directory.listed() if exchange in (None, known.key.exchange)]

    async def _expiry(self, _: str, values: Values) -> Answer:
        base, kind = values["symbol"].strip().upper(), values["instrumenttype"]
        board = Exchange(values["exchange"])
        contracts = await self._book.latest()
        dates = contracts.expiries(board, base, of_options=kind == "options", since=self._today())
        what = f"for {base} {kind} in {board}"
        message = f"Found {len(dates)} expiry dates {what}" if dates else f"No expiry dates found {what}"
        return success([dashed(expiry) for expiry in dates], message=message)
