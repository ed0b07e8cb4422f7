"""What is said for deep books, and how their sides become books."""

from __future__ import annotations

import json

import pytest

from adapters.dhan.depth_conversation import PER_MESSAGE, DepthConversation
from adapters.frames import FrameKind
from adapters.venue import ConnectionOver, Event, SessionOver, Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKind
from market.modes import Mode
from market.ticks import Depth, Tick
from tests.adapters.dhan.bench import instrument
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_dhan import deep_book, deep_disconnection, deep_side

HDFC = instrument(Exchange.NSE, "HDFCBANK:20", 1333)
FUTURE = instrument(Exchange.NFO, "NIFTY29DEC26FUT:20", 1333, InstrumentKind.FUTURE)
DEPTH = book(100.0, 20)


def _holding(*wants: Want, levels: int = 20) -> DepthConversation:
    conversation = DepthConversation(levels)
    conversation.want(wants)
    conversation.opened(None)
    _said(conversation)
    return conversation


def _said(conversation: DepthConversation) -> list[dict[str, object]]:
    said = []
    while (message := conversation.next_message()) is not None:
        said.append(json.loads(message))
    return said


def _heard(conversation: DepthConversation, frame: bytes) -> list[Event]:
    return list(conversation.receive(frame, FrameKind.BINARY, 1.0))


def test_many_instruments_go_in_several_messages() -> None:
    conversation = DepthConversation(20)
    many = [instrument(Exchange.NSE, f"S{number}:20", number) for number in range(PER_MESSAGE + 1)]
    conversation.want(Want(each, Mode.DEPTH) for each in many)
    assert [each["InstrumentCount"] for each in _said(conversation)] == [PER_MESSAGE, 1]


def test_the_feed_of_200_levels_takes_one_instrument_in_a_message_of_its_own_form() -> None:
    conversation = DepthConversation(200)
    conversation.want([Want(HDFC, Mode.DEPTH)])
    one = {"ExchangeSegment": "NSE_EQ", "SecurityId": "1333"}
    assert _said(conversation) == [{"RequestCode": 23, **one}]
    conversation.let_go([HDFC.key])
    assert _said(conversation) == [{"RequestCode": 25, **one}]


def test_a_book_is_told_once_both_sides_are_known() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    assert _heard(conversation, deep_side(HDFC, 41, 20, DEPTH.buy)) == []
    (tick,) = _heard(conversation, deep_side(HDFC, 51, 20, DEPTH.sell))
    assert isinstance(tick, Tick)
    assert (tick.key, tick.depth, tick.ltp) == (HDFC.key, DEPTH, None)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 100.05, 20)
    (tick,) = _heard(conversation, deep_side(HDFC, 41, 20, DEPTH.buy[1:]))
    assert isinstance(tick, Tick)
    assert tick.depth == Depth(DEPTH.buy[1:], DEPTH.sell)


def test_a_frame_tells_each_book_once() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH), Want(FUTURE, Mode.DEPTH))
    quote = ToyQuote(ltp=100.0, depth=DEPTH)
    ticks = _heard(conversation, deep_book(HDFC, 20, quote) + deep_book(FUTURE, 20, quote))
    assert [tick.key for tick in ticks if isinstance(tick, Tick)] == [HDFC.key, FUTURE.key]


def test_a_side_that_is_empty_is_told_as_such() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    (tick,) = _heard(conversation, deep_book(HDFC, 20, ToyQuote(ltp=1.0, depth=Depth(DEPTH.buy, ()))))
    assert isinstance(tick, Tick)
    assert (tick.depth, tick.ask_price, tick.ask_size) == (Depth(DEPTH.buy, ()), 0.0, 0)
    assert (tick.bid_price, tick.bid_size) == (99.95, 10)


def test_nothing_of_an_old_book_outlives_a_reconnect_or_a_pause() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    _heard(conversation, deep_book(HDFC, 20, ToyQuote(ltp=1.0, depth=DEPTH)))
    conversation.opened(None)
    assert _heard(conversation, deep_side(HDFC, 41, 20, DEPTH.buy)) == []
    _heard(conversation, deep_side(HDFC, 51, 20, DEPTH.sell))
    conversation.opened(None)
    assert _heard(conversation, deep_side(HDFC, 51, 20, DEPTH.sell)) == []
    _said(conversation)
    conversation.let_go([HDFC.key])
    _said(conversation)
    assert _heard(conversation, deep_side(HDFC, 51, 20, DEPTH.sell)) == [Skipped("packets_not_wanted")]
    conversation.want([Want(HDFC, Mode.DEPTH)])
    assert _heard(conversation, deep_side(HDFC, 41, 20, DEPTH.buy)) == []


def test_a_book_wanted_again_before_its_leave_is_handed_out_is_kept() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    _heard(conversation, deep_book(HDFC, 20, ToyQuote(ltp=1.0, depth=DEPTH)))
    conversation.let_go([HDFC.key])
    assert _heard(conversation, deep_side(HDFC, 51, 20, DEPTH.sell[1:])) == []
    conversation.want([Want(HDFC, Mode.DEPTH)])
    assert _said(conversation) == [], "it comes still"
    (tick,) = _heard(conversation, deep_side(HDFC, 41, 20, DEPTH.buy[2:]))
    assert isinstance(tick, Tick)
    assert tick.depth == Depth(DEPTH.buy[2:], DEPTH.sell[1:])


def test_what_comes_before_a_cut_is_good() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    whole = deep_book(HDFC, 20, ToyQuote(ltp=1.0, depth=DEPTH))
    skipped, tick = _heard(conversation, whole + whole[:7])
    assert (skipped, isinstance(tick, Tick)) == (Skipped("frames_cut"), True)
    for cut in (b"", whole[:7], whole[:40]):
        with pytest.raises(DecodeError):
            _heard(conversation, cut)


def test_other_codes_and_text() -> None:
    conversation = _holding(Want(HDFC, Mode.DEPTH))
    assert _heard(conversation, b"\x0c\x00\x07" + bytes(9)) == [Skipped("packets_of_unknown_code")]
    with pytest.raises(DecodeError):
        conversation.receive(b"hello", FrameKind.TEXT, 0.0)


def test_a_refused_token_ends_the_session_but_not_where_only_200_levels_are_refused() -> None:
    (event,) = _heard(_holding(), deep_disconnection(808))
    assert isinstance(event, SessionOver)
    (event,) = _heard(_holding(levels=200), deep_disconnection(808))
    assert isinstance(event, ConnectionOver)
