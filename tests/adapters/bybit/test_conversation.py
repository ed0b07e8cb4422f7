"""What is said to Bybit, what its frames mean, and what happens to a book that does not fit."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from adapters.bybit import wire
from adapters.bybit.conversation import BybitConversation
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.bybit.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_bybit import ToyBybit, data_frame, ticker

BTC, ETH, SOL, PERPETUAL = INSTRUMENTS[:4]
INVERSE = INSTRUMENTS[6]


def _said(conversation: BybitConversation) -> list[tuple[str, list[str], str]]:
    said = []
    while (message := conversation.next_message()) is not None:
        read = json.loads(message)
        said.append((read["op"], sorted(read["args"]), read["req_id"]))
    return said


def _hear(conversation: BybitConversation, text: str, at_ms: float = 5.0) -> list[Event]:
    return list(conversation.receive(text.encode(), FrameKind.TEXT, at_ms))


def _answer(conversation: BybitConversation, request: str, refusal: str = "") -> list[Event]:
    answer = {"success": not refusal, "ret_msg": refusal, "req_id": request, "op": "subscribe"}
    return _hear(conversation, json.dumps(answer))


def _tick(events: list[Event]) -> Tick:
    (tick,) = events
    assert isinstance(tick, Tick)
    return tick


def _book(name: str, bids: object, asks: object, number: int, kind: str = "delta") -> str:
    return data_frame("orderbook.50", name, {"b": bids, "a": asks, "u": number}, kind=kind)


def test_spot_has_its_best_prices_from_the_book() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.LTP), Want(ETH, Mode.QUOTE), Want(SOL, Mode.DEPTH)])
    ((op, topics, _),) = _said(conversation)
    assert (op, topics) == (
        "subscribe",
        [
            "orderbook.1.ETHUSDT",
            "orderbook.50.SOLUSDT",
            "publicTrade.ETHUSDT",
            "publicTrade.SOLUSDT",
            "tickers.BTCUSDT",
            "tickers.ETHUSDT",
            "tickers.SOLUSDT",
        ],
    )
    best = {"b": [["99.5", "3"]], "a": [], "u": 1}
    tick = _tick(_hear(conversation, data_frame("orderbook.1", "ETHUSDT", best)))
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.depth) == (99.5, 3.0, 0.0, None)
    change = {"b": [["99.6", "3"]], "a": [], "u": 2}
    tick = _tick(_hear(conversation, data_frame("orderbook.1", "ETHUSDT", change, kind="delta")))
    assert (tick.bid_price, tick.ask_price, tick.ask_size) == (99.6, None, None), (
        "a change does not say that it is gone"
    )
    tick = _tick(_hear(conversation, _book("SOLUSDT", [["9", "1"]], [["10", "2"]], 1, "snapshot")))
    assert (tick.bid_price, tick.ask_price, tick.ask_size) == (9.0, 10.0, 2.0)


def test_a_contract_has_them_in_its_ticker_until_it_has_a_book() -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(PERPETUAL, Mode.QUOTE)])
    assert [topics for _, topics, _ in _said(conversation)] == [["publicTrade.BTCUSDT", "tickers.BTCUSDT"]]
    frame = data_frame("tickers", "BTCUSDT", ticker(ToyQuote(ltp=100.0)))
    tick = _tick(_hear(conversation, frame))
    assert (tick.bid_price, tick.ask_size, tick.oi, tick.close, tick.rolling_24h) == (99.95, 2.0, 4200.0, 99.0, True)
    conversation.want([Want(PERPETUAL, Mode.DEPTH)])
    assert _tick(_hear(conversation, frame)).bid_price is None


def test_a_change_of_a_ticker_leaves_the_rest_as_it_was() -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(PERPETUAL, Mode.QUOTE)])
    tick = _tick(
        _hear(conversation, data_frame("tickers", "BTCUSDT", {"ask1Size": "7", "bid1Price": ""}, kind="delta"))
    )
    assert (tick.ltp, tick.close, tick.volume, tick.ask_price, tick.ask_size) == (None, None, None, None, 7.0)
    assert (tick.bid_price, tick.bid_size) == (0.0, 0.0)  # an empty text: nobody bids


def test_margined_in_coins_the_turnover_is_the_volume() -> None:
    conversation = BybitConversation("inverse")
    conversation.want([Want(INVERSE, Mode.QUOTE)])
    data = {"volume24h": "5000000", "turnover24h": "50.5"}
    assert _tick(_hear(conversation, data_frame("tickers", "BTCUSD", data))).volume == 50.5


def test_a_ticker_older_than_a_trade_does_not_take_the_price_back() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.QUOTE)])
    trades = [
        {"T": 10, "p": "101", "v": "0.5", "seq": 7},
        {"T": 11, "p": "200", "v": "9", "seq": 8, "BT": True},
        {"T": 11, "p": "102", "v": "0.25", "seq": 9},
    ]
    ticks = _hear(conversation, data_frame("publicTrade", "BTCUSDT", trades))
    assert [(tick.ltp, tick.last_quantity, tick.ltt) for tick in ticks if isinstance(tick, Tick)] == [
        (101.0, 0.5, 10),
        (102.0, 0.25, 11),
    ]
    old = data_frame("tickers", "BTCUSDT", {"lastPrice": "101", "volume24h": "5"}, cs=8)
    assert (_tick(_hear(conversation, old)).ltp, _tick(_hear(conversation, old)).volume) == (None, 5.0)
    assert _tick(_hear(conversation, data_frame("tickers", "BTCUSDT", {"lastPrice": "103"}, cs=10))).ltp == 103.0


def test_a_request_refused_for_one_topic_is_made_again_without_it() -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(PERPETUAL, Mode.LTP), Want(INSTRUMENTS[4], Mode.QUOTE)])
    ((_, _, request),) = _said(conversation)
    refused = _answer(conversation, request, "Invalid symbol :[tickers.ETHUSDT]")
    assert refused == [
        AnswerDue(),
        Refused(INSTRUMENTS[4].key, "Bybit refused it: Invalid symbol :[tickers.ETHUSDT]"),
    ]
    conversation.let_go([INSTRUMENTS[4].key])  # as the feed does
    ((op, topics, request),) = _said(conversation)
    assert (op, topics) == ("subscribe", ["tickers.BTCUSDT"])
    assert _answer(conversation, request) == [Acked((PERPETUAL.key,))]


def test_a_refusal_that_names_nothing_finds_the_culprit() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.LTP), Want(ETH, Mode.LTP)])
    ((_, _, request),) = _said(conversation)
    assert _answer(conversation, request, "no") == [AnswerDue()]
    (_, first, one), (_, second, two) = _said(conversation)
    assert (first, second) == (["tickers.BTCUSDT"], ["tickers.ETHUSDT"])
    assert _answer(conversation, one) == [Acked((BTC.key,))]
    assert _answer(conversation, two, "no")[1:] == [Refused(ETH.key, "Bybit refused it: no")]


def test_what_is_subscribed_already_is_confirmed() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.LTP), Want(ETH, Mode.LTP)])
    ((_, _, request),) = _said(conversation)
    text = "error:already subscribed,topic:tickers.BTCUSDT"
    assert _answer(conversation, request, text) == [Acked((BTC.key,)), AnswerDue()]
    assert [topics for _, topics, _ in _said(conversation)] == [["tickers.ETHUSDT"]]


def test_spot_takes_ten_topics_in_a_request() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(each, Mode.DEPTH) for each in (BTC, ETH, SOL, INSTRUMENTS[7])])
    assert [len(topics) for _, topics, _ in _said(conversation)] == [10, 2]


def test_a_number_that_goes_back_asks_for_the_book_anew_and_not_at_once_again() -> None:
    conversation, toy = BybitConversation("spot"), ToyBybit()
    conversation.want([Want(BTC, Mode.DEPTH)])
    _said(conversation)
    early = _hear(conversation, _book("BTCUSDT", [["99", "1"]], [], 1))
    assert early == [Skipped("changes_before_a_snapshot")]
    snapshot = data_frame("orderbook.50", "BTCUSDT", {**toy.book(ToyQuote(ltp=100.0)), "u": 5})
    depth = _tick(_hear(conversation, snapshot)).depth
    assert depth is not None
    assert len(depth.buy) == 5
    depth = _tick(_hear(conversation, _book("BTCUSDT", [["99.95", "0"]], [["100.02", "4"]], 6))).depth
    assert depth is not None
    assert (depth.buy[0].price, depth.sell[0].price) == (99.9, 100.02)
    assert _hear(conversation, _book("BTCUSDT", [], [], 6)) == [Skipped("book_gaps"), AnswerDue()]
    topic = ["orderbook.50.BTCUSDT"]
    assert [each[:2] for each in _said(conversation)] == [("unsubscribe", topic), ("subscribe", topic)]
    assert _hear(conversation, _book("BTCUSDT", [], [], 7)) == [Skipped("changes_before_a_snapshot")]
    crossed = _book("BTCUSDT", [["101", "1"]], [["100", "1"]], 8, "snapshot")
    assert _hear(conversation, crossed) == [Skipped("changes_before_a_snapshot")], "asked for a moment ago"
    assert _hear(conversation, crossed, 20_000.0) == [Skipped("book_gaps"), AnswerDue()]
    assert _tick(_hear(conversation, snapshot, 20_001.0)).depth is not None


def test_a_lower_mode_lets_go_of_its_topics_alone() -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(PERPETUAL, Mode.DEPTH)])
    _said(conversation)
    conversation.want([Want(PERPETUAL, Mode.QUOTE)])
    assert [each[:2] for each in _said(conversation)] == [("unsubscribe", ["orderbook.50.BTCUSDT"])]
    conversation.let_go([PERPETUAL.key])
    assert [each[:2] for each in _said(conversation)] == [("unsubscribe", ["publicTrade.BTCUSDT", "tickers.BTCUSDT"])]
    assert _hear(conversation, data_frame("tickers", "BTCUSDT", {})) == [Skipped("frames_not_wanted")]


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        conversation.receive(frame, FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Bybit" in str(exc)


@given(
    st.sampled_from([wire.TICKERS, wire.TRADES, wire.BOOK, "kline.1"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1", "0", "nan", "1e999"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["lastPrice", "b", "a", "u", "p", "v", "T"]), inner)
        ),
        max_leaves=12,
    ),
)
def test_any_data_of_a_topic_is_read_or_refused(channel: str, data: object) -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        events = conversation.receive(data_frame(channel, "BTCUSDT", data).encode(), FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Bybit" in str(exc)
        return
    for event in events:
        if isinstance(event, Tick):
            assert event.ltp is None or math.isfinite(event.ltp)


def test_what_was_refused_and_is_wanted_again_is_asked_for_again() -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(PERPETUAL, Mode.LTP)])
    ((_, _, request),) = _said(conversation)
    assert _answer(conversation, request, "Invalid symbol :[tickers.BTCUSDT]")[1:]
    conversation.let_go([PERPETUAL.key])
    conversation.want([Want(PERPETUAL, Mode.LTP)])
    assert [each[:2] for each in _said(conversation)] == [("subscribe", ["tickers.BTCUSDT"])]


def test_a_book_that_is_wanted_again_before_its_end_was_asked_for_lives() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(SOL, Mode.DEPTH)])
    _said(conversation)
    conversation.let_go([SOL.key])
    snapshot = _book("SOLUSDT", [["9", "1"], ["8", "1"]], [["10", "2"]], 1, "snapshot")
    assert _hear(conversation, snapshot) == [Skipped("frames_not_wanted")]
    conversation.want([Want(SOL, Mode.LTP)])
    assert _hear(conversation, _book("SOLUSDT", [["9", "0"]], [], 2)) == [Skipped("frames_not_wanted")]
    conversation.want([Want(SOL, Mode.DEPTH)])
    assert _said(conversation) == []
    tick = _tick(_hear(conversation, _book("SOLUSDT", [], [["10", "5"]], 3)))
    assert tick.depth is not None
    assert ([level[:2] for level in tick.depth.buy], tick.ask_size) == ([(8.0, 1.0)], 5.0)


def test_a_book_that_got_out_of_step_while_it_was_let_go_of_is_asked_for_anew() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(SOL, Mode.DEPTH)])
    _said(conversation)
    _hear(conversation, _book("SOLUSDT", [["9", "1"]], [["10", "2"]], 5, "snapshot"))
    conversation.let_go([SOL.key])
    _hear(conversation, _book("SOLUSDT", [["9", "2"]], [], 4))
    conversation.want([Want(SOL, Mode.DEPTH)])
    assert _hear(conversation, _book("SOLUSDT", [["9", "3"]], [], 6)) == [Skipped("book_gaps"), AnswerDue()]
    assert [op for op, _, _ in _said(conversation)] == ["unsubscribe", "subscribe"]


def test_a_book_is_forgotten_when_its_end_is_asked_for() -> None:
    conversation = BybitConversation("spot")
    conversation.want([Want(SOL, Mode.DEPTH)])
    _said(conversation)
    _hear(conversation, _book("SOLUSDT", [["9", "1"]], [["10", "2"]], 1, "snapshot"))
    conversation.let_go([SOL.key])
    _said(conversation)
    conversation.want([Want(SOL, Mode.DEPTH)])
    _said(conversation)
    assert _hear(conversation, _book("SOLUSDT", [["9", "2"]], [], 2)) == [Skipped("changes_before_a_snapshot")]


def test_a_refusal_that_a_later_request_has_overtaken_changes_nothing() -> None:
    conversation, topic = BybitConversation("linear"), ["tickers.BTCUSDT"]
    conversation.want([Want(PERPETUAL, Mode.LTP)])
    ((_, _, first),) = _said(conversation)
    conversation.let_go([PERPETUAL.key])
    ((_, _, second),) = _said(conversation)
    conversation.want([Want(PERPETUAL, Mode.LTP)])
    ((_, _, third),) = _said(conversation)
    assert _answer(conversation, first, "Invalid symbol :[tickers.BTCUSDT]") == [AnswerDue()]
    assert _answer(conversation, second) == [Skipped("unsubscribed")]
    assert _answer(conversation, third) == [Acked((PERPETUAL.key,))]
    assert _said(conversation) == []
    conversation.let_go([PERPETUAL.key])
    assert [each[:2] for each in _said(conversation)] == [("unsubscribe", topic)]
