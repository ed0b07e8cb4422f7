"""What is said to Kite, and in which order."""

from __future__ import annotations

import json

from adapters.frames import FrameKind
from adapters.venue import Skipped, Want
from adapters.zerodha.conversation import PER_MESSAGE, KiteConversation
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.zerodha.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_kite import frame, packet

INFY, RELIANCE = INSTRUMENTS[:2]


def _said(conversation: KiteConversation) -> list[object]:
    said = []
    while (message := conversation.next_message()) is not None:
        said.append(json.loads(message))
    return said


def test_a_mode_follows_its_subscription() -> None:
    conversation = KiteConversation()
    conversation.want([Want(INFY, Mode.LTP), Want(RELIANCE, Mode.DEPTH)])
    assert _said(conversation) == [
        {"a": "subscribe", "v": [408065]},
        {"a": "mode", "v": ["ltp", [408065]]},
        {"a": "subscribe", "v": [738561]},
        {"a": "mode", "v": ["full", [738561]]},
    ]


def test_a_changed_mode_is_said_alone() -> None:
    conversation = KiteConversation()
    conversation.want([Want(INFY, Mode.LTP)])
    _said(conversation)
    conversation.want([Want(INFY, Mode.QUOTE)])
    assert _said(conversation) == [{"a": "mode", "v": ["full", [408065]]}]
    conversation.want([Want(INFY, Mode.DEPTH)])
    assert _said(conversation) == []


def test_after_a_reconnect_everything_is_said_again_and_nothing_of_before() -> None:
    conversation = KiteConversation()
    conversation.want([Want(INFY, Mode.DEPTH), Want(RELIANCE, Mode.LTP)])
    conversation.next_message()
    conversation.let_go([RELIANCE.key])
    conversation.opened(None)
    assert _said(conversation) == [{"a": "subscribe", "v": [408065]}, {"a": "mode", "v": ["full", [408065]]}]


def test_many_instruments_go_in_several_messages() -> None:
    conversation = KiteConversation()
    keys = [InstrumentKey(Exchange.NSE, f"S{number}") for number in range(PER_MESSAGE + 1)]
    many = [
        Instrument(key=key, kind=InstrumentKind.EQUITY, token=str(number << 8 | 1)) for number, key in enumerate(keys)
    ]
    conversation.want([Want(each, Mode.LTP) for each in many])
    assert [len(message["v"]) for message in _said(conversation) if message["a"] == "subscribe"] == [PER_MESSAGE, 1]


def test_packets_of_what_is_not_wanted_are_counted_and_the_others_read() -> None:
    conversation = KiteConversation()
    conversation.want([Want(INFY, Mode.LTP)])
    quote = ToyQuote(ltp=7.0)
    body = frame(packet(738561, "ltp", quote), b"\x00" * 9, packet(408065, "ltp", quote), (408065).to_bytes(4, "big"))
    events = conversation.receive(body, FrameKind.BINARY, 1.0)
    assert events == [
        Skipped("packets_not_wanted"),
        Skipped("packets_not_wanted"),
        Tick(INFY.key, 1.0, "zerodha", 7.0),
        Skipped("packets_of_unknown_length"),
    ]


def test_heartbeats_and_texts_are_counted() -> None:
    conversation = KiteConversation()
    assert conversation.receive(b"\x00", FrameKind.BINARY, 1.0) == [Skipped("heartbeats")]
    text = b'{"type":"order","data":{"id":1}}'
    assert conversation.receive(text, FrameKind.TEXT, 1.0) == [Skipped("text_order")]
