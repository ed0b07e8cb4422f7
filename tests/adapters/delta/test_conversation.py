"""What is said to Delta Exchange, what its frames mean, and what happens to a book that does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.delta.conversation import DeltaConversation
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.delta.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_delta import ToyDelta, ticker, trade

BTC, ETH = INSTRUMENTS[:2]


def _said(conversation: DeltaConversation) -> list[tuple[str, dict[str, list[str]]]]:
    said = []
    while (message := conversation.next_message()) is not None:
        read = json.loads(message)
        channels = {each["name"]: sorted(each["symbols"]) for each in read["payload"]["channels"]}
        said.append((read["type"], dict(sorted(channels.items()))))
    return said


def _hear(conversation: DeltaConversation, at_ms: float = 5.0, /, **message: Any) -> list[Event]:
    return list(conversation.receive(json.dumps(message).encode(), FrameKind.TEXT, at_ms))


def _tick(events: list[Event]) -> Tick:
    (tick,) = events
    assert isinstance(tick, Tick)
    return tick


def test_quote_has_the_best_prices_and_depth_the_book() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.QUOTE), Want(ETH, Mode.DEPTH)])
    both = ["BTCUSD", "ETHUSD"]
    assert _said(conversation) == [
        ("subscribe", {"ob_l1": ["BTCUSD"], "ob_updates": ["ETHUSD"], "ticker": both, "trades": both})
    ]
    conversation.want([Want(ETH, Mode.LTP)])
    assert _said(conversation) == [("unsubscribe", {"ob_updates": ["ETHUSD"]})]


def test_it_is_confirmed_when_all_its_channels_are() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    first = [{"name": "ticker", "symbols": ["BTCUSD"]}]
    assert _hear(conversation, type="subscriptions", channels=first) == [Skipped("channels_acknowledged")]
    second = [{"name": "trades", "symbols": ["BTCUSD"]}]
    assert _hear(conversation, type="subscriptions", channels=second) == [Acked((BTC.key,))]
    assert _hear(conversation, type="subscriptions", channels=second) == [Skipped("answers_to_nothing")]


def test_a_channel_refused_without_its_symbols_refuses_those_asked_for() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    told = [{"name": "ticker", "error": "too many"}, {"name": "trades", "symbols": ["BTCUSD"]}]
    assert _hear(conversation, type="subscriptions", channels=told) == [
        Refused(BTC.key, "Delta Exchange refused it: too many"),
        Skipped("channels_acknowledged"),
    ]
    conversation.let_go([BTC.key])
    conversation.want([Want(BTC, Mode.LTP)])
    assert ("subscribe", {"ticker": ["BTCUSD"]}) in _said(conversation), "it is asked for again"


def test_a_message_refused_as_a_whole() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    assert _hear(conversation, type="error", message="no") == [Refused(BTC.key, "Delta Exchange refused it: no")]
    assert _hear(conversation, type="error", message="no") == [Skipped("errors")]


def test_sizes_become_coins() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(ETH, Mode.LTP)])
    tick = _tick(_hear(conversation, **ticker("ETHUSD", ToyQuote(ltp=100.0))))
    assert (tick.ltp, tick.open, tick.close, tick.rolling_24h) == (100.0, 99.0, 99.0, True)
    assert (tick.oi, tick.bid_price, tick.bid_size, tick.ask_size) == (42.0, 99.95, 0.01, 0.02)
    assert (tick.lower_circuit, tick.upper_circuit, tick.timestamp) == (80.5, 120.5, 1_790_000_001_000)
    dealt = _tick(_hear(conversation, **trade("ETHUSD", ToyQuote(ltp=101.0, last_quantity=30))))
    assert (dealt.ltp, dealt.ltt) == (101.0, 1_790_000_000_000)
    assert dealt.last_quantity == pytest.approx(0.3)


def test_a_ticker_older_than_a_trade_does_not_take_the_price_back() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.QUOTE)])
    _hear(conversation, **trade("BTCUSD", ToyQuote(ltp=101.0, traded_s=1_790_000_009)))
    tick = _tick(_hear(conversation, **ticker("BTCUSD", ToyQuote(ltp=100.0))))
    assert (tick.ltp, tick.high, tick.bid_price) == (None, 110.0, None)
    assert _tick(_hear(conversation, **ticker("BTCUSD", ToyQuote(ltp=102.0, at_s=1_790_000_010)))).ltp == 102.0
    best: dict[str, Any] = {"ap": "100.05", "as": "2", "bp": "99.95", "bs": "1", "ts": 1_000}
    tick = _tick(_hear(conversation, type="ob_l1", sy="BTCUSD", **best))
    assert (tick.bid_price, tick.ask_size, tick.timestamp) == (99.95, 2.0, 1)


def test_a_gap_or_a_wrong_checksum_asks_for_the_book_anew_and_not_at_once_again() -> None:
    conversation, toy = DeltaConversation(), ToyDelta()
    conversation.want([Want(ETH, Mode.DEPTH)])
    _said(conversation)
    first = toy.book("ETHUSD", ToyQuote(ltp=100.0))
    early = {**first, "action": "update"}
    assert _hear(conversation, **early) == [Skipped("changes_before_a_snapshot")]
    tick = _tick(_hear(conversation, **first))
    assert tick.depth is not None
    assert tick.depth.buy[0].quantity == pytest.approx(0.1)
    assert (tick.bid_price, tick.ask_price) == (99.95, 100.05)
    change = {**first, "action": "update", "a": [], "b": [["99.95", "0"]], "seq": first["seq"] + 1, "cs": None}
    tick = _tick(_hear(conversation, **change))
    assert tick.depth is not None
    assert tick.depth.buy[0].price == 99.9
    assert _hear(conversation, **{**change, "seq": first["seq"] + 3}) == [Skipped("book_gaps"), AnswerDue()]
    book = {"ob_updates": ["ETHUSD"]}
    assert _said(conversation) == [("unsubscribe", book), ("subscribe", book)]
    wrong = {**first, "cs": 1}
    assert _hear(conversation, **wrong) == [Skipped("changes_before_a_snapshot")], "asked for a moment ago"
    assert _hear(conversation, 20_000.0, **wrong) == [Skipped("book_gaps"), AnswerDue()]
    assert _tick(_hear(conversation, 20_001.0, **first)).depth is not None


def test_other_frames_are_counted() -> None:
    conversation = DeltaConversation()
    assert _hear(conversation, type="pong") == [Skipped("frames_pong")]
    assert _hear(conversation, type="heartbeat") == [Skipped("frames_heartbeat")]
    assert _hear(conversation, **trade("BTCUSD", ToyQuote(ltp=1.0))) == [Skipped("frames_not_wanted")]


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        conversation.receive(frame, FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Delta Exchange" in str(exc)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1", "0", "nan", "BTCUSD"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["ticker", "ob_l1", "trades", "ob_updates", "subscriptions", "error"]),
    st.dictionaries(st.sampled_from(["d", "a", "b", "seq", "cs", "p", "s", "t", "ts", "channels", "action"]), _VALUES),
)
def test_any_frame_of_a_known_kind_is_read_or_refused(kind: str, fields: dict[str, object]) -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        conversation.receive(json.dumps({**fields, "type": kind, "sy": "BTCUSD"}).encode(), FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Delta Exchange" in str(exc)
