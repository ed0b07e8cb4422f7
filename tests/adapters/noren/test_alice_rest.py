"""Candles of Alice Blue, asked of the toy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from adapters.candle_portions import DAY_S
from adapters.noren.broker import NorenVenue
from adapters.noren.rows import ALICEBLUE
from adapters.venue import CandleRange
from market.candles import Candle
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, OpenAlgoError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from tests.doubles.toy_noren import IST, ToyNoren

SHARE = Instrument(key=InstrumentKey(Exchange.NSE, "INFY"), kind=InstrumentKind.EQUITY, token="1594")
NIFTY = Instrument(key=InstrumentKey(Exchange.NSE_INDEX, "NIFTY"), kind=InstrumentKind.INDEX, token="26000")


@pytest.fixture
async def toy() -> AsyncIterator[ToyNoren]:
    toy = ToyNoren(ALICEBLUE)
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def venue(toy: ToyNoren) -> AsyncIterator[NorenVenue]:
    venue = NorenVenue(ALICEBLUE, toy.endpoints())
    yield venue
    await venue.close()


def _session(token: str = "good-token") -> BrokerSession:
    return BrokerSession(broker="aliceblue", user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp()) * 1000


def _row(at: str, price: float = 100.0) -> dict[str, object]:
    return {"time": at, "open": price, "high": price + 1, "low": price - 1, "close": price, "volume": 25.0}


async def test_minutes_are_asked_for_in_time_since_1970_and_begin_on_the_minute_of_indian_wall_clock(
    toy: ToyNoren, venue: NorenVenue
) -> None:
    toy.minutes = [_row("2026-09-21 09:15:00"), _row("2026-09-21 09:16:00", 101.0)]  # type: ignore[list-item]
    asked = CandleRange(60, 10, _ms("2026-09-21 09:15"), _ms("2026-09-21 15:30"))
    assert await venue.history(_session(), SHARE, asked) == [
        Candle(_ms("2026-09-21 09:15"), 100.0, 101.0, 99.0, 100.0, 25),
        Candle(_ms("2026-09-21 09:16"), 101.0, 102.0, 100.0, 101.0, 25),
    ]
    assert toy.asked == [
        {
            "token": "1594",
            "exchange": "NSE",
            "from": str(_ms("2026-09-21 09:15")),
            "to": str(_ms("2026-09-21 15:30")),
            "resolution": "1",
        }
    ]


async def test_days_begin_at_midnight_and_an_index_has_a_place_of_its_own(toy: ToyNoren, venue: NorenVenue) -> None:
    toy.minutes = [_row("2026-09-21 05:30:00")]  # type: ignore[list-item]
    asked = CandleRange(DAY_S, 10, _ms("2026-09-21 00:00"), _ms("2026-09-22 00:00"))
    (candle,) = await venue.history(_session(), NIFTY, asked)
    assert candle.start_ms == _ms("2026-09-21 00:00")
    assert (toy.asked[0]["exchange"], toy.asked[0]["resolution"]) == ("NSE::index", "D")


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ("Data not available at market time. Please try after market hours", FeedUnavailableError, "17:30 to 8:00"),
        ("Session Expired", TokenExpiredError, "session is over"),
        ("very-secret", FeedRejectedError, "refused the candles"),
    ],
)
async def test_refusals_have_their_meaning(
    toy: ToyNoren, venue: NorenVenue, said: str, error: type[OpenAlgoError], words: str
) -> None:
    toy.refusal = said
    with pytest.raises(error, match=words) as caught:
        await venue.history(_session(), SHARE, CandleRange(60, 10))
    assert "very-secret" not in str(caught.value)


async def test_no_data_are_no_candles(toy: ToyNoren, venue: NorenVenue) -> None:
    toy.refusal = "No data available"
    assert await venue.history(_session(), SHARE, CandleRange(60, 10, 0, 60_000)) == []


async def test_what_it_has_no_candles_of_is_refused_before_it_is_asked(toy: ToyNoren, venue: NorenVenue) -> None:
    bse = Instrument(key=InstrumentKey(Exchange.BSE, "INFY"), kind=InstrumentKind.EQUITY, token="500209")
    sensex = Instrument(key=InstrumentKey(Exchange.BSE_INDEX, "SENSEX"), kind=InstrumentKind.INDEX, token="1")
    for instrument, words in ((bse, "of BSE"), (sensex, "of BSE_INDEX")):
        with pytest.raises(FeedRejectedError, match=words):
            await venue.history(_session(), instrument, CandleRange(60, 10))
    with pytest.raises(FeedRejectedError, match="no candles of 300 s"):
        await venue.history(_session(), SHARE, CandleRange(300, 10))
    assert toy.asked == []


async def test_a_candle_without_a_time_is_no_candle(toy: ToyNoren, venue: NorenVenue) -> None:
    toy.minutes = [_row("2026-09-21 soon")]  # type: ignore[list-item]
    asked = CandleRange(60, 10, _ms("2026-09-21 00:00"), _ms("2026-09-22 00:00"))
    with pytest.raises(DecodeError, match="no time"):
        await venue.history(_session(), SHARE, asked)
