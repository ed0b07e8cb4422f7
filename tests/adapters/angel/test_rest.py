"""Candles of Angel One: spans, Indian time, open interest, and what its refusals mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from adapters.angel.rest import IST, AngelRest
from adapters.transport import RateLimitedError
from adapters.venue import CandleRange
from market.credentials import Secret
from market.errors import FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession
from tests.adapters.angel.bench import INSTRUMENTS
from tests.doubles.toy_angel import ToyAngel

INFY, _, FUTURE, NIFTY = INSTRUMENTS[:4]
TOKENS = {"api_key": Secret("key"), "jwt_token": Secret("good-token"), "feed_token": Secret("feed")}
SESSION = BrokerSession(broker="angel", user="AB1234", tokens=TOKENS, obtained_ms=0.0)


@pytest.fixture
async def toy() -> AsyncIterator[ToyAngel]:
    toy = ToyAngel()
    await toy.start()
    yield toy
    await toy.stop()
    assert toy.violations == []


@pytest.fixture
async def rest(toy: ToyAngel) -> AsyncIterator[AngelRest]:
    rest = AngelRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


async def test_what_is_asked_for_is_indian_wall_clock(rest: AngelRest, toy: ToyAngel) -> None:
    asked = CandleRange(300, 10, _ms("2026-11-24T03:45:00+00:00"), _ms("2026-11-24T10:00:00+00:00"))
    assert await rest.candles(SESSION, NIFTY, asked) == []
    (said,) = toy.asked
    assert {name: value for name, value in said.items() if name != "path"} == {
        "exchange": "NSE",
        "symboltoken": "99926000",
        "interval": "FIVE_MINUTE",
        "fromdate": "2026-11-24 09:15",
        "todate": "2026-11-24 15:31",
    }


async def test_candles_begin_in_utc_and_end_before_the_end(rest: AngelRest, toy: ToyAngel) -> None:
    toy.candles = [
        ["2026-11-24T09:15:00+05:30", 1500.0, 1510.5, 1499.0, 1505.25, 12345],
        ["2026-11-24T09:16:00+05:30", 1505.0, 1506.0, 1504.0, 1505.5, 99],
    ]
    asked = CandleRange(60, 10, _ms("2026-11-24T09:15:00+05:30"), _ms("2026-11-24T09:16:00+05:30"))
    (candle,) = await rest.candles(SESSION, INFY, asked)
    assert candle == (_ms("2026-11-24T03:45:00+00:00"), 1500.0, 1510.5, 1499.0, 1505.25, 12345, None)
    assert toy.requests == {"getCandleData": 1}


async def test_candles_of_contracts_have_their_open_interest(rest: AngelRest, toy: ToyAngel) -> None:
    toy.candles = [["2026-11-24T09:15:00+05:30", 1, 2, 0.5, 1.5, 10], ["2026-11-24T09:16:00+05:30", 1, 2, 0.5, 1.5, 10]]
    toy.interests = [{"time": "2026-11-24T09:15:00+05:30", "oi": 777}]
    asked = CandleRange(60, 10, _ms("2026-11-24T09:15:00+05:30"), _ms("2026-11-24T09:20:00+05:30"))
    assert [each.oi for each in await rest.candles(SESSION, FUTURE, asked)] == [777, None]
    assert toy.requests == {"getCandleData": 1, "getOIData": 1}


async def test_a_long_range_goes_in_spans_and_overlaps_are_not_doubled(rest: AngelRest, toy: ToyAngel) -> None:
    first = datetime(2026, 6, 1, 9, 15, tzinfo=IST)
    days = [first + timedelta(days=day) for day in range(65)]
    toy.candles = [[day.strftime("%Y-%m-%dT%H:%M:%S+05:30"), 1, 2, 0.5, 1.5, 10] for day in days]
    start, end = int(first.timestamp() * 1000), int((days[-1] + timedelta(minutes=1)).timestamp() * 1000)
    candles = await rest.candles(SESSION, INFY, CandleRange(60, 1000, start, end))
    assert [candle.start_ms for candle in candles] == [int(day.timestamp() * 1000) for day in days]
    assert toy.requests["getCandleData"] == 3


async def test_the_latest_candles_stop_when_there_are_enough(rest: AngelRest, toy: ToyAngel) -> None:
    now = datetime.now(IST).replace(second=0, microsecond=0)
    toy.candles = [
        [(now - timedelta(minutes=back)).strftime("%Y-%m-%dT%H:%M:%S+05:30"), 1, 2, 0.5, 1.5, 10]
        for back in range(50, -1, -1)
    ]
    candles = await rest.candles(SESSION, INFY, CandleRange(60, 20))
    assert len(candles) == 20
    assert candles[-1].start_ms == int(now.timestamp() * 1000)
    assert toy.requests["getCandleData"] == 1


async def test_an_interval_that_it_does_not_have_is_refused(rest: AngelRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles(SESSION, INFY, CandleRange(7, 10))


async def test_a_dead_token_is_told_apart_from_asking_too_often(rest: AngelRest, toy: ToyAngel) -> None:
    toy.too_often = 1
    with pytest.raises(RateLimitedError):
        await rest.candles(SESSION, INFY, CandleRange(60, 10))
    toy.tokens = {"another"}
    with pytest.raises(TokenExpiredError):
        await rest.candles(SESSION, INFY, CandleRange(60, 10))
