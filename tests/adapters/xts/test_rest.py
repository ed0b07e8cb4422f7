"""Candles of the XTS brokers, asked of the toy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.pacing import TokenBucket
from adapters.venue import CandleRange
from adapters.xts.broker import XtsVenue
from adapters.xts.rest import written
from adapters.xts.rows import ROWS
from market.candles import Candle
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession
from tests.adapters.xts.bench import INSTRUMENTS
from tests.doubles.toy_xts import ToyXts

OPEN_S = 1_736_135_100  # 2025-01-06 09:15 in India
SHARE = INSTRUMENTS[0]


def _session(token: str = "good-token") -> BrokerSession:
    return BrokerSession(broker="iifl", user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0)


def _stamp(at_s: int) -> int:
    return at_s + 19_800


@pytest.fixture
async def toy() -> AsyncIterator[ToyXts]:
    toy = ToyXts(ROWS[0])
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def venue(toy: ToyXts) -> AsyncIterator[XtsVenue]:
    venue = XtsVenue(ROWS[0], toy.endpoints())
    venue._rest._pace = TokenBucket(1_000.0, 1_000.0)
    yield venue
    await venue.close()


def _range(interval_s: int, seconds: int = 3600) -> CandleRange:
    return CandleRange(interval_s, 100, OPEN_S * 1000, (OPEN_S + seconds) * 1000)


async def test_minutes_begin_where_their_stamp_is_floored(toy: ToyXts, venue: XtsVenue) -> None:
    toy.rows = f"{_stamp(OPEN_S + 59)}|1|3|0.5|2|100|7|,{_stamp(OPEN_S + 119)}|2|4|1.5|3|50|0|"
    assert await venue.history(_session(), SHARE, _range(60)) == [
        Candle(OPEN_S * 1000, 1.0, 3.0, 0.5, 2.0, 100, 7.0),
        Candle((OPEN_S + 60) * 1000, 2.0, 4.0, 1.5, 3.0, 50, 0.0),
    ]
    assert toy.asked == [
        {
            "exchangeSegment": "1",
            "exchangeInstrumentID": "2885",
            "startTime": "Jan 06 2025 091500",
            "endTime": "Jan 06 2025 101500",
            "compressionValue": "60",
        }
    ]


async def test_hours_begin_at_the_open_and_the_last_is_short(toy: ToyXts, venue: XtsVenue) -> None:
    stamps = (OPEN_S + 3599, OPEN_S + 6 * 3600 + 899)
    toy.rows = ",".join(f"{_stamp(at)}|1|1|1|1|1|0|" for at in stamps)
    found = await venue.history(_session(), SHARE, _range(3600, 7 * 3600))
    assert [each.start_ms for each in found] == [OPEN_S * 1000, (OPEN_S + 6 * 3600) * 1000]


async def test_days_begin_at_midnight_in_india(toy: ToyXts, venue: XtsVenue) -> None:
    toy.rows = f"{_stamp(OPEN_S + 22_499)}|1|1|1|1|1|0|"
    (candle,) = await venue.history(_session(), SHARE, CandleRange(86_400, 5, None, (OPEN_S + 86_400) * 1000))
    assert candle.start_ms == (OPEN_S - (9 * 60 + 15) * 60) * 1000
    assert toy.asked[0]["compressionValue"] == "D"


async def test_long_range_is_asked_for_in_pieces(toy: ToyXts, venue: XtsVenue) -> None:
    assert await venue.history(_session(), SHARE, _range(60, 20 * 86_400)) == []
    assert len(toy.asked) == 4


@pytest.mark.parametrize("rows", ["1|2|3", "x|1|1|1|1|1|0|", f"{OPEN_S}|a|1|1|1|1|0|"])
async def test_row_that_cannot_be_read_is_a_decode_error(toy: ToyXts, venue: XtsVenue, rows: str) -> None:
    toy.rows = rows
    with pytest.raises(DecodeError):
        await venue.history(_session(), SHARE, _range(60))


async def test_session_that_is_over_is_said(venue: XtsVenue) -> None:
    with pytest.raises(TokenExpiredError):
        await venue.history(_session("old"), SHARE, _range(60))


async def test_interval_that_is_not_had_is_refused(venue: XtsVenue) -> None:
    with pytest.raises(FeedRejectedError, match="45 s"):
        await venue.history(_session(), SHARE, _range(45))


def test_times_are_written_in_indian_wall_clock() -> None:
    assert written(OPEN_S) == "Jan 06 2025 091500"
