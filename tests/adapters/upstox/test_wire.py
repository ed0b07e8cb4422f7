"""Upstox's frames: what each says, and that nothing gets through as anything but a tick, a skip or a DecodeError."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.frames import Binary
from adapters.upstox import wire
from adapters.upstox.schema import MARKET_INFO, MESSAGES
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind
from market.ticks import Depth, Level, Tick
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_upstox import feed, market_info, response

KEY = InstrumentKey(Exchange.NSE, "INFY")
WANTED = wire.Wanted(KEY, 100.0)


def ticked(made: Any, at_ms: int = 1_763_529_366_451) -> Tick:
    tick = wire.tick(made, WANTED, 1.0, at_ms)
    assert tick is not None
    return tick


def test_full_mode_carries_everything() -> None:
    quote = ToyQuote(ltp=101.25)
    tick = ticked(feed("full", quote), 5)
    assert tick == Tick(
        KEY,
        1.0,
        "upstox",
        101.25,
        5,
        quote.traded_s * 1000,
        123_456,
        99.0,
        110.0,
        95.0,
        98.0,
        25,
        100.5,
        4_200,
        5_000,
        7_000,
        99.95,
        100.05,
        10,
        20,
        depth=Depth(
            tuple(Level(each.price, each.quantity) for each in quote.depth.buy),
            tuple(Level(each.price, each.quantity) for each in quote.depth.sell),
            5,
        ),
    )


def test_ltpc_mode_carries_price_time_and_previous_close() -> None:
    tick = ticked(feed("ltpc", ToyQuote(ltp=101.25)))
    assert (tick.ltp, tick.close, tick.last_quantity, tick.ltt) == (101.25, 98.0, 25, 1_790_000_000_000)
    assert (tick.open, tick.volume, tick.depth) == (None, None, None)


def test_an_index_has_no_volume_and_no_book() -> None:
    tick = ticked(feed("full", ToyQuote(ltp=101.25), InstrumentKind.INDEX))
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close) == (101.25, 99.0, 110.0, 95.0, 98.0)
    assert (tick.volume, tick.depth, tick.bid_price) == (None, None, None)


def test_the_candle_of_the_last_minute_is_not_the_day() -> None:
    made = feed("full", ToyQuote(ltp=101.25))
    del made.fullFeed.marketFF.marketOHLC.ohlc[0]
    assert [row.interval for row in made.fullFeed.marketFF.marketOHLC.ohlc] == ["I1"]
    tick = ticked(made)
    assert (tick.open, tick.high, tick.low) == (None, None, None)


def test_zero_prices_before_the_open_are_unknown() -> None:
    tick = ticked(feed("full", ToyQuote(ltp=101.25, open=0.0, high=0.0, low=0.0, average=0.0, close=0.0)))
    assert (tick.open, tick.high, tick.low, tick.average_price, tick.close) == (None,) * 5


def test_parts_that_a_live_frame_leaves_out_are_as_before() -> None:
    made = MESSAGES["Feed"]()
    made.fullFeed.marketFF.oi = 12.0
    assert ticked(made) == Tick(KEY, 1.0, "upstox", timestamp=1_763_529_366_451, oi=12.0)


def test_a_book_without_sellers_says_that_nothing_is_offered() -> None:
    quote = ToyQuote(ltp=101.25, selling=0)
    made = feed("full", quote)
    for row in made.fullFeed.marketFF.marketLevel.bidAskQuote:
        row.ClearField("askP")
        row.ClearField("askQ")
    tick = ticked(made)
    assert tick.depth is not None
    assert (tick.depth.sell, tick.ask_price, tick.ask_size, tick.total_sell_quantity) == ((), 0.0, 0, 0)
    assert (tick.bid_price, tick.bid_size) == (99.95, 10)


def test_beside_a_book_a_zero_is_a_zero() -> None:
    option = wire.Wanted(InstrumentKey(Exchange.NFO, "NIFTY30JUN2625000CE"), 100.0)
    untraded = feed("full", ToyQuote(ltp=101.25, volume=0, oi=0, last_quantity=0))
    tick = wire.tick(untraded, option, 1.0, 5)
    assert tick is not None
    assert (tick.volume, tick.oi, tick.last_quantity) == (0, 0, 0)
    assert ticked(untraded).oi is None  # a share has none
    untraded.fullFeed.marketFF.ClearField("ltpc")
    part = wire.tick(untraded, option, 1.0, 5)
    assert part is not None
    assert (part.volume, part.oi, part.last_quantity, part.bid_price) == (None, None, None, 99.95), "not the whole"
    untraded.fullFeed.marketFF.ClearField("marketLevel")
    tick = wire.tick(untraded, option, 1.0, 5)
    assert tick is not None
    assert (tick.volume, tick.oi, tick.last_quantity, tick.bid_price, tick.bid_size) == (None,) * 5


def test_beside_a_first_level_a_zero_is_a_zero() -> None:
    made = MESSAGES["Feed"]()
    made.firstLevelWithGreeks.ltpc.ltp = 12.5
    tick = ticked(made)
    assert (tick.volume, tick.oi, tick.last_quantity, tick.bid_price, tick.bid_size) == (None,) * 5
    made.firstLevelWithGreeks.firstDepth.bidP, made.firstLevelWithGreeks.firstDepth.bidQ = 12.45, 75
    tick = ticked(made)
    assert (tick.volume, tick.oi, tick.last_quantity, tick.bid_price, tick.bid_size) == (0, 0, 0, 12.45, 75)


def test_levels_without_a_price_or_a_quantity_are_left_out() -> None:
    made = MESSAGES["Feed"]()
    rows = made.fullFeed.marketFF.marketLevel.bidAskQuote
    rows.add(bidQ=5, bidP=0.0, askQ=0, askP=101.0)
    rows.add(bidQ=6, bidP=99.5, askQ=7, askP=math.nan)
    tick = ticked(made)
    assert tick.depth is not None
    assert (tick.depth.buy, tick.depth.sell, tick.bid_price) == ((Level(99.5, 6),), (), 99.5)


def test_a_book_of_thirty_levels() -> None:
    made = MESSAGES["Feed"](requestMode=3)
    for place in range(30):
        made.fullFeed.marketFF.marketLevel.bidAskQuote.add(bidQ=place + 1, bidP=100 - place, askQ=1, askP=101 + place)
    depth = ticked(made).depth
    assert depth is not None
    assert (len(depth.buy), len(depth.sell), depth.buy[29]) == (30, 30, Level(71.0, 30))


def test_the_first_level_of_option_greeks_mode() -> None:
    made = MESSAGES["Feed"]()
    part = made.firstLevelWithGreeks
    part.ltpc.ltp, part.vtt, part.iv = 12.5, 7, 0.25
    part.firstDepth.bidP, part.firstDepth.bidQ = 12.45, 75
    tick = ticked(made)
    assert (tick.ltp, tick.volume, tick.bid_price, tick.bid_size, tick.depth) == (12.5, 7, 12.45, 75, None)
    assert tick.extra is not None
    assert tick.extra["iv"] == 0.25


def test_noise_of_single_precision_is_rounded_away_at_the_instruments_digits() -> None:
    made = MESSAGES["Feed"]()
    made.ltpc.ltp = 84562.78125
    assert ticked(made).ltp == 84562.78
    assert wire.tick(made, wire.Wanted(KEY, 10_000.0), 1.0, 0).ltp == 84562.7812  # type: ignore[union-attr]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_unknown(value: float) -> None:
    made = feed("full", ToyQuote(ltp=101.25))
    market = made.fullFeed.marketFF
    market.ltpc.ltp = market.atp = market.oi = market.tbq = market.iv = market.marketOHLC.ohlc[0].open = value
    market.marketLevel.bidAskQuote[0].bidP = value
    tick = ticked(made)
    assert (tick.ltp, tick.average_price, tick.oi, tick.total_buy_quantity, tick.open, tick.extra) == (None,) * 6
    assert tick.bid_price == 99.9


def test_market_info_has_no_feeds() -> None:
    message = wire.decode(market_info({"NSE_EQ": 2}))
    assert (message.type, len(message.feeds)) == (MARKET_INFO, 0)


def test_a_feed_of_a_kind_that_is_not_known_says_nothing() -> None:
    assert wire.tick(MESSAGES["Feed"](), WANTED, 1.0, 0) is None


def test_requests_are_json_in_binary_frames() -> None:
    sub = wire.encode(3, "sub", ["NSE_EQ|A", "NSE_EQ|B"], "full")
    assert isinstance(sub, Binary)
    assert json.loads(sub) == {
        "guid": "3",
        "method": "sub",
        "data": {"instrumentKeys": ["NSE_EQ|A", "NSE_EQ|B"], "mode": "full"},
    }
    assert "mode" not in json.loads(wire.encode(4, "unsub", ["NSE_EQ|A"]))["data"]


REAL = response({"NSE_EQ|A": feed("full", ToyQuote(ltp=101.25)), "NSE_EQ|B": feed("ltpc", ToyQuote(ltp=5.0))}, at_ms=9)


def read_all(frame: bytes) -> None:
    with contextlib.suppress(DecodeError):
        message = wire.decode(frame)
        for each in message.feeds.values():
            tick = wire.tick(each, WANTED, 1.0, message.currentTs)
            if tick is not None and tick.ltp is not None:
                assert math.isfinite(tick.ltp)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_a_decode_error(frame: bytes) -> None:
    read_all(frame)


@given(st.integers(0, len(REAL)), st.integers(0, len(REAL) * 8 - 1))
def test_a_frame_cut_or_with_a_flipped_bit_is_read_or_a_decode_error(end: int, bit: int) -> None:
    read_all(REAL[:end])
    flipped = bytearray(REAL)
    flipped[bit // 8] ^= 1 << bit % 8
    read_all(bytes(flipped))


@pytest.mark.recorded
def test_recorded_frames_decode_to_what_they_were_made_from(recordings: Path) -> None:
    compared = 0
    for each in json.loads((recordings / "upstox" / "feed_v3.json").read_text()):
        message = wire.decode(bytes.fromhex(each["hex"]))
        told = each["decoded"]
        assert message.currentTs == int(told.get("currentTs", 0))
        for token, expected in told.get("feeds", {}).items():
            tick = wire.tick(message.feeds[token], WANTED, 1.0, message.currentTs)
            assert tick is not None
            _compare(tick, expected)
            compared += 1
        if "marketInfo" in told:
            assert len(message.marketInfo.segmentStatus) == len(told["marketInfo"]["segmentStatus"])
            compared += 1
    assert compared == 8


def _compare(tick: Tick, expected: dict[str, Any]) -> None:
    full = expected.get("fullFeed", {})
    part = full.get("marketFF") or full.get("indexFF") or expected
    ltpc = part["ltpc"]
    assert (tick.ltp, tick.close, tick.ltt) == (ltpc["ltp"], ltpc["cp"], int(ltpc["ltt"]))
    assert tick.last_quantity == (int(ltpc["ltq"]) if "ltq" in ltpc else None)
    day = next((row for row in part.get("marketOHLC", {}).get("ohlc", ()) if row["interval"] == "1d"), {})
    assert (tick.open, tick.high, tick.low) == (day.get("open"), day.get("high"), day.get("low"))
    if "marketLevel" not in part:
        assert tick.depth is None
        return
    assert (tick.volume, tick.average_price, tick.oi) == (int(part["vtt"]), part["atp"], part.get("oi"))
    assert (tick.total_buy_quantity, tick.total_sell_quantity) == (part["tbq"], part["tsq"])
    rows = part["marketLevel"]["bidAskQuote"]
    assert tick.depth is not None
    assert [tuple(level) for level in tick.depth.buy] == [(row["bidP"], int(row["bidQ"]), 0) for row in rows]
    assert [tuple(level) for level in tick.depth.sell] == [(row["askP"], int(row["askQ"]), 0) for row in rows]
    if "iv" in part:
        assert tick.extra == {"iv": part["iv"], **part["optionGreeks"]}
