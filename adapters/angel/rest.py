"""SmartAPI's REST requests that a market watch needs: candles, and the open interest that goes with them.

Limits: 3 requests a second and 180 a minute, counted strictly; a request spans at most as many days as `_SPANS` says.
Times are Indian wall clock, in minutes on the way there, and with +05:30 on the way back. Source: SmartAPI
documentation, "Historical API".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from adapters.angel.smartapi import ask_within
from adapters.candle_portions import DAY_S, in_portions
from adapters.candle_rows import RawRows, sound_candles, sound_rows
from adapters.dated_rows import dated_reader, written_ms
from adapters.finite import Finite
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    60: "ONE_MINUTE",
    180: "THREE_MINUTE",
    300: "FIVE_MINUTE",
    600: "TEN_MINUTE",
    900: "FIFTEEN_MINUTE",
    1800: "THIRTY_MINUTE",
    3600: "ONE_HOUR",
    DAY_S: "ONE_DAY",
}
_SPANS = {60: 30, 180: 60, 300: 100, 600: 100, 900: 200, 1800: 200, 3600: 400, DAY_S: 2000}
_NAME = "Angel One"
_CANDLES = "/rest/secure/angelbroking/historical/v1/getCandleData"
_OPEN_INTEREST = "/rest/secure/angelbroking/historical/v1/getOIData"
_CODES = {Exchange.NSE_INDEX: "NSE", Exchange.BSE_INDEX: "BSE", Exchange.MCX_INDEX: "MCX"}
_CONTRACTS = frozenset({InstrumentKind.FUTURE, InstrumentKind.OPTION})


class _Interest(msgspec.Struct):
    at: str = msgspec.field(name="time")
    oi: Finite


_ROWS = msgspec.json.Decoder(RawRows | None)
_READ = dated_reader(_NAME)


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

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            return await self._span(session, instrument, asked.interval_s, _written(start_s), _written(end_s))

        return await in_portions(asked, ask, span_s=_SPANS[asked.interval_s] * DAY_S, margin_s=60.0)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _span(
        self, session: BrokerSession, instrument: Instrument, interval_s: int, start: str, end: str
    ) -> list[Candle]:
        given = {
            "exchange": _CODES.get(instrument.key.exchange, str(instrument.key.exchange)),
            "symboltoken": instrument.token,
            "interval": INTERVALS[interval_s],
            "fromdate": start,
            "todate": end,
        }
        candles = sound_candles(_rows(await self._ask(session, _CANDLES, given)), _READ, _NAME)
        told = await self._interest(session, given) if candles and instrument.kind in _CONTRACTS else {}
        return [candle._replace(oi=told.get(candle.start_ms)) for candle in candles]

    async def _interest(self, session: BrokerSession, given: object) -> dict[int, float]:
        """Open interest by the start of the candle; an expired contract has none, and its candles are good without."""
        try:
            rows = sound_rows(_rows(await self._ask(session, _OPEN_INTEREST, given)), _Interest, "Not open interest")
            return {written_ms(each.at, _NAME): each.oi for each in rows}
        except (FeedRejectedError, DecodeError):
            return {}

    async def _ask(self, session: BrokerSession, path: str, given: object) -> bytes:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        return await ask_within(
            self._http, path, given, api_key=session.reveal("api_key"), jwt=session.reveal("jwt_token")
        )


def _rows(body: bytes) -> RawRows:
    try:
        return _ROWS.decode(body) or []
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not candles of Angel One", body) from exc


def _written(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, IST).strftime("%Y-%m-%d %H:%M")
