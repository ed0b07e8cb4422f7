"""What is said to OKX, what its frames mean, and what happens to a book that does not fit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.frames import FrameKind
from adapters.okx import wire
from adapters.okx.conversation import OkxConversation
from adapters.okx.instruments import parse
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.okx.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_okx import ToyOkx, data_frame, ticker

BTC, _, _, SWAP = INSTRUMENTS[:4]


def _said(conversation: OkxConversation) -> list[tuple[str, list[tuple[str, str]]]]:
    said = []
    while (message := conversation.next_message()) is not None:
        read = json.loads(message)
        said.append((read["op"], sorted((arg["channel"], arg["instId"]) for arg in read["args"])))
    return said


def _hear(conversation: OkxConversation, text: str) -> list[Event]:
    return list(conversation.receive(text.encode(), FrameKind.TEXT, 5.0))


def _ack(conversation: OkxConversation, channel: str, name: str) -> list[Event]:
    return _hear(conversation, json.dumps({"event": "subscribe", "arg": {"channel": channel, "instId": name}}))


def test_a_contract_has_open_interest_too_and_depth_a_book() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.DEPTH), Want(SWAP, Mode.QUOTE)])
    ((op, channels),) = _said(conversation)
    assert op == "subscribe"
    assert channels == [
        ("books", "BTC-USDT"),
        ("open-interest", "BTC-USDT-SWAP"),
        ("tickers", "BTC-USDT"),
        ("tickers", "BTC-USDT-SWAP"),
    ]


def test_a_lower_mode_lets_go_of_its_channels_alone() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    conversation.want([Want(BTC, Mode.LTP)])
    assert _said(conversation) == [("unsubscribe", [("books", "BTC-USDT")])]


def test_it_is_confirmed_when_all_its_channels_are() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    assert _ack(conversation, "tickers", "BTC-USDT") == [Skipped("channels_acknowledged")]
    assert _ack(conversation, "books", "BTC-USDT") == [Acked((BTC.key,))]


def test_sizes_of_contracts_become_coins() -> None:
    conversation = OkxConversation()
    conversation.want([Want(SWAP, Mode.QUOTE)])
    data = ticker(ToyQuote(ltp=100.0, last_quantity=30)) | {"volCcy24h": "77.5"}
    (tick,) = _hear(conversation, data_frame("tickers", "BTC-USDT-SWAP", data))
    assert isinstance(tick, Tick)
    assert (tick.last_quantity, tick.bid_size, tick.volume) == (pytest.approx(0.3), 0.01, 77.5)
    assert (tick.close, tick.rolling_24h) == (tick.open, True)
    (interest,) = _hear(conversation, data_frame("open-interest", "BTC-USDT-SWAP", {"oi": "5", "oiCcy": "0.05"}))
    assert isinstance(interest, Tick)
    assert interest.oi == 0.05


def test_a_side_without_orders_is_zero_and_one_not_told_of_is_as_before() -> None:
    conversation = OkxConversation()
    conversation.want([Want(SWAP, Mode.QUOTE)])
    data = ticker(ToyQuote(ltp=100.0)) | {"askPx": "", "askSz": ""}
    (tick,) = _hear(conversation, data_frame("tickers", "BTC-USDT-SWAP", data))
    assert isinstance(tick, Tick)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 0.01, 0.0, 0.0)
    (tick,) = _hear(conversation, data_frame("tickers", "BTC-USDT-SWAP", {"last": "100"}))
    assert isinstance(tick, Tick)
    assert (tick.bid_price, tick.ask_price) == (None, None)


def test_a_gap_drops_the_book_and_asks_for_a_new_one() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    first = toy.book(ToyQuote(ltp=100.0))
    (tick,) = _hear(conversation, data_frame("books", "BTC-USDT", first, action="snapshot"))
    assert isinstance(tick, Tick)
    change = {"asks": [], "bids": [["99.95", "0", "0", "0"]], "seqId": 9, "prevSeqId": first["seqId"], "checksum": 0}
    (tick,) = _hear(conversation, data_frame("books", "BTC-USDT", change, action="update"))
    assert isinstance(tick, Tick)
    assert tick.depth is not None
    assert tick.depth.buy[0].price == 99.9
    lost = {**change, "seqId": 12, "prevSeqId": 11}
    assert _hear(conversation, data_frame("books", "BTC-USDT", lost, action="update")) == [
        Skipped("book_gaps"),
        AnswerDue(),
    ]
    book = [("books", "BTC-USDT")]
    assert _said(conversation) == [("unsubscribe", book), ("subscribe", book)]
    late = _hear(conversation, data_frame("books", "BTC-USDT", {**change, "seqId": 13}, action="update"))
    assert late == [Skipped("changes_before_a_snapshot")]
    assert _said(conversation) == []


def test_a_book_that_never_fits_is_not_asked_for_in_a_hurry() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    wrong = data_frame("books", "BTC-USDT", {**toy.book(ToyQuote(ltp=100.0)), "checksum": 1}, action="snapshot")
    asked = []
    for at_ms in (0.0, 100.0, 9_999.0, 10_000.0, 15_000.0, 20_000.0):
        conversation.receive(wrong.encode(), FrameKind.TEXT, at_ms)
        asked.append(len(_said(conversation)))
    assert asked == [2, 0, 0, 2, 0, 2]


def test_a_level_that_is_no_number_costs_the_book_until_it_is_asked_for_anew() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    first = toy.book(ToyQuote(ltp=100.0))
    _hear(conversation, data_frame("books", "BTC-USDT", first, action="snapshot"))
    change = {"asks": [], "bids": [["?", "1", "0", "0"]], "seqId": 9, "prevSeqId": first["seqId"], "checksum": 0}
    with pytest.raises(DecodeError):
        _hear(conversation, data_frame("books", "BTC-USDT", change, action="update"))
    change |= {"bids": [], "seqId": 10, "prevSeqId": 9}
    events = _hear(conversation, data_frame("books", "BTC-USDT", change, action="update"))
    assert events == [Skipped("book_gaps"), AnswerDue()]


def test_a_book_that_is_not_wanted_any_more_is_not_told() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    conversation.want([Want(BTC, Mode.QUOTE)])
    first = data_frame("books", "BTC-USDT", toy.book(ToyQuote(ltp=100.0)), action="snapshot")
    assert _hear(conversation, first) == [Skipped("books_not_wanted")]


def test_a_wrong_checksum_is_a_gap() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    wrong = {**toy.book(ToyQuote(ltp=100.0)), "checksum": 1}
    events = _hear(conversation, data_frame("books", "BTC-USDT", wrong, action="snapshot"))
    assert events == [Skipped("book_gaps"), AnswerDue()]


def test_notices_and_errors() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    (over,) = _hear(conversation, '{"event":"notice","code":"64008","msg":"soon"}')
    assert isinstance(over, ConnectionOver)
    assert over.is_planned
    text = "Wrong URL or channel:tickers,instId:BTC-USDT doesn't exist."
    assert _hear(conversation, json.dumps({"event": "error", "code": "60018", "msg": text})) == [
        Refused(BTC.key, f"OKX refused it: {text}")
    ]
    assert _hear(conversation, '{"event":"error","code":"60012","msg":"?"}') == [Skipped("errors_60012")]
    assert _hear(conversation, "pong") == [Skipped("pongs")]


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        conversation.receive(frame, FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "OKX" in str(exc)


@given(st.binary(max_size=60))
def test_any_data_of_a_channel_is_read_or_refused(data: bytes) -> None:
    frame = wire.Frame(arg=wire.Arg("books", "BTC-USDT"))
    frame.data = __import__("msgspec").Raw(data)
    try:
        wire.data_of(frame)
    except DecodeError as exc:
        assert "OKX" in str(exc)


def test_what_was_refused_and_is_wanted_again_is_asked_for_again() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    text = "Wrong URL or channel:tickers,instId:BTC-USDT doesn't exist."
    assert len(_hear(conversation, json.dumps({"event": "error", "code": "60018", "msg": text}))) == 1
    conversation.let_go([BTC.key])
    conversation.want([Want(BTC, Mode.LTP)])
    assert _said(conversation) == [("subscribe", [("tickers", "BTC-USDT")])]


def test_a_refusal_lands_on_the_name_it_was_said_of() -> None:
    rows = [
        {"instId": "BTC-USD", "instType": "SPOT", "state": "live", "tickSz": "0.1", "lotSz": "0.0001"},
        {"instId": "BTC-USD_UM-SWAP", "instType": "SWAP", "state": "live", "tickSz": "0.1", "lotSz": "1"}
        | {"ctVal": "0.01", "ctMult": "1"},
    ]
    spot, swap = parse([json.dumps({"code": "0", "data": rows}).encode()]).instruments
    conversation = OkxConversation()
    conversation.want([Want(spot, Mode.LTP), Want(swap, Mode.LTP)])
    _said(conversation)
    text = "Wrong URL or channel:tickers,instId:BTC-USD_UM-SWAP doesn't exist."
    (refused,) = _hear(conversation, json.dumps({"event": "error", "code": "60018", "msg": text}))
    assert isinstance(refused, Refused)
    assert refused.key == swap.key


def test_a_book_that_is_wanted_again_before_its_end_was_asked_for_lives() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    conversation.let_go([BTC.key])
    first = toy.book(ToyQuote(ltp=100.0))
    unseen = _hear(conversation, data_frame("books", "BTC-USDT", first, action="snapshot"))
    assert unseen == [Skipped("books_not_wanted")]
    assert _hear(conversation, data_frame("tickers", "BTC-USDT", {})) == [Skipped("frames_not_wanted")]
    conversation.want([Want(BTC, Mode.LTP)])
    conversation.want([Want(BTC, Mode.DEPTH)])
    assert _said(conversation) == []
    change = {"asks": [], "bids": [["99.95", "0", "0", "0"]], "seqId": 9, "prevSeqId": first["seqId"], "checksum": 0}
    (tick,) = _hear(conversation, data_frame("books", "BTC-USDT", change, action="update"))
    assert isinstance(tick, Tick)
    assert tick.depth is not None
    assert tick.depth.buy[0].price == 99.9


def test_a_gap_in_a_book_that_was_let_go_of_is_seen_too() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    first = toy.book(ToyQuote(ltp=100.0))
    _hear(conversation, data_frame("books", "BTC-USDT", first, action="snapshot"))
    conversation.let_go([BTC.key])
    lost = {"asks": [], "bids": [], "seqId": 12, "prevSeqId": 11, "checksum": 0}
    _hear(conversation, data_frame("books", "BTC-USDT", lost, action="update"))
    conversation.want([Want(BTC, Mode.DEPTH)])
    book = [("books", "BTC-USDT")]
    assert _said(conversation) == [("unsubscribe", book), ("subscribe", book)]


def test_a_book_is_forgotten_when_its_end_is_asked_for() -> None:
    conversation, toy = OkxConversation(), ToyOkx()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    _hear(conversation, data_frame("books", "BTC-USDT", toy.book(ToyQuote(ltp=100.0)), action="snapshot"))
    conversation.let_go([BTC.key])
    assert len(_said(conversation)) == 1
    late = data_frame("books", "BTC-USDT", toy.book(ToyQuote(ltp=100.0)), action="snapshot")
    assert _hear(conversation, late) == [Skipped("frames_not_wanted")]


def _refuse(conversation: OkxConversation, named: str) -> list[Event]:
    text = f"Wrong URL or {named} doesn't exist."
    return _hear(conversation, json.dumps({"event": "error", "code": "60018", "msg": text}))


def test_a_refusal_that_a_later_request_has_overtaken_changes_nothing() -> None:
    conversation, topic = OkxConversation(), [("tickers", "BTC-USDT")]
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    conversation.let_go([BTC.key])
    _said(conversation)
    conversation.want([Want(BTC, Mode.LTP)])
    assert _said(conversation) == [("subscribe", topic)]
    for _ in ("the first, refused", "and to leave it, refused as well"):
        assert _refuse(conversation, "channel:tickers,instId:BTC-USDT") == [Skipped("errors_60018")]
    assert _ack(conversation, "tickers", "BTC-USDT") == [Acked((BTC.key,))]
    assert _said(conversation) == []
    conversation.let_go([BTC.key])
    assert _said(conversation) == [("unsubscribe", topic)]


def test_what_was_refused_while_it_was_let_go_of_is_asked_for_when_it_is_wanted_again() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    conversation.let_go([BTC.key])
    assert _refuse(conversation, "instId:BTC-USDT") == [Skipped("errors_60018")]
    conversation.want([Want(BTC, Mode.LTP)])
    assert _said(conversation) == [("subscribe", [("tickers", "BTC-USDT")])]


def test_a_request_that_is_never_answered_does_not_hide_a_later_refusal() -> None:
    conversation = OkxConversation()
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    conversation.let_go([BTC.key])
    _said(conversation)
    left = {"event": "unsubscribe", "arg": {"channel": "tickers", "instId": "BTC-USDT"}}
    assert _hear(conversation, json.dumps(left)) == [Skipped("events_unsubscribe")]
    conversation.want([Want(BTC, Mode.LTP)])
    _said(conversation)
    (refused,) = _refuse(conversation, "channel:tickers,instId:BTC-USDT")
    assert isinstance(refused, Refused)
