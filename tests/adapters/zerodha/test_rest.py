"""Candles of Kite: spans, Indian time, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.venue import CandleRange
from adapters.zerodha.rest import IST, ZerodhaRest
from market.credentials import Secret
from market.errors import FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession
from tests.doubles.toy_kite import ToyKite

SESSION = BrokerSession(
    broker="zerodha",
    user="AB1234",
    tokens={"api_key": Secret("key"), "access_token": Secret("good-token")},
    obtained_ms=0.0,
)


@pytest.fixture
async def toy() -> AsyncIterator[ToyKite]:
    toy = ToyKite()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyKite) -> AsyncIterator[ZerodhaRest]:
    rest = ZerodhaRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.recorded
async def test_the_official_sample_becomes_candles(rest: ZerodhaRest, toy: ToyKite, recordings: Path) -> None:
    toy.history = json.loads((recordings / "kite/historical_oi.json").read_text())["data"]["candles"]
    asked = CandleRange(60, 1000, _ms("2019-12-04T09:15:00+05:30"), _ms("2019-12-04T15:30:00+05:30"))
    candles = await rest.candles(SESSION, "256265", asked)
    assert len(candles) == len(toy.history)
    assert candles[0] == (_ms("2019-12-04T09:15:00+05:30"), 12009.9, 12019.35, 12001.25, 12001.5, 163275, 13667775)


async def test_what_is_asked_for_is_indian_wall_clock(rest: ZerodhaRest, toy: ToyKite) -> None:
    asked = CandleRange(300, 10, _ms("2026-11-24T03:45:00+00:00"), _ms("2026-11-24T10:00:00+00:00"))
    assert await rest.candles(SESSION, "408065", asked) == []
    assert toy.asked == [
        {
            "from": "2026-11-24 09:15:00",
            "to": "2026-11-24 15:30:00",
            "oi": "1",
            "token": "408065",
            "interval": "5minute",
        }
    ]


async def test_a_long_range_goes_in_spans_and_overlaps_are_not_doubled(rest: ZerodhaRest, toy: ToyKite) -> None:
    first = datetime(2026, 6, 1, 9, 15, tzinfo=IST)
    days = [first + timedelta(days=day) for day in range(130)]
    toy.history = [[day.strftime("%Y-%m-%dT%H:%M:%S+0530"), 1, 2, 0.5, 1.5, 10, 3] for day in days]
    start, end = int(first.timestamp() * 1000), int((days[-1] + timedelta(minutes=1)).timestamp() * 1000)
    candles = await rest.candles(SESSION, "1", CandleRange(60, 1000, start, end))
    assert [candle.start_ms for candle in candles] == [int(day.timestamp() * 1000) for day in days]
    assert toy.requests["history"] == 3


async def test_the_latest_candles_stop_when_there_are_enough(rest: ZerodhaRest, toy: ToyKite) -> None:
    now = datetime.now(IST).replace(second=0, microsecond=0)
    toy.history = [
        [(now - timedelta(minutes=back)).strftime("%Y-%m-%dT%H:%M:%S+0530"), 1, 2, 0.5, 1.5, 10, 3]
        for back in range(50, -1, -1)
    ]
    candles = await rest.candles(SESSION, "1", CandleRange(60, 20))
    assert len(candles) == 20
    assert candles[-1].start_ms == int(now.timestamp() * 1000)
    assert toy.requests["history"] == 1


async def test_an_interval_that_it_does_not_have_is_refused(rest: ZerodhaRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles(SESSION, "1", CandleRange(7, 10))


async def test_a_dead_token_is_told_apart_from_a_refusal(rest: ZerodhaRest, toy: ToyKite) -> None:
    toy.tokens = {"another"}
    with pytest.raises(TokenExpiredError):
        await rest.candles(SESSION, "1", CandleRange(60, 10))


async def test_a_plan_without_candles_ends_no_session(rest: ZerodhaRest, toy: ToyKite) -> None:
    toy.sells_history = False
    with pytest.raises(FeedRejectedError, match="plan has no historical data"):
        await rest.candles(SESSION, "1", CandleRange(60, 10))


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"error_type":null}', b'{"error_type":"DataException"}', b"[]"])
async def test_a_refusal_of_another_kind_ends_no_session(body: bytes) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=403, body=body)

    app = web.Application()
    app.router.add_get("/{path:.*}", refuse)
    async with TestServer(app) as server:
        rest = ZerodhaRest(str(server.make_url("")))
        with pytest.raises(FeedRejectedError, match="HTTP 403"):
            await rest.candles(SESSION, "1", CandleRange(60, 10))
        await rest.close()
