"""Candles and the address of the deep books, asked of the toy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from adapters.fyers import rest as rest_module
from adapters.fyers.rest import IST, FyersRest
from adapters.pacing import TokenBucket
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from tests.adapters.fyers.conftest import session_of
from tests.doubles.toy_fyers import ToyFyers

TICKER = "NSE:M&M-EQ"
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=IST)
GOOD = session_of("good-token")
USUAL = "wss://usual.example/versova"


@pytest.fixture
async def rest(toy: ToyFyers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FyersRest]:
    monkeypatch.setattr(rest_module.time, "time", NOW.timestamp)
    rest = FyersRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def row(at: datetime, price: float) -> list[float]:
    return [int(at.timestamp()), price, price + 1.0, price - 1.0, price + 0.5, 900, 7]


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def at(day: int, hour: int, minute: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=IST)


async def test_candles_come_oldest_first(toy: ToyFyers, rest: FyersRest) -> None:
    toy.history = [row(at(24, 15, 29), 100.0), row(at(25, 9, 15), 101.0), row(at(25, 9, 16), 102.0)]
    candles = await rest.candles(GOOD, TICKER, CandleRange(60, 2))
    assert candles == [
        Candle(ms(at(25, 9, 15)), 101.0, 102.0, 100.0, 101.5, 900, 7.0),
        Candle(ms(at(25, 9, 16)), 102.0, 103.0, 101.0, 102.5, 900, 7.0),
    ]
    assert toy.asked == [
        {
            "symbol": TICKER,
            "resolution": "1",
            "date_format": "1",
            "range_from": "2026-11-18",
            "range_to": "2026-11-25",
            "cont_flag": "1",
            "oi_flag": "1",
        }
    ]


async def test_a_long_range_is_asked_for_in_pieces_that_do_not_overlap(toy: ToyFyers, rest: FyersRest) -> None:
    first = at(1, 9, 15, month=7)
    toy.history = [row(first + timedelta(days=day), 100.0 + day) for day in range(140)]
    asked = CandleRange(60, 1000, ms(first), ms(at(18, 0, 0)))
    candles = await rest.candles(GOOD, TICKER, asked)
    assert [candle.start_ms for candle in candles] == [ms(first + timedelta(days=day)) for day in range(140)]
    spans = [(each["range_from"], each["range_to"]) for each in toy.asked]
    assert spans == [("2026-09-18", "2026-11-17"), ("2026-07-19", "2026-09-17"), ("2026-07-01", "2026-07-18")]


@pytest.mark.parametrize(
    ("interval_s", "resolution", "days"), [(5, "5S", 25), (3600, "60", 60), (14_400, "240", 60), (86_400, "1D", 300)]
)
async def test_intervals_have_names_and_spans(
    toy: ToyFyers, rest: FyersRest, interval_s: int, resolution: str, days: int
) -> None:
    await rest.candles(GOOD, TICKER, CandleRange(interval_s, 10**6, ms(at(1, 0, 0, month=1))))
    (asked, *_) = toy.asked
    span = datetime.fromisoformat(asked["range_to"]) - datetime.fromisoformat(asked["range_from"])
    assert (asked["resolution"], span.days) == (resolution, days)


async def test_a_day_begins_at_midnight_in_india(toy: ToyFyers, rest: FyersRest) -> None:
    toy.history = [row(at(23, 5, 30), 100.0), row(at(24, 0, 0), 101.0), row(at(25, 5, 30), 102.0)]
    candles = await rest.candles(GOOD, TICKER, CandleRange(86_400, 10, ms(at(23, 0, 0)), ms(at(26, 0, 0))))
    assert [candle.start_ms for candle in candles] == [ms(at(day, 0, 0)) for day in (23, 24, 25)]


async def test_where_nothing_traded_there_is_nothing(rest: FyersRest) -> None:
    assert await rest.candles(GOOD, TICKER, CandleRange(60, 10, ms(at(22, 0, 0)), ms(at(23, 0, 0)))) == []


async def test_an_end_in_the_future_is_today(toy: ToyFyers, rest: FyersRest) -> None:
    await rest.candles(GOOD, TICKER, CandleRange(60, 10, ms(at(25, 0, 0)), ms(at(28, 0, 0))))
    assert [each["range_to"] for each in toy.asked] == ["2026-11-25"]


async def test_an_interval_that_fyers_has_not_is_refused(rest: FyersRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles(GOOD, TICKER, CandleRange(7, 10))


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        ({"status": 200, "s": "error", "code": -300}, FeedRejectedError, "does not know this symbol"),
        ({"status": 400, "s": "error", "code": -50}, FeedRejectedError, "refused the candles .HTTP 400. .code -50."),
        ({"status": 200, "s": "error", "code": -352}, FeedRejectedError, "does not know this app ID"),
        ({"status": 400, "s": "error", "code": -429}, FeedRejectedError, "takes no more requests for now"),
        ({"status": 400, "s": "error", "code": -99}, FeedRejectedError, "refused the candles"),  # about an order
        ({"status": 200, "s": "error", "code": -17}, TokenExpiredError, "does not accept this login"),
        ({"status": 401, "s": "error", "code": -16}, TokenExpiredError, "does not accept this login"),
        ({"status": 401}, TokenExpiredError, "does not accept this login"),
        ({"status": 403}, FeedRejectedError, "refused the candles .HTTP 403."),
    ],
)
async def test_refusals_become_the_markets_errors(
    toy: ToyFyers, rest: FyersRest, answer: dict[str, object], error: type[Exception], sentence: str
) -> None:
    toy.answers["/data/history"] = answer
    with pytest.raises(error, match=sentence):
        await rest.candles(GOOD, TICKER, CandleRange(60, 10))


async def test_a_session_that_is_over_is_said(rest: FyersRest) -> None:
    with pytest.raises(TokenExpiredError):
        await rest.candles(session_of("old-token"), TICKER, CandleRange(60, 10))


@pytest.mark.parametrize("at_s", [-1, 0, 1_790_000_000_000])
async def test_a_candle_without_a_time_in_seconds_is_a_decode_error(toy: ToyFyers, rest: FyersRest, at_s: int) -> None:
    toy.answers["/data/history"] = {"s": "ok", "candles": [[at_s, 1.0, 1.0, 1.0, 1.0, 1]]}
    with pytest.raises(DecodeError, match="no time in seconds"):
        await rest.candles(GOOD, TICKER, CandleRange(60, 10))


async def test_deep_books_do_not_wait_behind_candles_which_are_paced(
    toy: ToyFyers, rest: FyersRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_pace", TokenBucket(0.001, 0.0))
    async with asyncio.timeout(5.0):
        await rest.deep_address(GOOD, USUAL)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await rest.candles(GOOD, TICKER, CandleRange(60, 10))
    assert toy.asked == []


async def test_fyers_says_where_its_deep_books_are(toy: ToyFyers, rest: FyersRest) -> None:
    toy.deep_path = "/moved"
    assert await rest.deep_address(GOOD, USUAL) == f"ws://127.0.0.1:{toy.port}/moved"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 404},
        {"s": "error", "code": -1},
        {"s": "ok", "data": {}},
        {"data": {"socket_url": "http://x.example"}},
    ],
)
async def test_where_fyers_does_not_say_they_are_where_they_usually_are(
    toy: ToyFyers, rest: FyersRest, answer: dict[str, object]
) -> None:
    toy.answers["/indus/home/tbtws"] = answer
    assert await rest.deep_address(GOOD, USUAL) == USUAL


async def test_an_encrypted_broker_does_not_lead_to_plain_books(
    rest: FyersRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_is_encrypted", True)
    assert await rest.deep_address(GOOD, USUAL) == USUAL
