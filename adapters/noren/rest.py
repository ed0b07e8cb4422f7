"""Noren's REST requests that a market watch needs: candles.

Requests look like forms: `jData` is JSON, `jKey` the token where it does not travel in a header. Answers always come
with status 200; `stat` says whether they are good. Times are seconds since 1970 UTC; rows come newest first. What a
request may span is not published: a minute's candles of more than five days end in a timeout of the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from adapters.candle_portions import DAY_S, in_portions
from adapters.noren import candles
from adapters.noren.rows import NorenRow, exchange_code
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.instruments import Instrument
from market.logins import BrokerSession

INTERVALS = {60: "1", 180: "3", 300: "5", 600: "10", 900: "15", 1800: "30", 3600: "60", 7200: "120", 14400: "240"}
_DAYS_PER_MINUTE = 4.0
"""The span of a request in days, by minute of its interval: what was seen to work is 5 for 1 and 20 for 5."""

# An answer holds the latest 1,201 days of trading, whatever was asked for: on exchanges open five days a week, these
# are 1,680 of the calendar.
_SPAN_DAYS = 1_600
_NOTHING_THERE = ("no data", "no_data")
_SESSION_WORDS = ("session expired", "invalid session", "invalid access token", "unauthorized")


class _Refusal(msgspec.Struct):
    emsg: str | None = None


class NorenRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, row: NorenRow, base_url: str) -> None:
        self._row = row
        self._http = HttpClient(base_url)
        self._pace = TokenBucket(row.quick_requests, row.quick_requests)

    async def candles(self, session: BrokerSession, instrument: Instrument, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `instrument`, oldest first.

        Raises:
            FeedRejectedError: there is no such interval, no daily candles of this exchange, or the broker refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        if asked.interval_s != DAY_S and asked.interval_s not in INTERVALS:
            raise FeedRejectedError(f"{self._row.title} has no candles of {asked.interval_s} s")
        if asked.interval_s == DAY_S and instrument.key.exchange in self._row.without_days:
            raise FeedRejectedError(f"{self._row.title} has no daily candles of {instrument.key.exchange}")

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            return await self._get(session, instrument, asked, int(start_s), int(end_s))

        days = _SPAN_DAYS if asked.interval_s == DAY_S else int(_DAYS_PER_MINUTE * asked.interval_s / 60)
        return await in_portions(asked, ask, span_s=days * DAY_S)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _get(
        self, session: BrokerSession, instrument: Instrument, asked: CandleRange, start: int, end: int
    ) -> list[Candle]:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        exchange = exchange_code(instrument.key.exchange)
        if asked.interval_s == DAY_S:
            name = self._row.names_of_days.get(instrument.key, instrument.broker_symbol)
            given = {"sym": f"{exchange}:{name}", "from": str(start - DAY_S), "to": str(end)}
            return candles.days(await self._ask(session, "/EODChartData", given))
        given = {"uid": session.user, "exch": exchange, "token": instrument.token, "st": str(start), "et": str(end)}
        body = await self._ask(session, "/TPSeries", given | {"intrv": INTERVALS[asked.interval_s]})
        return candles.minutes(body, exchange, asked.interval_s)

    async def _ask(self, session: BrokerSession, path: str, given: dict[str, str]) -> bytes:
        token = session.reveal("access_token")
        headers = {"Authorization": f"Bearer {token}"} if self._row.bearer else {}
        body = await self._http.post_form(path, form(given, "" if self._row.bearer else token), headers=headers)
        if body.lstrip().startswith(b"["):
            return body
        return self._nothing(body)

    def _nothing(self, body: bytes) -> bytes:
        """An answer that is no list: either there are no candles, or they were refused."""
        try:
            said = (msgspec.json.decode(body, type=_Refusal).emsg or "").lower()
        except (msgspec.MsgspecError, ValueError) as exc:
            raise DecodeError(f"Not an answer of {self._row.title}", body) from exc
        if any(words in said for words in _NOTHING_THERE):
            return b"[]"
        if any(words in said for words in _SESSION_WORDS):
            raise TokenExpiredError(f"{self._row.title}'s session is over")
        raise FeedRejectedError(f"{self._row.title} refused the candles")


def form(given: Mapping[str, str], key: str = "") -> str:
    """Return the body of a request. It is split at each `&` and never decoded: JSON alone escapes what it holds."""
    text = f"jData={json.dumps(given, separators=(',', ':'))}".replace("&", "\\u0026")
    return f"{text}&jKey={key}" if key else text
