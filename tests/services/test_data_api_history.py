"""Candles of ranges of days, and the ticker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from market.candles import Candle
from market.errors import FeedRejectedError, FeedUnavailableError, TokenExpiredError, UnknownInstrumentError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from tests.doubles.data_market import DataMarket

SBIN = {"symbol": "SBIN", "exchange": "NSE"}
KEY = InstrumentKey(Exchange.NSE, "SBIN")
IST = timezone(timedelta(hours=5, minutes=30))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000)


def candle(text: str, **fields: float) -> Candle:
    return Candle(at(text), 1.0, 2.0, 0.5, 1.5, 100)._replace(**fields)  # type: ignore[arg-type]


@pytest.fixture
async def market() -> AsyncIterator[DataMarket]:
    world = DataMarket()
    await world.start()
    yield world
    world.api.close()


def asked(**fields: Any) -> dict[str, Any]:
    return {**SBIN, "interval": "5m", "start_date": "2025-12-29", "end_date": "2025-12-29", **fields}


async def test_history_has_the_candles_that_begin_on_the_days(market: DataMarket) -> None:
    market.candles.candles = [
        candle(text)
        for text in ("2025-12-26T15:25", "2025-12-29T09:15", "2025-12-29T15:25", "2025-12-30T09:15", "2025-12-30T09:20")
    ]
    body = await market.data("history", **asked())
    assert body["data"] == [
        {"timestamp": at(text) // 1000, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": 100, "oi": 0}
        for text in ("2025-12-29T09:15", "2025-12-29T15:25")
    ]
    # A day of five minutes, from midnight to midnight in India.
    assert market.candles.asked == [(KEY, 300, 24 * 12 + 1)]
    assert market.candles.ranges == [(at("2025-12-29"), at("2025-12-30"))]


async def test_a_range_until_today_goes_on_to_the_running_candle(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-30T09:15"), candle("2025-12-30T10:55")]
    assert len((await market.data("history", **asked(end_date="2025-12-30")))["data"]) == 2
    # From midnight of the 29th in India to 11:00 on the 30th there are 35 hours of five minutes.
    assert market.candles.asked == [(KEY, 300, 35 * 12 + 1)]
    assert market.candles.ranges == [(at("2025-12-29"), None)]


async def test_open_interest_is_in_the_rows_and_0_where_unknown(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-29T09:15", oi=1500.0), candle("2025-12-29T09:20")]
    assert [row["oi"] for row in (await market.data("history", **asked()))["data"]] == [1500, 0]
    market.candles.candles = [candle("2025-12-29T09:15", oi=1500.0), candle("2025-12-29T09:20", oi=1600.0)]
    body = await market.data("history", **asked(interval="10m"))
    assert [row["oi"] for row in body["data"]] == [1600]  # at the end, not the sum


async def test_days_are_stamped_with_their_date(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-29T09:15")]
    body = await market.data("history", **asked(interval="D", source="db"))
    assert body["data"][0]["timestamp"] == 1766966400  # 2025-12-29 00:00 UTC


async def test_ten_minutes_are_made_of_fives(market: DataMarket) -> None:
    market.candles.candles = [candle(f"2025-12-29T09:{minute}") for minute in (15, 20, 25)]
    body = await market.data("history", **asked(interval="10m"))
    assert market.candles.asked[0][1] == 300
    assert [(row["timestamp"], row["volume"]) for row in body["data"]] == [
        (at("2025-12-29T09:15") // 1000, 200),
        (at("2025-12-29T09:25") // 1000, 100),
    ]


async def test_a_week_is_whole_even_if_the_range_begins_within_it(market: DataMarket) -> None:
    days = ("12-18", "12-19", "12-22", "12-23", "12-24", "12-26", "12-29", "12-30")
    market.candles.candles = [candle(f"2025-{day}T09:15", volume=n) for n, day in enumerate(days)]
    body = await market.data("history", **asked(interval="W", start_date="2025-12-24", end_date="2025-12-30"))
    assert [row["volume"] for row in body["data"]] == [2 + 3 + 4 + 5, 6 + 7]
    # From Monday the 22nd, and ten days more so that something from before it is there.
    assert market.candles.asked == [(KEY, 86_400, 9 + 10 + 1)]


async def test_an_interval_that_cannot_be_had_is_refused(market: DataMarket) -> None:
    market.candles.offered = (60,)
    assert await market.error("history", **asked(interval="D")) == (
        400,
        "Interval D is not available for NSE:SBIN; see /api/v1/intervals",
    )
    status, message = await market.error("history", **asked(interval="7m"))
    assert status == 400
    assert message["interval"][0].startswith("Must be one of: 1s, 5s, ")


async def test_intervals_are_those_that_can_be_had(market: DataMarket) -> None:
    data = (await market.data("intervals"))["data"]
    assert data["minutes"] == ["1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m"]
    assert (data["seconds"], data["days"], data["weeks"]) == ([], ["D"], ["W"])


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (FeedRejectedError("The zmq feed has no history"), 400, "The zmq feed has no history"),
        (FeedRejectedError("The history begins on 2025-12-30"), 400, "The history begins on 2025-12-30"),
        (FeedUnavailableError("errno 111"), 500, "Failed to fetch data: the feed does not answer"),
        (TokenExpiredError("Log in again"), 500, "Log in again"),
        (
            UnknownInstrumentError("Unknown instrument NSE:SBIN"),
            400,
            "Symbol 'SBIN' not found for exchange 'NSE'. "
            "Please verify the symbol name and ensure master contracts are downloaded.",
        ),
    ],
)
async def test_a_feed_without_an_answer_is_an_error(
    market: DataMarket, error: Exception, status: int, message: str
) -> None:
    market.candles.error = error
    assert await market.error("history", **asked()) == (status, message)


async def test_a_range_to_come_and_one_without_trading_are_empty(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-26T15:25"), candle("2025-12-29T09:15")]
    assert (await market.data("history", **asked(start_date="2026-01-05", end_date="2026-01-06")))["data"] == []
    assert market.candles.asked == []
    assert (await market.data("history", **asked(start_date="2025-12-27", end_date="2025-12-28")))["data"] == []


async def test_a_range_that_ends_before_it_begins_is_refused(market: DataMarket) -> None:
    status, message = await market.error("history", **asked(end_date="2025-12-28"))
    assert (status, message) == (400, {"end_date": ["Must not be before start_date."]})


async def test_never_more_candles_are_fetched_than_the_limit(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-29T09:15")]
    await market.ask("history", **asked(interval="1m", start_date="2020-01-01"))
    assert market.candles.asked[0][2] == 50_000


async def test_a_long_answer_is_encoded_elsewhere(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-29T09:15", start_ms=at("2025-12-29T09:15") + n) for n in range(500)]
    assert (await market.ask("history", **asked(interval="1m"))).is_large


async def test_the_ticker_has_lines_of_text(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-12-29T09:15"), candle("2025-12-30T09:15")]
    answer = await market.ask("ticker/{ticker}", ticker="NSE:SBIN", format="txt")
    assert answer.media == "text/plain"
    assert answer.body == "NSE:SBIN,2025-12-29,1.0,2.0,0.5,1.5,100\nNSE:SBIN,2025-12-30,1.0,2.0,0.5,1.5,100\n"
    intraday = {"interval": "5m", "from": "2025-12-30", "to": "2025-12-30", "format": "txt"}
    answer = await market.ask("ticker/{ticker}", ticker="NSE:SBIN", **intraday)
    assert answer.body == "NSE:SBIN,2025-12-30,09:15:00,1.0,2.0,0.5,1.5,100\n"


async def test_the_ticker_answers_json_too_and_looks_back_thirty_days_at_most(market: DataMarket) -> None:
    market.candles.candles = [candle("2025-11-29T09:15"), candle("2025-11-30T09:15"), candle("2025-12-30T09:15")]
    fields = {"interval": "5m", "from": "2020-01-01", "to": "2025-12-30"}
    body = await market.data("ticker/{ticker}", ticker="NSE:SBIN", **fields)
    assert [row["timestamp"] for row in body["data"]] == [
        at("2025-11-30T09:15") // 1000,
        at("2025-12-30T09:15") // 1000,
    ]


@pytest.mark.parametrize("ticker", ["SBIN", "NSE:SBIN:50", "XYZ:SBIN", "nse:SBIN"])
async def test_a_ticker_that_is_none_is_refused(market: DataMarket, ticker: str) -> None:
    status, message = await market.error("ticker/{ticker}", ticker=ticker)
    assert (status, message) == (400, "The ticker must be EXCHANGE:SYMBOL, such as NSE:RELIANCE")
    answer = await market.ask("ticker/{ticker}", ticker=ticker, format="txt")
    assert (answer.media, answer.body) == ("text/plain", f"{message}\n")
