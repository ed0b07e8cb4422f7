"""What is said to Delta Exchange, what its frames mean, and what happens to a book that does not fit."""

from __future__ import annotations

import dataclasses
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
from market.ticks import Depth, Tick
from tests.adapters.delta.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote, book
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
    assert _hear(conversation, **wrong) == [Skipped("book_gaps")], "asked for a moment ago"
    assert _hear(conversation, 20_000.0, **wrong) == [Skipped("book_gaps"), AnswerDue()]
    assert _tick(_hear(conversation, 20_001.0, **first)).depth is not None


def test_a_side_that_is_empty_is_told_and_one_that_is_left_out_is_not() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.QUOTE), Want(ETH, Mode.LTP)])
    bid: dict[str, Any] = {"bp": "99.95", "bs": "1"}
    tick = _tick(_hear(conversation, type="ob_l1", sy="BTCUSD", ap=None, **{"as": None}, **bid))
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 1.0, 0.0, 0.0)
    tick = _tick(_hear(conversation, type="ob_l1", sy="BTCUSD", **bid))
    assert (tick.bid_price, tick.ask_price, tick.ask_size) == (99.95, None, None)
    no_bids = ToyQuote(ltp=100.0, depth=Depth((), book(100.0).sell))
    tick = _tick(_hear(conversation, **ticker("ETHUSD", no_bids)))
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (0.0, 0.0, 100.05, 0.02)
    tick = _tick(_hear(conversation, **{**ticker("ETHUSD", no_bids), "d": [{"s": "ETHUSD", "q": []}]}))
    assert (tick.bid_price, tick.bid_size, tick.ask_price) == (None, None, None)
    conversation.want([Want(ETH, Mode.DEPTH)])
    tick = _tick(_hear(conversation, **ToyDelta().book("ETHUSD", no_bids)))
    assert (tick.bid_price, tick.bid_size, tick.ask_price) == (0.0, 0.0, 100.05)


_BOOK: dict[str, list[str]] = {"ob_updates": ["ETHUSD"]}


def _with_book() -> tuple[DeltaConversation, dict[str, Any]]:
    """A conversation with the book of ETH, and that book."""
    conversation, whole = DeltaConversation(), ToyDelta().book("ETHUSD", ToyQuote(ltp=100.0))
    conversation.want([Want(ETH, Mode.DEPTH)])
    _said(conversation)
    assert _tick(_hear(conversation, **whole)).depth is not None
    return conversation, whole


def _next(whole: dict[str, Any], step: int) -> dict[str, Any]:
    return {**whole, "action": "update", "a": [], "b": [["99.95", str(step)]], "seq": whole["seq"] + step, "cs": None}


def test_a_book_wanted_again_before_it_is_unsubscribed_lives_on() -> None:
    conversation, whole = _with_book()
    conversation.want([Want(ETH, Mode.QUOTE)])
    assert _hear(conversation, **_next(whole, 1)) == [Skipped("books_not_wanted")]
    conversation.want([Want(ETH, Mode.DEPTH)])
    assert _said(conversation) == [], "it is subscribed still, so there would be no snapshot"
    assert _tick(_hear(conversation, **_next(whole, 2))).depth is not None
    conversation.let_go([ETH.key])
    assert _hear(conversation, **_next(whole, 3)) == [Skipped("books_not_wanted")]
    conversation.want([Want(ETH, Mode.DEPTH)])
    assert _said(conversation) == []
    assert _tick(_hear(conversation, **_next(whole, 4))).bid_size == pytest.approx(0.04)


def test_a_book_that_was_unsubscribed_begins_anew() -> None:
    conversation, whole = _with_book()
    conversation.want([Want(ETH, Mode.QUOTE)])
    assert ("unsubscribe", _BOOK) in _said(conversation)
    conversation.want([Want(ETH, Mode.DEPTH)])
    assert ("subscribe", _BOOK) in _said(conversation)
    assert _hear(conversation, **_next(whole, 1)) == [Skipped("changes_before_a_snapshot")]
    assert _tick(_hear(conversation, **whole)).depth is not None


def test_what_was_heard_of_an_instrument_holds_until_it_is_unsubscribed() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    _hear(conversation, **trade("BTCUSD", ToyQuote(ltp=101.0, traded_s=1_790_000_009)))
    conversation.let_go([BTC.key])
    conversation.want([Want(BTC, Mode.LTP)])
    assert _tick(_hear(conversation, **ticker("BTCUSD", ToyQuote(ltp=100.0)))).ltp is None, "the trade is newer"
    conversation.let_go([BTC.key])
    _said(conversation)
    conversation.want([Want(BTC, Mode.LTP)])
    assert _tick(_hear(conversation, **ticker("BTCUSD", ToyQuote(ltp=100.0)))).ltp == 100.0


