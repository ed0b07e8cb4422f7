"""DhanHQ's REST requests that a market watch needs: candles.

Limits: 5 requests a second; minutes go back five years, 90 days a request; days as far as there are any. Times are
Indian wall clock on the way there, and seconds since 1970 UTC on the way back, a column each. The end of a range of
days is not part of it. Source: DhanHQ documentation, "Historical Data".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

import msgspec

from adapters.candle_portions import DAY_S, in_portions
from adapters.candle_rows import sound_candles
from adapters.dhan.reasons import NO_DATA_PLAN
from adapters.dhan.segments import SEGMENTS
from adapters.finite import Finite
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RateLimitedError, RefusedError, RefusedTokenError
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.exchanges import INDICES, Exchange
from market.instruments import Instrument, InstrumentKind
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {60: 1, 300: 5, 900: 15, 1500: 25, 3600: 60}
_SPAN = 90
_SPAN_OF_DAYS = 3650
_CURRENCIES = frozenset({Exchange.CDS, Exchange.BCD})
_SESSION_CODES = frozenset({"DH-901", "807", "808", "809"})
_NO_PLAN = frozenset({"DH-902", "806"})
_NOTHING_THERE = "DH-907"
# A wrong request is told with this code, and so is a range without candles.
_WRONG_OR_NOTHING = "DH-905"


class _Columns(msgspec.Struct):
    """One list a column, all of the same length."""

    open: list[object] = msgspec.field(default_factory=list)
    high: list[object] = msgspec.field(default_factory=list)
    low: list[object] = msgspec.field(default_factory=list)
    close: list[object] = msgspec.field(default_factory=list)
    volume: list[object] = msgspec.field(default_factory=list)
    timestamp: list[object] = msgspec.field(default_factory=list)
    open_interest: list[object] = msgspec.field(default_factory=list)


class _Refusal(msgspec.Struct):
    code: str = msgspec.field(default="", name="errorCode")
    message: str | None = msgspec.field(default=None, name="errorMessage")


class DhanRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        self._pace = TokenBucket(3.0, 2.0)

    async def candles(self, session: BrokerSession, instrument: Instrument, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `instrument`, oldest first; those of contracts with their open interest.

        Raises:
            FeedRejectedError: there is no such interval, or Dhan refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        if asked.interval_s != DAY_S and asked.interval_s not in INTERVALS:
            raise FeedRejectedError(f"Dhan has no candles of {asked.interval_s} s")

        async def ask(start_s: float, end_s: float) -> Iterable[Candle]:
            return await self._span(session, instrument, asked.interval_s, _ist(start_s), _ist(end_s))

        days = _SPAN_OF_DAYS if asked.interval_s == DAY_S else _SPAN
        return await in_portions(asked, ask, span_s=days * DAY_S)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _span(
        self, session: BrokerSession, instrument: Instrument, interval_s: int, start: datetime, end: datetime
    ) -> Iterable[Candle]:
        given: dict[str, object] = {
            "securityId": instrument.token,
            "exchangeSegment": SEGMENTS[instrument.key.exchange][1],
            "instrument": kind_of(instrument),
            "oi": instrument.kind in (InstrumentKind.FUTURE, InstrumentKind.OPTION),
            # The documentation has it for days alone, but minutes of contracts were found to need it (OpenAlgo #858).
            "expiryCode": 0,
        }
        if interval_s == DAY_S:
            given |= {"fromDate": _day(start), "toDate": _day(end + timedelta(days=1))}
            body = await self._ask(session, "/v2/charts/historical", given)
        else:
            given |= {"interval": INTERVALS[interval_s], "fromDate": _written(start), "toDate": _written(end)}
            body = await self._ask(session, "/v2/charts/intraday", given)
        return _candles(body)

    async def _ask(self, session: BrokerSession, path: str, given: object) -> bytes:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        headers = {"access-token": session.reveal("access_token"), "client-id": session.user}
        try:
            return await self._http.post(path, given, headers=headers)
        except RefusedTokenError as exc:
            if _refusal_in(exc.body).code in _NO_PLAN:
                raise FeedRejectedError(NO_DATA_PLAN) from None
            raise TokenExpiredError("Dhan's session is over") from None
        except RateLimitedError as exc:
            # An account without the plan is answered as if it had asked too often.
            if _refusal_in(exc.body).code in _NO_PLAN:
                raise FeedRejectedError(NO_DATA_PLAN) from None
            raise
        except RefusedError as exc:
            return _nothing(_refusal_in(exc.body), exc.status)


def kind_of(instrument: Instrument) -> str:
    """Return what requests call the kind of `instrument`: `EQUITY`, `INDEX`, `FUTIDX`, `OPTSTK`, …"""
    exchange = instrument.key.exchange
    if instrument.kind is InstrumentKind.INDEX or exchange in INDICES:
        return "INDEX"
    if instrument.kind is InstrumentKind.EQUITY:
        return "EQUITY"
    is_option = instrument.kind is InstrumentKind.OPTION
    if exchange in _CURRENCIES:
        return "OPTCUR" if is_option else "FUTCUR"
    if exchange is Exchange.MCX:
        if is_option:
            return "OPTFUT"
        return "FUTIDX" if instrument.name.startswith("MCX") else "FUTCOM"
    on_index = instrument.underlying is not None and instrument.underlying.exchange in INDICES
    return ("OPT" if is_option else "FUT") + ("IDX" if on_index else "STK")


def _nothing(refusal: _Refusal, status: int) -> bytes:
    """What a refusal means: there are no candles, or they are refused."""
    code = refusal.code
    if code == _NOTHING_THERE or (code == _WRONG_OR_NOTHING and "no data" in (refusal.message or "").lower()):
        return b"{}"
    if code in _NO_PLAN:
        raise FeedRejectedError(NO_DATA_PLAN)
    if code in _SESSION_CODES:
        raise TokenExpiredError("Dhan's session is over")
    raise FeedRejectedError(f"Dhan refused the candles (HTTP {status})")


def _refusal_in(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Refusal()


def _candles(body: bytes) -> list[Candle]:
    try:
        said = msgspec.json.decode(body, type=_Columns)
        interests = said.open_interest or [None] * len(said.timestamp)
        columns = (said.timestamp, said.open, said.high, said.low, said.close, said.volume, interests)
        rows = list(zip(*columns, strict=True))
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as exc:
        raise DecodeError("Not candles of Dhan", body) from exc
    return sound_candles(rows, _candle, "Dhan")


def _candle(row: Sequence[object]) -> Candle:
    at_s, opened, high, low, close, volume = msgspec.convert(
        row[:6], tuple[Finite, Finite, Finite, Finite, Finite, Finite]
    )
    return Candle(int(at_s * 1000), opened, high, low, close, int(volume), msgspec.convert(row[6], Finite | None))


def _ist(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, IST)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
