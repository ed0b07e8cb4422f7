"""Kite Connect's REST requests that a market watch needs: candles.

Limits: 3 requests a second for candles. A request spans at most as many days as `_SPANS` says (the vendor's forum,
discussion 3105). Times are Indian wall clock without a zone on the way there, and with +0530 on the way back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from adapters.candle_portions import DAY_S, in_portions
from adapters.candle_rows import RawRows, sound_candles
from adapters.dated_rows import dated_reader
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RefusedError, decode_json
from adapters.venue import CandleRange
from adapters.zerodha.refusals import ENDED, NOT_ALLOWED, kind_of
from market.candles import Candle
from market.errors import FeedError, FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    60: "minute",
    180: "3minute",
    300: "5minute",
    600: "10minute",
    900: "15minute",
    1800: "30minute",
    3600: "60minute",
    DAY_S: "day",
}
_SPANS = {60: 60, 180: 100, 300: 100, 600: 100, 900: 200, 1800: 200, 3600: 400, DAY_S: 2000}


_READ = dated_reader("Kite")


class _Candles(msgspec.Struct):
    candles: RawRows


class _Answer(msgspec.Struct):
    data: _Candles


class ZerodhaRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url, headers={"X-Kite-Version": "3"})
        self._pace = TokenBucket(2.0, 1.0)

    async def candles(self, session: BrokerSession, token: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of the instrument `token`, oldest first.

        Raises:
            FeedRejectedError: Kite has no such interval, the plan has no historical data, or Kite refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Zerodha has no candles of {asked.interval_s} s")

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            return await self._get(session, token, interval, _written(start_s), _written(end_s))

        return await in_portions(asked, ask, span_s=_SPANS[asked.interval_s] * DAY_S)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _get(self, session: BrokerSession, token: str, interval: str, start: str, end: str) -> list[Candle]:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        params = {"from": start, "to": end, "oi": "1"}
        try:
            body = await self._http.get(
                f"/instruments/historical/{token}/{interval}", params=params, headers=authorization(session)
            )
        except RefusedError as exc:
            raise _meaning(exc) from None
        return sound_candles(decode_json(body, _Answer).data.candles, _READ, "Kite")


def _meaning(exc: RefusedError) -> FeedError:
    """403 is an ended session and a plan without candles alike: the kind of error tells them apart."""
    kind = kind_of(exc.body)
    if kind == ENDED:
        return TokenExpiredError("Zerodha's session is over")
    if kind == NOT_ALLOWED:
        return FeedRejectedError("Zerodha gives no candles to this API key: its plan has no historical data")
    return FeedRejectedError(f"Zerodha refused the candles (HTTP {exc.status})")


def authorization(session: BrokerSession) -> dict[str, str]:
    """The header that Kite's requests carry."""
    return {"Authorization": f"token {session.reveal('api_key')}:{session.reveal('access_token')}"}


def _written(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, IST).strftime("%Y-%m-%d %H:%M:%S")
