"""The endpoints `market/holidays` and `market/timings`, from the calendar of sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date

from market.exchanges import Exchange
from market.holidays import Holiday
from market.sessions import SessionCalendar, ordinal_of
from services.rest.answers import Answer, Endpoint, Values, success
from services.rest.fields import day, integer, optional
from services.rest.requests import API_KEY

TIMEZONE = "Asia/Kolkata"
# Those of India that have hours; crypto never closes, and an empty list must mean that everything does.
_SHOWN = tuple(Exchange(code) for code in ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX", "NCDEX", "NCO"))


class MarketCalendar:
    """Answers when markets are open."""

    def __init__(
        self,
        calendar: SessionCalendar,
        holidays: Sequence[Holiday],
        *,
        clock: Callable[[], float] = lambda: time.time() * 1000.0,
    ) -> None:
        self._calendar = calendar
        self._holidays = holidays
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """The two endpoints."""
        year = {"apikey": API_KEY, "year": optional(integer(2020, 2050))}
        at = {"apikey": API_KEY, "date": optional(day)}
        return [
            Endpoint("POST", "/api/v1/market/holidays", year, self._holidays_of),
            Endpoint("POST", "/api/v1/market/timings", at, self._timings),
        ]

    async def _holidays_of(self, _: str, values: Values) -> Answer:
        year = values["year"] or self._today().year
        rows = [self._row(holiday) for holiday in self._holidays if holiday.day.year == year]
        return success(rows, year=year, timezone=TIMEZONE)

    async def _timings(self, _: str, values: Values) -> Answer:
        at = values["date"] or self._today()
        rows = [self._hours(exchange, at) for exchange in _SHOWN]
        return success([row for row in rows if row is not None])

    def _row(self, holiday: Holiday) -> dict[str, object]:
        open_exchanges = [self._hours(session.exchange, holiday.day) for session in holiday.sessions]
        return {
            "date": holiday.day.isoformat(),
            "description": holiday.name,
            "holiday_type": "TRADING_HOLIDAY" if holiday.closed else "SPECIAL_SESSION",
            "closed_exchanges": [str(exchange) for exchange in Exchange if exchange in holiday.closed],
            "open_exchanges": [hours for hours in open_exchanges if hours is not None],
        }

    def _hours(self, exchange: Exchange, at: date) -> dict[str, object] | None:
        windows = self._calendar.session_windows(exchange, at)
        if not windows:
            return None
        return {"exchange": str(exchange), "start_time": windows[0].start_ms, "end_time": windows[-1].end_ms}

    def _today(self) -> date:
        return date.fromordinal(ordinal_of(self._clock()))
