"""Candles of Dhan: spans, Indian time, open interest, and what its refusals mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from aiohttp import web

from adapters.dhan.rest import DAY_S, IST, DhanRest, kind_of
from adapters.transport import RateLimitedError
from adapters.venue import CandleRange
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from tests.adapters.dhan.bench import INSTRUMENTS
from tests.doubles.toy_dhan import ToyDhan, refused

HDFC, _, FUTURE, NIFTY = INSTRUMENTS[:4]
SESSION = BrokerSession(broker="dhan", user="AB1234", tokens={"access_token": Secret("good-token")}, obtained_ms=0.0)


@pytest.fixture
async def toy() -> AsyncIterator[ToyDhan]:
    toy = ToyDhan()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyDhan) -> AsyncIterator[DhanRest]:
    rest = DhanRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def _s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _ms(text: str) -> int:
    return int(_s(text) * 1000)


async def test_what_is_asked_for_is_indian_wall_clock(rest: DhanRest, toy: ToyDhan) -> None:
    asked = CandleRange(300, 10, _ms("2026-11-24T03:45:00+00:00"), _ms("2026-11-24T10:00:00+00:00"))
    assert await rest.candles(SESSION, NIFTY, asked) == []
    assert toy.asked == [
        {
            "path": "/v2/charts/intraday",
            "securityId": "13",
            "exchangeSegment": "IDX_I",
            "instrument": "INDEX",
            "oi": False,
            "expiryCode": 0,
            "interval": 5,
            "fromDate": "2026-11-24 09:15:00",
            "toDate": "2026-11-24 15:30:00",
        }
    ]


async def test_candles_end_before_the_end_and_contracts_have_open_interest(rest: DhanRest, toy: ToyDhan) -> None:
    first, second = _s("2026-11-24T09:15:00+05:30"), _s("2026-11-24T09:16:00+05:30")
    toy.minutes = [[first, 1500.0, 1510.5, 1499.0, 1505.25, 12345, 777], [second, 1, 2, 0.5, 1.5, 9, 7]]
    asked = CandleRange(60, 10, int(first * 1000), int(second * 1000))
    assert await rest.candles(SESSION, FUTURE, asked) == [
        (int(first * 1000), 1500.0, 1510.5, 1499.0, 1505.25, 12345, 777)
    ]
    assert [each.oi for each in await rest.candles(SESSION, HDFC, asked)] == [None]


async def test_the_last_day_is_asked_for_too(rest: DhanRest, toy: ToyDhan) -> None:
    days = [_s(f"2026-11-{day}T00:00:00+05:30") for day in (20, 23, 24)]
    toy.days = [[day, 1, 2, 0.5, 1.5, 10, 3] for day in days]
    asked = CandleRange(DAY_S, 10, _ms("2026-11-20T00:00:00+05:30"), _ms("2026-11-24T12:00:00+05:30"))
    candles = await rest.candles(SESSION, HDFC, asked)
    assert [each.start_ms for each in candles] == [int(day * 1000) for day in days]
    (said,) = toy.asked
    assert (said["fromDate"], said["toDate"], said["expiryCode"]) == ("2026-11-20", "2026-11-25", 0)


async def test_a_long_range_goes_in_spans_and_overlaps_are_not_doubled(rest: DhanRest, toy: ToyDhan) -> None:
    first = datetime(2026, 3, 2, 9, 15, tzinfo=IST)
    days = [first + timedelta(days=day) for day in range(200)]
    toy.minutes = [[day.timestamp(), 1, 2, 0.5, 1.5, 10, 3] for day in days]
    start, end = int(first.timestamp() * 1000), int((days[-1] + timedelta(minutes=1)).timestamp() * 1000)
    candles = await rest.candles(SESSION, HDFC, CandleRange(60, 1000, start, end))
    assert [candle.start_ms for candle in candles] == [int(day.timestamp() * 1000) for day in days]
    assert toy.requests["/v2/charts/intraday"] == 3


async def test_the_latest_candles_stop_when_there_are_enough(rest: DhanRest, toy: ToyDhan) -> None:
    now = datetime.now(IST).replace(second=0, microsecond=0)
    toy.minutes = [[(now - timedelta(minutes=back)).timestamp(), 1, 2, 0.5, 1.5, 10, 3] for back in range(50, -1, -1)]
    candles = await rest.candles(SESSION, HDFC, CandleRange(60, 20))
    assert len(candles) == 20
    assert candles[-1].start_ms == int(now.timestamp() * 1000)
    assert toy.requests["/v2/charts/intraday"] == 1


async def test_an_interval_that_it_does_not_have_is_refused(rest: DhanRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 180 s"):
        await rest.candles(SESSION, HDFC, CandleRange(180, 10))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refused("DH-901", "x", status=401), TokenExpiredError, "session is over"),
        (refused("DH-901", "x", status=400), TokenExpiredError, "session is over"),
        (refused("DH-902", "x", status=401), FeedRejectedError, "Data API plan"),
        (refused("DH-902", "x", status=403), FeedRejectedError, "Data API plan"),
        (refused("DH-905", "very-secret"), FeedRejectedError, "HTTP 400"),
        (web.json_response({"errorCode": "DH-905", "errorMessage": None}, status=400), FeedRejectedError, "HTTP 400"),
        (web.Response(status=403, text="<html>"), FeedRejectedError, "HTTP 403"),
        (refused("DH-902", "x", status=429), FeedRejectedError, "Data API plan"),
        (refused("DH-904", "x", status=429), RateLimitedError, "pause"),
        (web.Response(status=429), RateLimitedError, "pause"),
        (web.Response(text="<html>"), DecodeError, "Not candles"),
        (web.json_response({"timestamp": [1, 2], "open": [1.0]}), DecodeError, "Not candles"),
    ],
)
async def test_refusals_have_their_meaning(
    rest: DhanRest, toy: ToyDhan, answer: web.Response, error: type[Exception], words: str
) -> None:
    toy.refusal = answer
    with pytest.raises(error, match=words) as caught:
        await rest.candles(SESSION, HDFC, CandleRange(60, 10))
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("DH-907", "x"),
        ("DH-905", "System is unable to fetch data due to incorrect parameters or no data present"),
    ],
)
async def test_no_candles_are_an_empty_answer(rest: DhanRest, toy: ToyDhan, code: str, message: str) -> None:
    toy.refusal = refused(code, message)
    start = _ms("2026-11-24T09:15:00+05:30")
    assert await rest.candles(SESSION, HDFC, CandleRange(60, 10, start, start + 60_000)) == []


def _contract(exchange: Exchange, kind: InstrumentKind, name: str, underlying: InstrumentKey | None) -> Instrument:
    key = InstrumentKey(exchange, f"{name}29DEC26FUT")
    return Instrument(key=key, kind=kind, name=name, expiry=date(2026, 12, 29), underlying=underlying)


def test_kinds_have_the_names_that_requests_want() -> None:
    nifty, infy = InstrumentKey(Exchange.NSE_INDEX, "NIFTY"), InstrumentKey(Exchange.NSE, "INFY")
    future, option = InstrumentKind.FUTURE, InstrumentKind.OPTION
    assert [kind_of(each) for each in (HDFC, NIFTY)] == ["EQUITY", "INDEX"]
    assert [kind_of(_contract(Exchange.NFO, kind, "NIFTY", nifty)) for kind in (future, option)] == ["FUTIDX", "OPTIDX"]
    assert [kind_of(_contract(Exchange.NFO, kind, "INFY", infy)) for kind in (future, option)] == ["FUTSTK", "OPTSTK"]
    assert [kind_of(_contract(Exchange.CDS, kind, "USDINR", None)) for kind in (future, option)] == ["FUTCUR", "OPTCUR"]
    assert [kind_of(_contract(Exchange.MCX, kind, "GOLD", None)) for kind in (future, option)] == ["FUTCOM", "OPTFUT"]
    assert kind_of(_contract(Exchange.MCX, future, "MCXBULLDEX", None)) == "FUTIDX"
