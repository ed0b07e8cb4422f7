"""A connection to Upstox as a state machine: what it asks for, in which mode, and what it makes of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.frames import FrameKind
from adapters.upstox.conversation import FULL_BESIDE_OTHERS, PER_MESSAGE, UpstoxConversation
from adapters.venue import Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_upstox import feed, market_info, response


def share(number: int, suffix: str = "") -> Instrument:
    key = InstrumentKey(Exchange.NSE, f"S{number}{suffix}")
    return Instrument(key=key, kind=InstrumentKind.EQUITY, token=f"NSE_EQ|{number}")


def said(conversation: UpstoxConversation) -> list[tuple[str, str | None, list[str]]]:
    """Everything that it wants to send: method, mode, keys."""
    found = []
    while (message := conversation.next_message()) is not None:
        request: dict[str, Any] = json.loads(message)
        found.append((request["method"], request["data"].get("mode"), request["data"]["instrumentKeys"]))
    return found


def opened(*wants: Want) -> UpstoxConversation:
    conversation = UpstoxConversation()
    conversation.want(wants)
    conversation.opened(None)
    return conversation


def test_instruments_are_asked_for_by_mode() -> None:
    conversation = opened(Want(share(1), Mode.LTP), Want(share(2), Mode.QUOTE), Want(share(3), Mode.DEPTH))
    assert said(conversation) == [("sub", "ltpc", ["NSE_EQ|1"]), ("sub", "full", ["NSE_EQ|2", "NSE_EQ|3"])]
    assert said(conversation) == []


def test_deep_books_have_a_mode_of_their_own() -> None:
    conversation = opened(Want(share(1, ":30"), Mode.DEPTH), Want(share(2, ":30"), Mode.QUOTE))
    assert said(conversation) == [("sub", "full_d30", ["NSE_EQ|1"]), ("sub", "full", ["NSE_EQ|2"])]


def test_modes_change_up_and_down() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    said(conversation)
    conversation.want([Want(share(1), Mode.DEPTH)])
    assert said(conversation) == [("change_mode", "full", ["NSE_EQ|1"])]
    conversation.want([Want(share(1), Mode.QUOTE)])
    assert said(conversation) == []
    conversation.want([Want(share(1), Mode.LTP)])
    assert said(conversation) == [("change_mode", "ltpc", ["NSE_EQ|1"])]
    conversation.let_go([share(1).key])
    assert said(conversation) == [("unsub", None, ["NSE_EQ|1"])]


def test_a_new_connection_is_asked_for_everything_in_batches() -> None:
    conversation = opened(*(Want(share(number), Mode.LTP) for number in range(PER_MESSAGE + 1)))
    assert [len(keys) for _, _, keys in said(conversation)] == [PER_MESSAGE, 1]
    conversation.opened(None)
    assert [len(keys) for _, _, keys in said(conversation)] == [PER_MESSAGE, 1]


def test_every_request_has_its_own_number() -> None:
    conversation = opened(Want(share(1), Mode.LTP), Want(share(2), Mode.QUOTE))
    numbers = {json.loads(conversation.next_message() or b"")["guid"] for _ in range(2)}
    assert len(numbers) == 2


def test_too_many_full_ones_beside_others_make_all_full() -> None:
    full = [Want(share(number), Mode.QUOTE) for number in range(FULL_BESIDE_OTHERS)]
    conversation = opened(Want(share(9_000), Mode.LTP), *full)
    assert {mode for _, mode, _ in said(conversation)} == {"ltpc", "full"}
    one_more = share(FULL_BESIDE_OTHERS)
    conversation.want([Want(one_more, Mode.QUOTE)])
    assert sorted(said(conversation)) == [("change_mode", "full", ["NSE_EQ|9000"]), ("sub", "full", ["NSE_EQ|1500"])]
    conversation.want([Want(share(9_001), Mode.LTP)])
    assert said(conversation) == [("sub", "full", ["NSE_EQ|9001"])]
    conversation.let_go([one_more.key])
    assert said(conversation) == [
        ("unsub", None, ["NSE_EQ|1500"]),
        ("change_mode", "ltpc", ["NSE_EQ|9000", "NSE_EQ|9001"]),
    ]


def test_feeds_become_ticks_of_what_is_wanted() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    quote = ToyQuote(ltp=12.5)
    frame = response({"NSE_EQ|1": feed("ltpc", quote), "NSE_EQ|2": feed("ltpc", quote)}, at_ms=77)
    events = conversation.receive(frame, FrameKind.BINARY, 5.0)
    ticks = [event for event in events if isinstance(event, Tick)]
    assert [(tick.key, tick.ltp, tick.timestamp, tick.received_ms) for tick in ticks] == [(share(1).key, 12.5, 77, 5.0)]
    assert [event for event in events if not isinstance(event, Tick)] == [Skipped("feeds_not_wanted")]


def test_prices_keep_the_digits_of_their_instrument() -> None:
    key = InstrumentKey(Exchange.CDS, "USDINR29DEC26FUT")
    dollar = Instrument(key=key, kind=InstrumentKind.FUTURE, tick_size=0.0025, token="NCD_FO|1")
    conversation = opened(Want(dollar, Mode.LTP), Want(share(1), Mode.LTP))
    feeds = {token: feed("ltpc", ToyQuote(ltp=88.25254)) for token in ("NCD_FO|1", "NSE_EQ|1")}
    events = conversation.receive(response(feeds), FrameKind.BINARY, 5.0)
    prices = {event.key: event.ltp for event in events if isinstance(event, Tick)}
    assert prices == {key: 88.2525, share(1).key: 88.25}


def test_the_same_number_on_another_segment_is_another_instrument() -> None:
    other = Instrument(key=InstrumentKey(Exchange.BSE, "S1"), kind=InstrumentKind.EQUITY, token="BSE_EQ|1")
    conversation = opened(Want(share(1), Mode.LTP), Want(other, Mode.LTP))
    frame = response({"BSE_EQ|1": feed("ltpc", ToyQuote(ltp=3.0))})
    (tick,) = conversation.receive(frame, FrameKind.BINARY, 5.0)
    assert isinstance(tick, Tick)
    assert tick.key == other.key


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (market_info({"NSE_EQ": 2}), "market_infos"),
        (b"", "empty_frames"),
    ],
)
def test_frames_without_feeds_are_counted(frame: bytes, what: str) -> None:
    assert opened().receive(frame, FrameKind.BINARY, 1.0) == [Skipped(what)]


def test_a_feed_without_content_is_counted() -> None:
    conversation = opened(Want(share(1), Mode.LTP))
    frame = bytes.fromhex("120c0a084e53455f45517c311200")
    assert conversation.receive(frame, FrameKind.BINARY, 1.0) == [Skipped("feeds_of_unknown_kind")]


def test_text_is_not_understood() -> None:
    with pytest.raises(DecodeError, match="text frame"):
        opened().receive(b"{}", FrameKind.TEXT, 1.0)
