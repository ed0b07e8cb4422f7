"""Alice Blue's candles, which are not those of the platform: of a minute and of a day, and only after market hours.

Source: Alice Blue's API documentation, "Historical Data"; the vendor's client pya3. Times are ms since 1970 UTC on the
way there, and Indian wall clock on the way back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from adapters.candle_portions import DAY_S, in_portions
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.finite import Finite
from adapters.noren.rows import exchange_code
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RefusedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession

INTERVALS = {60: "1", DAY_S: "D"}
_WITH_CANDLES = frozenset({"NSE", "NFO", "CDS", "MCX"})
_INDEX_OF_NSE = "NSE::index"
# What a request may span is not published; others ask for a month of minutes.
_SPAN_DAYS = {60: 30, DAY_S: 730}
_IST = timezone(timedelta(hours=5, minutes=30))


class _Row(msgspec.Struct):
    time: str
    open: Finite
    high: Finite
    low: Finite
    close: Finite
    volume: Finite = 0.0


class _Answer(msgspec.Struct):
    stat: str = ""
    emsg: str | None = None
    result: RawRows | None = None


class AliceRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        # 1,800 requests in a quarter of an hour are allowed.
        self._pace = TokenBucket(1.5, 3.0)

    async def candles(self, session: BrokerSession, instrument: Instrument, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `instrument`, oldest first.

        Raises:
            FeedRejectedError: there is no such interval, no candles of this exchange, or Alice Blue refused.
            FeedUnavailableError: no answer, or the market is open.
            TokenExpiredError: the session is over.
        """
        if asked.interval_s not in INTERVALS:
            raise FeedRejectedError(f"Alice Blue has no candles of {asked.interval_s} s")
        place = _place_of(instrument)

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            given = {
                "token": instrument.token,
                "exchange": place,
                "from": f"{int(start_s)}000",
                "to": f"{int(end_s)}000",
                "resolution": INTERVALS[asked.interval_s],
            }
            read = reader(_Row, lambda row: _candle(row, asked.interval_s))
            return sound_candles(await self._ask(session, given), read, "Alice Blue")

        return await in_portions(asked, ask, span_s=_SPAN_DAYS[asked.interval_s] * DAY_S)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _ask(self, session: BrokerSession, given: dict[str, str]) -> RawRows:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        headers = {"Authorization": f"Bearer {session.user} {session.reveal('access_token')}"}
        try:
            said = decode_json(await self._http.post("/chart/history", given, headers=headers), _Answer)
        except RefusedError as exc:
            raise FeedRejectedError(f"Alice Blue refused the candles (HTTP {exc.status})") from None
        if said.stat.lower() == "ok":
            return said.result or []
        return _nothing((said.emsg or "").lower())


def _place_of(instrument: Instrument) -> str:
    exchange = instrument.key.exchange
    code = exchange_code(exchange)
    if exchange is Exchange.NSE_INDEX:
        return _INDEX_OF_NSE
    if code not in _WITH_CANDLES or instrument.kind is InstrumentKind.INDEX:
        raise FeedRejectedError(f"Alice Blue has no candles of {exchange}")
    return code


def _nothing(said: str) -> RawRows:
    """What a refusal means: there are no candles, or not now, or never."""
    if "market time" in said or "market hours" in said:
        raise FeedUnavailableError("Alice Blue gives candles from 17:30 to 8:00, and on days without trading")
    if "session" in said or "unauthorized" in said:
        raise TokenExpiredError("Alice Blue's session is over")
    if "no data" in said:
        return []
    raise FeedRejectedError("Alice Blue refused the candles")


def _candle(row: _Row, interval_s: int) -> Candle:
    try:
        at = datetime.fromisoformat(row.time).replace(tzinfo=_IST)
    except ValueError:
        raise DecodeError("A candle of Alice Blue has no time", row.time) from None
    # A minute is told by its last second: 09:15:59 is the one that began at 09:15.
    at = at.replace(hour=0, minute=0, second=0) if interval_s == DAY_S else at.replace(second=0)
    return Candle(int(at.timestamp()) * 1000, row.open, row.high, row.low, row.close, int(row.volume))
