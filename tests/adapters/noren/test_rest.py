"""Candles of the Noren brokers, asked of the toy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from adapters.noren import rest
from adapters.noren.broker import NorenVenue
from adapters.noren.rows import FLATTRADE, SHOONYA, NorenRow
from adapters.venue import CandleRange
from market.candles import Candle
from market.credentials import Secret
from market.errors import FeedRejectedError, TokenExpiredError
from market.exchanges import Exchange
from market.instruments import InstrumentKind
from market.logins import BrokerSession
from tests.adapters.noren.bench import INSTRUMENTS, instrument
from tests.doubles.toy_noren import ToyNoren, fields_of

FIRST_S = 1_789_962_300  # 2026-09-21 09:15 in India
MIDNIGHT_S = 1_789_948_800  # the same day's in UTC
NTPC, SENSEX, MM = INSTRUMENTS[0], INSTRUMENTS[4], INSTRUMENTS[-1]


def _session(row: NorenRow, token: str = "good-token") -> BrokerSession:
    return BrokerSession(broker=row.name, user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0)


def _row(at_s: int, price: float) -> dict[str, str]:
    row = {"into": f"{price:.2f}", "inth": f"{price + 1:.2f}", "intl": f"{price - 1:.2f}", "intc": f"{price:.2f}"}
    return row | {"stat": "Ok", "time": "21-09-2026 09:15:00", "ssboe": str(at_s), "intv": "100", "v": "900", "oi": "7"}


@pytest.fixture(params=[SHOONYA, FLATTRADE], ids=lambda row: row.name)
async def toy(request: pytest.FixtureRequest) -> AsyncIterator[ToyNoren]:
    toy = ToyNoren(request.param)
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def venue(toy: ToyNoren) -> AsyncIterator[NorenVenue]:
    venue = NorenVenue(toy.row, toy.endpoints())
    yield venue
    await venue.close()


async def test_minutes_come_oldest_first_and_in_utc(toy: ToyNoren, venue: NorenVenue) -> None:
    toy.minutes = [_row(FIRST_S + 60, 101.0), _row(FIRST_S, 100.0)]
    asked = CandleRange(60, 10, FIRST_S * 1000, (FIRST_S + 3600) * 1000)
    candles = await venue.history(_session(toy.row), NTPC, asked)
    assert candles == [
        Candle(FIRST_S * 1000, 100.0, 101.0, 99.0, 100.0, 100, 7.0),
        Candle((FIRST_S + 60) * 1000, 101.0, 102.0, 100.0, 101.0, 100, 7.0),
    ]
    (given,) = toy.asked
    assert (given["exch"], given["token"], given["intrv"]) == ("NSE", "11630", "1")


async def test_long_range_is_asked_for_in_pieces(toy: ToyNoren, venue: NorenVenue) -> None:
    day = 86_400
    toy.minutes = [_row(FIRST_S + number * day, 100.0 + number) for number in range(9, -1, -1)]
    asked = CandleRange(60, 100, FIRST_S * 1000, (FIRST_S + 10 * day) * 1000)
    candles = await venue.history(_session(toy.row), NTPC, asked)
    assert [each.open for each in candles] == [100.0 + number for number in range(10)]
    assert len(toy.asked) == 3
    assert all(int(given["et"]) - int(given["st"]) <= 4 * day for given in toy.asked)


async def test_days_begin_at_midnight_in_india(toy: ToyNoren, venue: NorenVenue) -> None:
    toy.days = [_row(MIDNIGHT_S, 100.0)]
    asked = CandleRange(86_400, 5, None, (MIDNIGHT_S + 86_400) * 1000)
    (candle,) = await venue.history(_session(toy.row), MM, asked)
    assert candle.start_ms == (MIDNIGHT_S - 19_800) * 1000
    assert toy.asked[0]["sym"] == "NSE:M&M-EQ"


async def test_days_of_every_index_are_asked_for_by_a_name_that_shoonya_knows() -> None:
    toy = ToyNoren(SHOONYA)
    await toy.start()
    venue = NorenVenue(SHOONYA, toy.endpoints())
    toy.days = [_row(MIDNIGHT_S, 24_000.0)]
    asked = CandleRange(86_400, 5, None, (MIDNIGHT_S + 86_400) * 1000)
    symbols = {"NIFTY": "NIFTY INDEX", "BANKNIFTY": "NIFTY BANK", "INDIAVIX": "INDIA VIX"}
    for symbol in (*symbols, "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50"):
        index = instrument(Exchange.NSE_INDEX, symbol, "1", InstrumentKind.INDEX, symbols.get(symbol, symbol))
        assert len(await venue.history(_session(SHOONYA), index, asked)) == 1, symbol
    with pytest.raises(FeedRejectedError, match="no daily candles of BSE_INDEX"):
        await venue.history(_session(SHOONYA), SENSEX, asked)
    await venue.close()
    await toy.stop()


async def test_many_years_of_days_have_no_hole(toy: ToyNoren, venue: NorenVenue) -> None:
    begins = [MIDNIGHT_S - number * 86_400 for number in range(3_900) if (number - 1) % 7 < 5]
    toy.days = [_row(at_s, 100.0) for at_s in begins]
    asked = CandleRange(86_400, 5_000, begins[-1] * 1000 - 86_400_000, (MIDNIGHT_S + 86_400) * 1000)
    candles = await venue.history(_session(toy.row), NTPC, asked)
    assert [each.start_ms // 1000 + 19_800 for each in candles] == begins[::-1]


async def test_no_candles_is_an_empty_list(toy: ToyNoren, venue: NorenVenue) -> None:
    asked = CandleRange(300, 5, FIRST_S * 1000, (FIRST_S + 60) * 1000)
    assert await venue.history(_session(toy.row), NTPC, asked) == []


async def test_session_that_is_over_is_said(toy: ToyNoren, venue: NorenVenue) -> None:
    with pytest.raises(TokenExpiredError):
        await venue.history(_session(toy.row, "old"), NTPC, CandleRange(60, 5))


async def test_interval_that_is_not_had_is_refused(toy: ToyNoren, venue: NorenVenue) -> None:
    with pytest.raises(FeedRejectedError, match="45 s"):
        await venue.history(_session(toy.row), NTPC, CandleRange(45, 5))
    assert toy.asked == []


def test_form_has_no_ampersand_but_the_one_before_the_key_and_nothing_to_be_decoded() -> None:
    given = {"sym": "NSE:M&M-EQ", "x": "a+b% 1=1 \u20b9"}
    text = rest.form(given, "key==")
    assert text == r'jData={"sym":"NSE:M\u0026M-EQ","x":"a+b% 1=1 \u20b9"}&jKey=key=='
    fields = fields_of(text)
    assert (json.loads(fields["jData"]), fields["jKey"]) == (given, "key==")
