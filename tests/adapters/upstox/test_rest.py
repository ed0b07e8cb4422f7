"""Candles and the feed's address, asked of the toy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.pacing import TokenBucket
from adapters.upstox import rest as rest_module
from adapters.upstox.rest import IST, UpstoxRest
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from tests.adapters.upstox.conftest import session_of
from tests.doubles.toy_upstox import ToyUpstox

KEY = "NSE_INDEX|Nifty 50"
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=IST)
GOOD = session_of("good-token")


@pytest.fixture
async def rest(toy: ToyUpstox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UpstoxRest]:
    monkeypatch.setattr(rest_module.time, "time", NOW.timestamp)
    rest = UpstoxRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def row(at: datetime, price: float) -> list[object]:
    return [at.isoformat(), price, price + 1.0, price - 1.0, price + 0.5, 900, 7]


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def at(day: int, hour: int, minute: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=IST)


async def test_the_running_day_and_past_days_become_one_series(toy: ToyUpstox, rest: UpstoxRest) -> None:
    toy.history = [row(at(24, 15, 28), 100.0), row(at(24, 15, 29), 101.0)]
    toy.intraday = [row(at(25, 9, 15), 102.0), row(at(25, 9, 16), 103.0)]
    candles = await rest.candles(GOOD, KEY, CandleRange(60, 3))
    assert candles == [
        Candle(ms(at(24, 15, 29)), 101.0, 102.0, 100.0, 101.5, 900, 7.0),
        Candle(ms(at(25, 9, 15)), 102.0, 103.0, 101.0, 102.5, 900, 7.0),
        Candle(ms(at(25, 9, 16)), 103.0, 104.0, 102.0, 103.5, 900, 7.0),
    ]
    assert toy.asked[0] == {"key": KEY, "unit": "minutes", "interval": "1"}
    assert (toy.asked[1]["key"], toy.asked[1]["to"]) == (KEY, "2026-11-24")


async def test_a_long_range_is_asked_for_in_pieces_that_do_not_overlap(toy: ToyUpstox, rest: UpstoxRest) -> None:
    first = at(1, 9, 15, month=9)
    toy.history = [row(first + timedelta(days=day), 100.0 + day) for day in range(80)]
    asked = CandleRange(60, 1000, ms(first), ms(at(20, 0, 0)))
    candles = await rest.candles(GOOD, KEY, asked)
    assert [candle.start_ms for candle in candles] == [ms(first + timedelta(days=day)) for day in range(80)]
    spans = [(each["first"], each["to"]) for each in toy.asked]
    assert spans == [("2026-10-22", "2026-11-19"), ("2026-09-23", "2026-10-21"), ("2026-09-01", "2026-09-22")]


async def test_a_range_in_the_past_does_not_ask_for_the_running_day(toy: ToyUpstox, rest: UpstoxRest) -> None:
    toy.history = [row(at(20, 9, 15), 1.0), row(at(20, 10, 15), 2.0), row(at(20, 11, 15), 3.0)]
    asked = CandleRange(3600, 10, ms(at(20, 10, 0)), ms(at(20, 11, 15)))
    assert [candle.open for candle in await rest.candles(GOOD, KEY, asked)] == [2.0]
    assert [(each["unit"], each["interval"]) for each in toy.asked] == [("hours", "1")]


async def test_days_begin_at_midnight_in_india(toy: ToyUpstox, rest: UpstoxRest) -> None:
    toy.history = [row(at(24, 0, 0), 100.0)]
    (candle,) = await rest.candles(GOOD, KEY, CandleRange(86_400, 1))
    assert candle.start_ms == ms(at(24, 0, 0))


async def test_an_end_in_the_future_is_today(toy: ToyUpstox, rest: UpstoxRest) -> None:
    toy.intraday = [row(at(25, 9, 15), 102.0)]
    asked = CandleRange(60, 10, ms(at(25, 0, 0)), ms(at(28, 0, 0)))
    assert len(await rest.candles(GOOD, KEY, asked)) == 1
    assert len(toy.asked) == 1


async def test_an_interval_that_upstox_has_not_is_refused(rest: UpstoxRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles(GOOD, KEY, CandleRange(7, 10))


@pytest.mark.parametrize(
    ("refusal", "error", "sentence"),
    [
        ((400, "UDAPI100036"), FeedRejectedError, "Upstox refused the candles .HTTP 400."),
        ((410, "UDAPI100050"), TokenExpiredError, "does not accept this login"),
        ((403, "UDAPI100067"), FeedRejectedError, "with such a login"),
    ],
)
async def test_refusals_become_the_markets_errors(
    toy: ToyUpstox, rest: UpstoxRest, refusal: Any, error: type[Exception], sentence: str
) -> None:
    toy.refuse_requests = refusal
    with pytest.raises(error, match=sentence):
        await rest.candles(GOOD, KEY, CandleRange(60, 10))


async def test_a_session_that_is_over_is_said(rest: UpstoxRest) -> None:
    with pytest.raises(TokenExpiredError):
        await rest.candles(session_of("old-token"), KEY, CandleRange(60, 10))


async def test_a_candle_without_a_time_is_a_decode_error(toy: ToyUpstox, rest: UpstoxRest) -> None:
    toy.intraday = [["yesterday", 1.0, 1.0, 1.0, 1.0, 1, 0]]
    with pytest.raises(DecodeError, match="has no time"):
        await rest.candles(GOOD, KEY, CandleRange(60, 10))


async def test_a_connection_does_not_wait_behind_candles(rest: UpstoxRest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "_pace", TokenBucket(0.001, 0.0))
    async with asyncio.timeout(5.0):
        await rest.feed_address(GOOD)


async def test_candles_are_paced(toy: ToyUpstox, rest: UpstoxRest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "_pace", TokenBucket(0.001, 0.0))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await rest.candles(GOOD, KEY, CandleRange(60, 10))
    assert toy.asked == []


async def test_every_connection_gets_an_address_of_its_own(toy: ToyUpstox, rest: UpstoxRest) -> None:
    first, second = await rest.feed_address(GOOD), await rest.feed_address(GOOD)
    assert first != second
    assert first.startswith(f"ws://127.0.0.1:{toy.port}/")


@pytest.mark.parametrize("base", ["http://feed.example", "ftp://feed.example"])
async def test_an_address_of_another_kind_is_not_connected_to(toy: ToyUpstox, rest: UpstoxRest, base: str) -> None:
    toy.socket_base = base
    with pytest.raises(FeedRejectedError, match="not encrypted"):
        await rest.feed_address(GOOD)


async def test_an_encrypted_broker_does_not_lead_to_a_plain_feed(
    toy: ToyUpstox, rest: UpstoxRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_is_encrypted", True)
    with pytest.raises(FeedRejectedError, match="not encrypted"):
        await rest.feed_address(GOOD)
    toy.socket_base = "wss://feed.example"
    assert (await rest.feed_address(GOOD)).startswith("wss://feed.example/")
