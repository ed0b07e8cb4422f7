"""Options of Bybit: trades by coin, answers topic by topic, a ticker with names of its own."""

from __future__ import annotations

import json
from datetime import date
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.bybit.conversation import BybitConversation
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_bybit import data_frame, trade


def _option(strike: float, coin: str = "BTC") -> Instrument:
    key = InstrumentKey(Exchange.CRYPTO, f"{coin}USDT26MAR27{strike}CE")
    token = f"option|{coin}-26MAR27-{strike}-C-USDT"
    return Instrument(key=key, kind=InstrumentKind.OPTION, token=token, expiry=date(2027, 3, 26), strike=strike)


LOW, HIGH, ETHER = _option(90_000), _option(95_000), _option(3_000, "ETH")
LOW_NAME, HIGH_NAME, ETHER_NAME = (each.token.partition("|")[2] for each in (LOW, HIGH, ETHER))


def _said(conversation: BybitConversation) -> list[tuple[str, list[str]]]:
    said = []
    while (message := conversation.next_message()) is not None:
        read = json.loads(message)
        said.append((read["op"], sorted(read["args"])))
    return said


def _hear(conversation: BybitConversation, text: str) -> list[Event]:
    return list(conversation.receive(text.encode(), FrameKind.TEXT, 5.0))


def _told(conversation: BybitConversation, good: list[str], bad: tuple[str, ...] = ()) -> list[Event]:
    data = {"successTopics": good, "failTopics": list(bad)}
    return _hear(conversation, json.dumps({"success": True, "type": "COMMAND_RESP", "data": data}))


def test_the_trades_of_a_coin_are_asked_for_once_and_left_with_the_last_option() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE), Want(ETHER, Mode.LTP)])
    assert _said(conversation) == [
        ("subscribe", ["publicTrade.BTC", f"tickers.{LOW_NAME}", f"tickers.{ETHER_NAME}"]),
    ]
    assert _told(conversation, ["publicTrade.BTC", f"tickers.{LOW_NAME}", f"tickers.{ETHER_NAME}"]) == [
        Acked((LOW.key, ETHER.key))
    ]
    conversation.want([Want(HIGH, Mode.QUOTE)])
    assert _said(conversation) == [("subscribe", [f"tickers.{HIGH_NAME}"])]
    assert _told(conversation, [f"tickers.{HIGH_NAME}"]) == [Acked((HIGH.key,))]
    conversation.let_go([LOW.key])
    assert _said(conversation) == [("unsubscribe", [f"tickers.{LOW_NAME}"])]
    conversation.want([Want(HIGH, Mode.LTP)])
    assert _said(conversation) == [("unsubscribe", ["publicTrade.BTC"])]
    assert _told(conversation, ["publicTrade.BTC"]) == [Skipped("topics_acknowledged")]


def test_after_a_reconnect_the_trades_are_acknowledged_anew() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE), Want(HIGH, Mode.QUOTE)])
    _said(conversation)
    _told(conversation, ["publicTrade.BTC", f"tickers.{LOW_NAME}", f"tickers.{HIGH_NAME}"])
    conversation.opened(None)
    ((_, topics),) = _said(conversation)
    assert topics == ["publicTrade.BTC", f"tickers.{LOW_NAME}", f"tickers.{HIGH_NAME}"]
    assert _told(conversation, [f"tickers.{LOW_NAME}", f"tickers.{HIGH_NAME}"]) == [Skipped("topics_acknowledged")]
    assert _told(conversation, ["publicTrade.BTC"]) == [Acked((LOW.key, HIGH.key))]


def test_each_trade_goes_to_its_own_option() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE), Want(HIGH, Mode.LTP)])
    quote = ToyQuote(ltp=101.25)
    trades = [trade(quote) | {"s": name} for name in (LOW_NAME, HIGH_NAME, "BTC-26MAR27-1-C-USDT")]
    (tick,) = _hear(conversation, data_frame("publicTrade", "BTC", trades))
    assert isinstance(tick, Tick)
    assert (tick.key, tick.ltp, tick.last_quantity) == (LOW.key, 101.25, 25.0)
    assert _hear(conversation, data_frame("publicTrade", "ETH", trades[2:])) == [Skipped("trades_not_wanted")]


def test_a_topic_that_failed_refuses_its_option_and_no_other() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.LTP), Want(HIGH, Mode.LTP)])
    _said(conversation)
    assert _told(conversation, [f"tickers.{LOW_NAME}"], (f"tickers.{HIGH_NAME}", "tickers.unknown")) == [
        Acked((LOW.key,)),
        Refused(HIGH.key, "Bybit refused it"),
    ]


def test_without_the_trades_of_its_coin_an_option_is_confirmed() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE)])
    _said(conversation)
    assert _told(conversation, [f"tickers.{LOW_NAME}"], ("publicTrade.BTC",)) == [Acked((LOW.key,))]
    assert _said(conversation) == []


