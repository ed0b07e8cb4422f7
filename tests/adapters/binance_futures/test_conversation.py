"""What is said to Binance's USD-M futures, and what their frames mean."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance_futures import wire
from adapters.binance_futures.conversation import MARKET, PUBLIC, BinanceFuturesConversation
from adapters.frames import FrameKind
from adapters.venue import AnswerDue, ConnectionOver, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.modes import Mode
from market.ticks import Depth, Level, Tick
from tests.adapters.binance_futures.bench import INSTRUMENTS
from tests.doubles.toy_binance_futures import ToyBinanceFutures, data_frame
from tests.doubles.toy_broker import ToyQuote

BTC, ETH, _, DATED = INSTRUMENTS[:4]
QUOTE = ToyQuote(ltp=101.25)


def _talk(path: str, *wants: Want) -> BinanceFuturesConversation:
    conversation = BinanceFuturesConversation(path)
    conversation.want(wants)
    return conversation


def _said(conversation: BinanceFuturesConversation) -> list[tuple[str, list[str], int]]:
    said = []
    while (message := conversation.next_message()) is not None:
        read = json.loads(message)
        said.append((read["method"], sorted(read["params"]), read["id"]))
    return said


def _hear(conversation: BinanceFuturesConversation, text: str) -> list[Event]:
    return list(conversation.receive(text.encode(), FrameKind.TEXT, 5.0))


def test_each_path_is_asked_for_what_it_carries_in_small_letters() -> None:
    wants = (Want(BTC, Mode.DEPTH), Want(DATED, Mode.QUOTE))
    assert _said(_talk(MARKET, *wants)) == [
        (
            "SUBSCRIBE",
            ["btcusdt@aggTrade", "btcusdt@ticker", "btcusdt_260327@aggTrade", "btcusdt_260327@ticker"],
            1,
        )
    ]
    assert _said(_talk(PUBLIC, *wants)) == [
        (
            "SUBSCRIBE",
            ["btcusdt@bookTicker", "btcusdt@depth20@100ms", "btcusdt@depth@100ms", "btcusdt_260327@bookTicker"],
            1,
        )
    ]


def test_a_lower_mode_lets_go_of_the_book_alone_and_late_books_are_skipped() -> None:
    conversation = _talk(PUBLIC, Want(BTC, Mode.DEPTH))
    _said(conversation)
    conversation.want([Want(BTC, Mode.QUOTE)])
    assert _said(conversation) == [("UNSUBSCRIBE", ["btcusdt@depth20@100ms", "btcusdt@depth@100ms"], 2)]
    assert _hear(conversation, data_frame("btcusdt", "depth20@100ms", QUOTE)) == [Skipped("frames_not_wanted")]


def test_after_a_reconnect_everything_is_asked_for_again() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    _said(conversation)
    conversation.opened(None)
    assert _said(conversation) == [("SUBSCRIBE", ["btcusdt@aggTrade", "btcusdt@ticker"], 2)]


def test_an_acknowledgement_confirms_nothing() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    _said(conversation)
    assert _hear(conversation, '{"result":null,"id":1}') == [Skipped("requests_acknowledged")]
    assert _hear(conversation, '{"result":null,"id":1}') == [Skipped("answers_to_nothing")]


def test_a_refused_request_is_taken_apart_to_find_what_was_meant() -> None:
    conversation = _talk(PUBLIC, Want(BTC, Mode.QUOTE), Want(ETH, Mode.QUOTE))
    _said(conversation)
    error = {"error": {"code": 2, "msg": "no such stream"}}
    assert _hear(conversation, json.dumps(error | {"id": 1})) == [Skipped("requests_split"), AnswerDue()]
    assert _said(conversation) == [("SUBSCRIBE", ["btcusdt@bookTicker"], 2), ("SUBSCRIBE", ["ethusdt@bookTicker"], 3)]
    assert _hear(conversation, json.dumps(error | {"id": 3})) == [
        Refused(ETH.key, "Binance futures refused it: no such stream")
    ]


def test_halves_of_a_refused_request_leave_out_what_was_let_go_of() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP), Want(ETH, Mode.LTP))
    _said(conversation)
    _hear(conversation, '{"error":{"code":2,"msg":"no such stream"},"id":1}')
    conversation.let_go([ETH.key])
    assert _said(conversation) == [("SUBSCRIBE", ["btcusdt@aggTrade", "btcusdt@ticker"], 2)]  # nothing else is held


def test_what_was_refused_is_asked_for_again_when_it_is_wanted_again() -> None:
    conversation = _talk(PUBLIC, Want(BTC, Mode.QUOTE))
    _said(conversation)
    _hear(conversation, '{"error":{"code":2,"msg":"no such stream"},"id":1}')
    conversation.let_go([BTC.key])
    assert _said(conversation) == []
    conversation.want([Want(BTC, Mode.QUOTE)])
    assert _said(conversation) == [("SUBSCRIBE", ["btcusdt@bookTicker"], 2)]


def test_an_answer_to_the_heartbeat_is_no_answer_to_a_request() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    _said(conversation)
    answer = {"result": ["btcusdt@ticker"], "id": json.loads(wire.HEARTBEAT)["id"]}
    assert _hear(conversation, json.dumps(answer)) == [Skipped("heartbeats")]


def test_an_error_without_a_request_is_counted() -> None:
    conversation = _talk(PUBLIC, Want(BTC, Mode.QUOTE))
    assert _hear(conversation, '{"error":{"code":3,"msg":"Invalid JSON"}}') == [Skipped("errors_3")]


def test_a_trade_is_the_last_price_and_a_book_is_whole() -> None:
    market, public = _talk(MARKET, Want(BTC, Mode.DEPTH)), _talk(PUBLIC, Want(BTC, Mode.DEPTH))
    (trade,) = _hear(market, data_frame("btcusdt", "aggTrade", QUOTE))
    assert isinstance(trade, Tick)
    assert (trade.ltp, trade.ltt, trade.timestamp) == (101.25, 1_790_000_000_000, 1_790_000_001_000)
    (best,) = _hear(public, data_frame("btcusdt", "bookTicker", QUOTE))
    assert isinstance(best, Tick)
    assert (best.bid_price, best.bid_size, best.ask_price, best.ask_size) == (99.95, 10, 100.05, 20)
    no_offers = ToyQuote(ltp=101.25, depth=Depth(QUOTE.depth.buy, ()))
    (best,) = _hear(public, data_frame("btcusdt", "bookTicker", no_offers))
    assert isinstance(best, Tick)
    assert (best.bid_price, best.bid_size, best.ask_price, best.ask_size) == (99.95, 10, 0.0, 0.0)
    (book,) = _hear(public, data_frame("btcusdt", "depth20@100ms", QUOTE))
    assert isinstance(book, Tick)
    assert book.depth is not None
    assert book.depth.buy[:2] == (Level(99.95, 10.0), Level(99.9, 20.0))


def test_a_ticker_older_than_a_trade_does_not_take_the_price_back() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    (first,) = _hear(conversation, data_frame("btcusdt", "ticker", QUOTE))
    assert isinstance(first, Tick)
    assert (first.ltp, first.close, first.rolling_24h) == (101.25, 99.0, True)
    _hear(conversation, data_frame("btcusdt", "aggTrade", ToyQuote(ltp=102.0, at_s=QUOTE.at_s + 1)))
    (late,) = _hear(conversation, data_frame("btcusdt", "ticker", QUOTE))
    assert isinstance(late, Tick)
    assert (late.ltp, late.timestamp, late.last_quantity, late.volume) == (None, None, None, 123_456)


def test_the_time_of_a_trade_is_known_until_the_unsubscription_is_handed_out() -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    _said(conversation)
    _hear(conversation, data_frame("btcusdt", "aggTrade", ToyQuote(ltp=102.0, at_s=QUOTE.at_s + 1)))
    for is_told, ltp in ((False, None), (True, 101.25)):
        conversation.let_go([BTC.key])
        if is_told:
            _said(conversation)
        conversation.want([Want(BTC, Mode.LTP)])
        (tick,) = _hear(conversation, data_frame("btcusdt", "ticker", QUOTE))
        assert isinstance(tick, Tick)
        assert tick.ltp == ltp


def test_a_shutdown_is_a_planned_end_and_other_notices_are_counted() -> None:
    conversation = BinanceFuturesConversation(MARKET)
    (over,) = _hear(conversation, '{"e":"serverShutdown","E":1}')
    assert isinstance(over, ConnectionOver)
    assert over.is_planned
    assert _hear(conversation, '{"e":"contractInfo"}') == [Skipped("events_contractInfo")]


@pytest.mark.parametrize("price", ["nan", "inf", "-1", "1e999"])
def test_a_price_that_is_no_price_is_an_error(price: str) -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    frame = json.loads(data_frame("btcusdt", "aggTrade", QUOTE))
    frame["data"]["p"] = price
    with pytest.raises(DecodeError):
        _hear(conversation, json.dumps(frame))


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    conversation = _talk(MARKET, Want(BTC, Mode.LTP))
    try:
        conversation.receive(frame, FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Binance" in str(exc)


@given(
    st.sampled_from(
        [
            (MARKET, "ticker"),
            (MARKET, "aggTrade"),
            (PUBLIC, "bookTicker"),
            (PUBLIC, "depth20@100ms"),
            (PUBLIC, "depth@100ms"),
        ]
    ),
    st.integers(min_value=0),
    st.integers(min_value=0, max_value=255),
    st.booleans(),
)
def test_a_real_frame_cut_or_changed_is_read_or_refused(
    stream: tuple[str, str], place: int, byte: int, is_cut: bool
) -> None:
    path, kind = stream
    frame = bytearray(ToyBinanceFutures().frame("btcusdt", kind, QUOTE).encode())
    place %= len(frame)
    if is_cut:
        del frame[place:]
    else:
        frame[place] = byte
    conversation = _talk(path, Want(BTC, Mode.DEPTH))
    try:
        conversation.receive(bytes(frame), FrameKind.TEXT, 0.0)
    except DecodeError as exc:
        assert "Binance" in str(exc)
