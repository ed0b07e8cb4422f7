"""SmartAPI's REST requests that a market watch needs: candles, and the open interest that goes with them.

Limits: 3 requests a second and 180 a minute, counted strictly; a request spans at most as many days as `_SPANS` says.
Times are Indian wall clock, in minutes on the way there, and with +05:30 on the way back. Source: SmartAPI
documentation, "Historical API".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import msgspec

from adapters.angel.smartapi import ask_within
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import DecodeError, FeedRejectedError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession

T = TypeVar("T")

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    60: "ONE_MINUTE",
    180: "THREE_MINUTE",
    300: "FIVE_MINUTE",
    600: "TEN_MINUTE",
    900: "FIFTEEN_MINUTE",
    1800: "THIRTY_MINUTE",
    3600: "ONE_HOUR",
    86400: "ONE_DAY",
}
_SPANS = {60: 30, 180: 60, 300: 100, 600: 100, 900: 200, 1800: 200, 3600: 400, 86400: 2000}
_SESSION_S = 22_500.0
_MOST_REQUESTS = 40
_CANDLES = "/rest/secure/angelbroking/historical/v1/getCandleData"
_OPEN_INTEREST = "/rest/secure/angelbroking/historical/v1/getOIData"
_CODES = {Exchange.NSE_INDEX: "NSE", Exchange.BSE_INDEX: "BSE", Exchange.MCX_INDEX: "MCX"}
_CONTRACTS = frozenset({InstrumentKind.FUTURE, InstrumentKind.OPTION})


class _Row(msgspec.Struct, array_like=True):
    at: str
    open: float
    high: float
    low: float
    close: float
    volume: float = 0


class _Interest(msgspec.Struct):
    at: str = msgspec.field(name="time")
    oi: float


_ROWS = msgspec.json.Decoder(list[_Row] | None)
_INTERESTS = msgspec.json.Decoder(list[_Interest] | None)


class AngelRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        self._pace = TokenBucket(2.0, 1.0)

    async def candles(self, session: BrokerSession, instrument: Instrument, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `instrument`, oldest first; those of contracts with their open interest where there is one.

        Raises:
            FeedRejectedError: there is no such interval, or Angel One refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        if asked.interval_s not in INTERVALS:
            raise FeedRejectedError(f"Angel One has no candles of {asked.interval_s} s")
        end = _ist(asked.end_ms if asked.end_ms is not None else int(time.time() * 1000.0)) + timedelta(minutes=1)
        first = _ist(asked.start_ms) if asked.start_ms is not None else end - _back(asked)
        span = timedelta(days=_SPANS[asked.interval_s])
        found: dict[int, Candle] = {}
        for _ in range(_MOST_REQUESTS):
            start = max(first, end - span)
            found |= await self._span(session, instrument, asked.interval_s, start, end)
            end = start
            if start <= first or len(found) >= asked.limit:
                break
        ordered = [found[at] for at in sorted(found)]
        return latest_within(ordered, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _span(
        self, session: BrokerSession, instrument: Instrument, interval_s: int, start: datetime, end: datetime
    ) -> dict[int, Candle]:
        given = {
            "exchange": _CODES.get(instrument.key.exchange, str(instrument.key.exchange)),
            "symboltoken": instrument.token,
            "interval": INTERVALS[interval_s],
            "fromdate": _written(start),
            "todate": _written(end),
        }
        rows = _read(_ROWS, await self._ask(session, _CANDLES, given)) or []
        open_interest: dict[int, float] = {}
        if rows and instrument.kind in _CONTRACTS:
            try:
                told = _read(_INTERESTS, await self._ask(session, _OPEN_INTEREST, given)) or []
            except FeedRejectedError:
                told = []  # an expired contract has none; its candles are good without
            open_interest = {_at_ms(each.at): each.oi for each in told}
        return {
            at: Candle(at, row.open, row.high, row.low, row.close, int(row.volume), open_interest.get(at))
            for row in rows
            for at in (_at_ms(row.at),)
        }

    async def _ask(self, session: BrokerSession, path: str, given: object) -> bytes:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        return await ask_within(
            self._http, path, given, api_key=session.reveal("api_key"), jwt=session.reveal("jwt_token")
        )


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not candles of Angel One", body) from exc


def _at_ms(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000.0)
    except (ValueError, OverflowError):
        raise DecodeError("A candle of Angel One has no time", text) from None


def _back(asked: CandleRange) -> timedelta:
    """A span that holds `limit` candles, weekends, holidays and short sessions of a stock exchange allowed for."""
    days = asked.limit if asked.interval_s >= 86_400 else asked.limit * asked.interval_s / _SESSION_S
    return timedelta(days=days * 1.6 + 7)


def _ist(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(IST)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
