"""Books of 50 levels: merged level by level, asked for by ticker."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.frames import FrameKind
from adapters.fyers.deep_book import LEVELS, DeepBook, decode
from adapters.fyers.deep_conversation import DeepConversation
from adapters.venue import Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Depth, Level, Tick
from tests.adapters.fyers.conftest import session_of
from tests.doubles.toy_fyers import deep_error, deep_frame

TICKER = "NSE:INFY-EQ"
INFY = Instrument(
    key=InstrumentKey(Exchange.NSE, "INFY:50"),
    kind=InstrumentKind.EQUITY,
    token="nse_cm|1594",
    broker_symbol=TICKER,
)
TCS = Instrument(
    key=InstrumentKey(Exchange.NSE, "TCS:50"), kind=InstrumentKind.EQUITY, token="nse_cm|1", broker_symbol="NSE:TCS-EQ"
)


def level(price: int, quantity: int, orders: int = 1) -> dict[str, int]:
    return {"price": price, "qty": quantity, "nord": orders}


WHOLE = deep_frame(
    TICKER,
    {place: level(10_000 - place, place + 1) for place in range(LEVELS)},
    {place: level(10_005 + place, place + 2, 3) for place in range(LEVELS)},
    snapshot=True,
    at_s=7,
    tbq=500,
    tsq=600,
)


def opened(*instruments: Instrument) -> DeepConversation:
    conversation = DeepConversation()
    conversation.want([Want(each, Mode.DEPTH) for each in instruments])
    conversation.opened(session_of("good-token"))
    return conversation


def said(conversation: DeepConversation) -> list[dict[str, Any]]:
    found = []
    while (message := conversation.next_message()) is not None:
        found.append(json.loads(message))
    return found


def heard(conversation: DeepConversation, frame: bytes) -> list[Event]:
    return list(conversation.receive(frame, FrameKind.BINARY, 5.0))


def ticked(conversation: DeepConversation, frame: bytes) -> Tick:
    (event,) = heard(conversation, frame)
    assert isinstance(event, Tick)
    return event


def test_a_snapshot_is_the_whole_book() -> None:
    tick = ticked(opened(INFY), WHOLE)
    assert (tick.key, tick.source, tick.total_buy_quantity, tick.total_sell_quantity) == (INFY.key, "fyers", 500, 600)
    assert tick.depth is not None
    assert (len(tick.depth.buy), len(tick.depth.sell), tick.depth.timestamp) == (50, 50, 7000)
    assert (tick.depth.buy[0], tick.depth.sell[49]) == (Level(100.0, 1, 1), Level(100.54, 51, 3))
    assert tick.ltp is None


def test_changes_are_merged_by_level_and_field() -> None:
    conversation = opened(INFY)
    heard(conversation, WHOLE)
    tick = ticked(conversation, deep_frame(TICKER, {0: {"qty": 999}}, {1: {"price": 10_007}}, at_s=8))
    assert tick.depth is not None
    assert (tick.depth.buy[0], tick.depth.sell[1]) == (Level(100.0, 999, 1), Level(100.07, 3, 3))
    assert (tick.depth.buy[1], tick.total_buy_quantity) == (Level(99.99, 2, 1), 500)


def test_a_level_that_is_empty_now_is_left_out() -> None:
    conversation = opened(INFY)
    heard(conversation, WHOLE)
    depth = ticked(conversation, deep_frame(TICKER, {49: {"qty": 0}}, {})).depth
    assert depth is not None
    assert (len(depth.buy), len(depth.sell)) == (49, 50)


def test_a_snapshot_forgets_the_book_before_it() -> None:
    conversation = opened(INFY)
    heard(conversation, WHOLE)
    depth = ticked(conversation, deep_frame(TICKER, {0: level(5_000, 1)}, {}, snapshot=True)).depth
    assert depth == Depth((Level(50.0, 1, 1),), ())


def test_changes_before_a_snapshot_are_not_a_book() -> None:
    assert heard(opened(INFY), deep_frame(TICKER, {0: {"qty": 1}}, {})) == [Skipped("changes_before_a_snapshot")]


def test_a_book_does_not_outlive_a_connection() -> None:
    conversation = opened(INFY)
    heard(conversation, WHOLE)
    conversation.opened(session_of("good-token"))
    assert heard(conversation, deep_frame(TICKER, {0: {"qty": 1}}, {})) == [Skipped("changes_before_a_snapshot")]


def test_levels_beyond_fifty_are_passed_over() -> None:
    tick = ticked(opened(INFY), deep_frame(TICKER, {50: level(1, 1), 0: level(100, 1)}, {}, snapshot=True))
    assert tick.depth == Depth((Level(1.0, 1, 1),), ())


def test_a_level_without_a_number_is_passed_over() -> None:
    message = decode(deep_frame(TICKER, {0: level(100, 1)}, {}, snapshot=True))
    message.feeds["101000000001594"].depth.bids.add().price.value = 77_700
    assert ticked(opened(INFY), message.SerializeToString()).depth == Depth((Level(1.0, 1, 1),), ())


def test_a_price_of_zero_and_a_quantity_of_zero_are_no_levels() -> None:
    frame = deep_frame(TICKER, {0: level(0, 5), 1: level(100, 0), 2: level(99, 1)}, {}, snapshot=True)
    assert ticked(opened(INFY), frame).depth == Depth((Level(0.99, 1, 1),), ())


@pytest.mark.parametrize("where", ["frame", "feed"])
def test_either_word_for_a_snapshot_counts(where: str) -> None:
    message = decode(deep_frame(TICKER, {0: level(100, 1)}, {}))
    if where == "frame":
        message.snapshot = True
    else:
        message.feeds["101000000001594"].snapshot = True
    assert ticked(opened(INFY), message.SerializeToString()).depth == Depth((Level(1.0, 1, 1),), ())


def test_a_book_that_is_wanted_again_before_its_end_was_asked_for_lives() -> None:
    conversation = opened(INFY, TCS)
    said(conversation)
    heard(conversation, WHOLE)
    conversation.let_go([INFY.key])
    unseen = deep_frame(TICKER, {0: {"qty": 999}}, {})
    assert heard(conversation, unseen) == [Skipped("feeds_not_wanted")]
    conversation.want([Want(INFY, Mode.DEPTH)])
    assert said(conversation) == []
    depth = ticked(conversation, deep_frame(TICKER, {1: {"qty": 77}}, {})).depth
    assert depth is not None
    assert depth.buy[:2] == (Level(100.0, 999, 1), Level(99.99, 77, 1))


def test_a_book_is_forgotten_when_its_end_is_asked_for() -> None:
    conversation = opened(INFY)
    said(conversation)
    heard(conversation, WHOLE)
    conversation.let_go([INFY.key])
    said(conversation)
    conversation.want([Want(INFY, Mode.DEPTH)])
    said(conversation)
    assert heard(conversation, deep_frame(TICKER, {0: {"qty": 1}}, {})) == [Skipped("changes_before_a_snapshot")]


def test_a_channel_is_resumed_before_instruments_are_asked_for() -> None:
    conversation = opened(INFY)
    assert said(conversation) == [
        {"type": 2, "data": {"resumeChannels": ["1"], "pauseChannels": []}},
        {"type": 1, "data": {"subs": 1, "symbols": [TICKER], "mode": "depth", "channel": "1"}},
    ]
    conversation.let_go([INFY.key])
    assert said(conversation) == [
        {"type": 1, "data": {"subs": -1, "symbols": [TICKER], "mode": "depth", "channel": "1"}}
    ]
    assert heard(conversation, WHOLE) == [Skipped("feeds_not_wanted")]


def test_a_refusal_is_for_what_has_no_book() -> None:
    conversation = opened(INFY, TCS)
    heard(conversation, WHOLE)
    assert heard(conversation, deep_error()) == [Refused(TCS.key, "Fyers refused the book of 50 levels")]
    conversation.let_go([TCS.key])
    assert heard(conversation, deep_error()) == [Skipped("errors")]


def test_pongs_and_empty_frames_are_counted() -> None:
    conversation = opened(INFY)
    assert conversation.receive(b"pong", FrameKind.TEXT, 1.0) == [Skipped("pongs")]
    assert heard(conversation, b"") == [Skipped("empty_frames")]
    frame = bytes.fromhex("12120a013112 0d5a0b4e53453a494e46592d4551".replace(" ", ""))
    assert heard(conversation, frame) == [Skipped("feeds_without_a_book")]


def test_other_text_is_not_understood() -> None:
    with pytest.raises(DecodeError, match="text frame"):
        opened().receive(b"hello", FrameKind.TEXT, 1.0)


def read_all(frame: bytes) -> None:
    conversation = opened(INFY)
    with contextlib.suppress(DecodeError):
        heard(conversation, WHOLE)
        heard(conversation, frame)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_a_decode_error(frame: bytes) -> None:
    read_all(frame)


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE) * 8 - 1))
def test_a_frame_cut_or_with_a_flipped_bit_is_read_or_a_decode_error(end: int, bit: int) -> None:
    read_all(WHOLE[:end])
    flipped = bytearray(WHOLE)
    flipped[bit // 8] ^= 1 << bit % 8
    read_all(bytes(flipped))


@pytest.mark.recorded
def test_recorded_frames_make_the_book_that_the_official_client_made(recordings: Path) -> None:
    told = json.loads((recordings / "fyers" / "tbt_depth50.json").read_text())
    book = DeepBook()
    for name, after in (("snapshot_hex", "snapshot"), ("diff_hex", "after_diff")):
        (feed,) = decode(bytes.fromhex(told[name])).feeds.values()
        book.merge(feed.depth)
        depth = book.depth(feed.feed_time.value)
        expected = told["expect"][after]
        ours = {
            "best_bid": depth.buy[0].price,
            "best_ask": depth.sell[0].price,
            "best_bid_qty": depth.buy[0].quantity,
            "bid50": depth.buy[49].price,
            "ask50": depth.sell[49].price,
            "tbq": book.buying,
            "tsq": book.selling,
            "ts": depth.timestamp,
        }
        assert {name: ours[name] for name in expected if name != "seq"} == {
            name: value for name, value in expected.items() if name != "seq"
        }
