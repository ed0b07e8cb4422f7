"""XTS's requests that a market watch needs besides subscriptions: candles.

One request a second. An answer is one text: rows between commas, fields between pipes. Times are Indian wall clock on
the way there, and seconds of Indian wall clock since 1970 on the way back, at the last second of each candle. An empty
text may mean no trades, an unknown contract, or a session that is over: they cannot be told apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from adapters.candle_portions import DAY_S, in_portions
from adapters.candle_rows import sound_candles
from adapters.finite import finite
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RefusedError, RefusedTokenError
from adapters.venue import CandleRange
from adapters.xts.rows import XtsRow, segment_of
from adapters.xts.wire import decode_reply
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import Instrument
from market.logins import BrokerSession
from market.sessions import SessionCalendar, midnight_ms, ordinal_of
from market.symbols import MONTHS

INTERVALS = {
    60: "60",
    120: "120",
    180: "180",
    300: "300",
    600: "600",
    900: "900",
    1800: "1800",
    3600: "3600",
    DAY_S: "D",
}
_IST_S = 19_800
_SPAN_DAYS = 6
_SPAN_DAYS_OF_DAYS = 360


class _Candles(msgspec.Struct):
    dataReponse: str | None = None
    dataResponse: str | None = None


class XtsRest:
    """The requests. `http` is below the prefix, and belongs to whom it came from."""

    def __init__(self, row: XtsRow, http: HttpClient) -> None:
        self._row = row
        self._http = http
        self._pace = TokenBucket(0.9, 1.0)
        self._calendar = SessionCalendar()

    async def candles(self, session: BrokerSession, instrument: Instrument, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `instrument`, oldest first.

        Raises:
            FeedRejectedError: there is no such interval, or the broker refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        if asked.interval_s not in INTERVALS:
            raise FeedRejectedError(f"{self._row.title} has no candles of {asked.interval_s} s")

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            text = await self._get(session, instrument, asked.interval_s, int(start_s), int(end_s))
            return self._read(text, instrument.key.exchange, asked.interval_s)

        days = _SPAN_DAYS_OF_DAYS if asked.interval_s == DAY_S else _SPAN_DAYS
        return await in_portions(asked, ask, span_s=days * DAY_S)

    async def _get(self, session: BrokerSession, instrument: Instrument, interval_s: int, start: int, end: int) -> str:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        params = {
            "exchangeSegment": str(segment_of(instrument.key)),
            "exchangeInstrumentID": instrument.token,
            "startTime": written(start),
            "endTime": written(end),
            "compressionValue": INTERVALS[interval_s],
        }
        try:
            body = await self._http.get("/instruments/ohlc", params=params, headers=authorization(session))
        except (RefusedError, RefusedTokenError) as exc:
            body = exc.body
        reply = decode_reply(body)
        if reply.is_session_over:
            raise TokenExpiredError(f"{self._row.title}'s session is over")
        if not reply.is_good:
            raise FeedRejectedError(f"{self._row.title} refused the candles")
        try:
            said = msgspec.json.decode(reply.result, type=_Candles)
        except (msgspec.MsgspecError, ValueError) as exc:
            raise DecodeError("Not candles of XTS", body) from exc
        return said.dataReponse or said.dataResponse or ""

    def _read(self, text: str, exchange: Exchange, interval_s: int) -> list[Candle]:
        rows = [row.split("|") for row in text.split(",") if row.strip()]
        return sound_candles(rows, lambda row: self._candle(row, exchange, interval_s), "XTS")

    def _candle(self, row: Sequence[str], exchange: Exchange, interval_s: int) -> Candle:
        stamped_ms = (int(row[0]) - _IST_S) * 1000
        opened, high, low, close, volume = map(finite, row[1:6])
        interest = finite(row[6]) if len(row) > 6 and row[6] else None
        return Candle(
            self._begins_ms(stamped_ms, exchange, interval_s), opened, high, low, close, int(volume), interest
        )

    def _begins_ms(self, stamped_ms: int, exchange: Exchange, interval_s: int) -> int:
        """When the candle began that is stamped with its last second: sessions begin at the exchange's open."""
        if interval_s == DAY_S:
            return midnight_ms(ordinal_of(stamped_ms))
        opened_ms = self._calendar.session_start_ms(exchange, stamped_ms)
        return opened_ms + (stamped_ms - opened_ms) // (interval_s * 1000) * interval_s * 1000


def authorization(session: BrokerSession) -> dict[str, str]:
    """The header that requests carry: the token, and nothing before it."""
    return {"Authorization": session.reveal("access_token")}


def written(at_s: int) -> str:
    """A time as requests have it, in Indian wall clock: `Jan 06 2025 091500`."""
    at = datetime.fromtimestamp(at_s, UTC) + timedelta(seconds=_IST_S)
    return f"{MONTHS[at.month - 1].capitalize()} {at:%d %Y %H%M%S}"