def test_the_price_of_yesterday_follows_from_the_change() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE)])
    data = {
        "lastPrice": "110",
        "change24h": "0.1",
        "bidPrice": "109",
        "bidSize": "0.5",
        "askPrice": "0",
        "askSize": "0",
    }
    (tick,) = _hear(conversation, data_frame("tickers", LOW_NAME, data))
    assert isinstance(tick, Tick)
    assert tick.close == pytest.approx(100.0)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (109.0, 0.5, 0.0, 0.0)
    (tick,) = _hear(conversation, data_frame("tickers", LOW_NAME, data | {"change24h": "-1"}))
    assert isinstance(tick, Tick)
    assert tick.close is None


def test_a_strike_may_have_a_dot() -> None:
    conversation, ripple = BybitConversation("option"), _option(2.5, "XRP")
    name = ripple.token.partition("|")[2]
    conversation.want([Want(ripple, Mode.DEPTH)])
    ((_, topics),) = _said(conversation)
    assert _told(conversation, topics) == [Acked((ripple.key,))]
    (tick,) = _hear(conversation, data_frame("tickers", name, {"lastPrice": "0.4"}))
    assert isinstance(tick, Tick)
    assert (tick.key, tick.ltp) == (ripple.key, 0.4)
    (tick,) = _hear(conversation, data_frame("orderbook.100", name, {"b": [["0.3", "2"]], "a": [], "u": 1}))
    assert isinstance(tick, Tick)
    assert tick.depth is not None
    assert tick.depth.buy[0].price == 0.3


def test_an_answer_without_topics_is_to_the_oldest_request_which_is_made_again_topic_by_topic() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.LTP), Want(HIGH, Mode.LTP)])
    _said(conversation)
    refused = json.dumps({"success": False, "ret_msg": "too many", "type": "COMMAND_RESP"})
    assert _hear(conversation, refused) == [AnswerDue()]
    assert _said(conversation) == [("subscribe", [f"tickers.{name}"]) for name in (LOW_NAME, HIGH_NAME)]
    null = {
        "success": True,
        "type": "COMMAND_RESP",
        "data": {"failTopics": None, "successTopics": [f"tickers.{LOW_NAME}"]},
    }
    assert _hear(conversation, json.dumps(null)) == [Acked((LOW.key,))]
    assert _hear(conversation, refused) == [
        Skipped("topics_acknowledged"),
        Refused(HIGH.key, "Bybit refused it: too many"),
    ]


def test_leaving_that_failed_refuses_nothing_that_is_wanted_again() -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.LTP)])
    _said(conversation)
    _told(conversation, [f"tickers.{LOW_NAME}"])
    conversation.let_go([LOW.key])
    conversation.want([Want(HIGH, Mode.LTP)])
    assert [op for op, _ in _said(conversation)] == ["unsubscribe", "subscribe"]
    conversation.want([Want(LOW, Mode.LTP)])
    _said(conversation)
    assert _told(conversation, [], (f"tickers.{LOW_NAME}",)) == [Skipped("topics_acknowledged")]
    assert _told(conversation, [f"tickers.{HIGH_NAME}"]) == [Acked((HIGH.key,))]
    assert _told(conversation, [f"tickers.{LOW_NAME}"]) == [Acked((LOW.key,))]


def test_a_topic_that_failed_and_was_asked_for_again_meanwhile_is_judged_by_its_last_answer() -> None:
    conversation, topic = BybitConversation("option"), f"tickers.{LOW_NAME}"
    conversation.want([Want(LOW, Mode.LTP)])
    _said(conversation)
    conversation.let_go([LOW.key])
    _said(conversation)
    conversation.want([Want(LOW, Mode.LTP)])
    assert _said(conversation) == [("subscribe", [topic])]
    assert _told(conversation, [], (topic,)) == [Skipped("topics_acknowledged")]
    assert _told(conversation, [topic]) == [Skipped("topics_acknowledged")]
    assert _told(conversation, [topic]) == [Acked((LOW.key,))]
    assert _said(conversation) == []
    conversation.let_go([LOW.key])
    assert _said(conversation) == [("unsubscribe", [topic])]


def test_a_topic_that_failed_while_it_was_let_go_of_is_asked_for_when_it_is_wanted_again() -> None:
    conversation, topic = BybitConversation("option"), f"tickers.{LOW_NAME}"
    conversation.want([Want(LOW, Mode.LTP)])
    _said(conversation)
    conversation.let_go([LOW.key])
    assert _told(conversation, [], (topic,)) == [Skipped("topics_acknowledged")]
    conversation.want([Want(LOW, Mode.LTP)])
    assert _said(conversation) == [("subscribe", [topic])]


@given(st.dictionaries(st.sampled_from(["lastPrice", "change24h"]), st.floats() | st.text(max_size=4)))
def test_no_change_makes_a_price_that_cannot_be(data: dict[str, object]) -> None:
    conversation = BybitConversation("option")
    conversation.want([Want(LOW, Mode.QUOTE)])
    try:
        events = _hear(conversation, data_frame("tickers", LOW_NAME, data))
    except DecodeError:
        return
    for event in events:
        assert isinstance(event, Tick)
        assert event.close is None or isfinite(event.close)