def test_a_book_wanted_again_while_it_is_asked_for_anew_is_subscribed() -> None:
    conversation, whole = _with_book()
    assert _hear(conversation, **_next(whole, 7)) == [Skipped("book_gaps"), AnswerDue()]
    first = conversation.next_message()
    assert first is not None
    assert b'"unsubscribe"' in first
    conversation.let_go([ETH.key])
    conversation.want([Want(ETH, Mode.DEPTH)])
    assert _said(conversation) == [("subscribe", _BOOK)]
    assert _tick(_hear(conversation, **whole)).depth is not None


def test_a_snapshot_that_does_not_come_is_asked_for_again() -> None:
    conversation, whole = DeltaConversation(), ToyDelta().book("ETHUSD", ToyQuote(ltp=100.0))
    conversation.want([Want(ETH, Mode.DEPTH)])
    _said(conversation)
    for at_ms in (1_000.0, 6_000.0, 10_999.0):
        assert _hear(conversation, at_ms, **_next(whole, 1)) == [Skipped("changes_before_a_snapshot")]
    assert _hear(conversation, 11_000.0, **_next(whole, 2)) == [Skipped("changes_before_a_snapshot"), AnswerDue()]
    assert _said(conversation) == [("unsubscribe", _BOOK), ("subscribe", _BOOK)]
    assert _tick(_hear(conversation, 11_100.0, **whole)).depth is not None
    assert _hear(conversation, 60_000.0, type="pong") == [Skipped("frames_pong")]


def test_a_snapshot_that_could_not_be_loaded_is_asked_for_again_after_a_few_seconds() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(ETH, Mode.DEPTH)])
    _said(conversation)
    failed = {"type": "ob_updates", "action": "error", "symbol": "ETHUSD", "msg": "Snapshot load failed"}
    assert _hear(conversation, 1_000.0, **failed) == [Skipped("book_errors")]
    assert _hear(conversation, 5_999.0, type="pong") == [Skipped("frames_pong")]
    assert _hear(conversation, 6_000.0, type="pong") == [Skipped("frames_pong"), AnswerDue()]
    assert _said(conversation) == [("unsubscribe", _BOOK), ("subscribe", _BOOK)]
    assert _hear(conversation, 6_100.0, **failed) == [Skipped("book_errors")]
    assert _hear(conversation, 15_999.0, type="pong") == [Skipped("frames_pong")], "it fails again: not too often"
    assert _hear(conversation, 16_000.0, type="pong") == [Skipped("frames_pong"), AnswerDue()]
    conversation.let_go([ETH.key])
    assert [op for op, _ in _said(conversation)] == ["unsubscribe"]
    assert _hear(conversation, 30_000.0, **failed) == [Skipped("books_not_wanted")]


def test_a_book_of_contracts_of_another_size_is_asked_for_anew() -> None:
    conversation, whole = _with_book()
    conversation.let_go([ETH.key])
    conversation.want([Want(dataclasses.replace(ETH, token="ETHUSD|0.1"), Mode.DEPTH)])
    assert _said(conversation) == [("unsubscribe", _BOOK), ("subscribe", _BOOK)]
    assert _tick(_hear(conversation, **whole)).bid_size == pytest.approx(1.0)


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
    st.dictionaries(
        st.sampled_from(["d", "a", "b", "seq", "cs", "p", "s", "t", "ts", "channels", "action", "symbol"]), _VALUES
    ),
)
def test_any_frame_of_a_known_kind_is_read_or_refused(kind: str, fields: dict[str, object]) -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        conversation.receive(json.dumps({**fields, "type": kind, "sy": "BTCUSD"}).encode(), FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Delta Exchange" in str(exc)


def test_a_refusal_that_a_later_request_has_overtaken_changes_nothing() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    conversation.let_go([BTC.key])
    _said(conversation)
    conversation.want([Want(BTC, Mode.LTP)])
    both = {"ticker": ["BTCUSD"], "trades": ["BTCUSD"]}
    assert _said(conversation) == [("subscribe", both)]
    assert _hear(conversation, type="error", message="no") == [Skipped("errors")]
    told = [{"name": name, "symbols": symbols} for name, symbols in both.items()]
    assert _hear(conversation, type="subscriptions", channels=told) == [
        Skipped("channels_acknowledged"),
        Acked((BTC.key,)),
    ]
    assert _said(conversation) == []
    conversation.let_go([BTC.key])
    assert _said(conversation) == [("unsubscribe", both)]


def test_a_channel_refused_that_is_not_wanted_any_more_refuses_nothing() -> None:
    conversation = DeltaConversation()
    conversation.want([Want(ETH, Mode.DEPTH)])
    _said(conversation)
    conversation.want([Want(ETH, Mode.LTP)])
    told = [{"name": "ob_updates", "error": "too many"}]
    assert _hear(conversation, type="subscriptions", channels=told) == [Skipped("errors")]
    conversation.want([Want(ETH, Mode.DEPTH)])
    assert _said(conversation) == [("subscribe", _BOOK)], "it is not held, so it is asked for again"
