"""XTS's events and answers, edge values, and nonsense."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.xts import wire
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind
from market.ticks import Depth, Level, Tick
from tests.adapters.xts.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_xts import body

RELIANCE, RELIANCE_BSE, NIFTY_FUTURE = INSTRUMENTS[:3]
NIFTY = next(each for each in INSTRUMENTS if each.kind is InstrumentKind.INDEX)
KEY = RELIANCE.key
AT = 1_790_000_002_000.0
QUOTE = ToyQuote(ltp=101.25)


def _tick(code: int, said: dict[str, Any], at: float = AT) -> Tick:
    return wire.tick_of(code, said, KEY, "iifl", at)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("instrument", [RELIANCE, RELIANCE_BSE])
def test_touchline_has_everything_nested_or_flat_and_with_either_clock(instrument: Any, flat: bool) -> None:
    tick = _tick(wire.TOUCHLINE, body(wire.TOUCHLINE, instrument, QUOTE, flat=flat))
    assert tick == Tick(
        key=KEY,
        received_ms=AT,
        source="iifl",
        ltp=101.25,
        timestamp=QUOTE.at_s * 1000,
        ltt=QUOTE.traded_s * 1000,
        volume=123_456,
        open=99.0,
        high=110.0,
        low=95.0,
        close=98.0,
        last_quantity=25,
        average_price=100.5,
        total_buy_quantity=5_000,
        total_sell_quantity=7_000,
        bid_price=99.95,
        ask_price=100.05,
        bid_size=10,
        ask_size=20,
    )


@pytest.mark.parametrize("rows", [{"Price": 0, "Size": 0, "TotalOrders": 0}, {}])
def test_an_index_has_no_bid_and_no_offer(rows: dict[str, int]) -> None:
    said = body(wire.TOUCHLINE, NIFTY, QUOTE)
    said["Touchline"] |= {"BidInfo": rows, "AskInfo": rows}
    tick = wire.tick_of(wire.TOUCHLINE, said, NIFTY.key, "iifl", AT)
    assert (tick.ltp, tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (101.25, None, None, None, None)


def test_a_row_of_nothing_says_nothing() -> None:
    said = body(wire.TOUCHLINE, RELIANCE, QUOTE)
    said["Touchline"] |= {"BidInfo": {}, "AskInfo": {"Price": 0, "Size": 0}}
    tick = _tick(wire.TOUCHLINE, said)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (None, None, 0.0, 0)


def test_depth_has_the_book_and_the_touchline() -> None:
    tick = _tick(wire.DEPTH, body(wire.DEPTH, RELIANCE, QUOTE))
    assert tick.depth == QUOTE.depth._replace(timestamp=QUOTE.at_s * 1000)
    assert (tick.ltp, tick.close) == (101.25, 98.0)


def test_book_leaves_out_levels_that_are_empty() -> None:
    said = body(wire.DEPTH, RELIANCE, QUOTE)
    empty = {"Size": 0, "Price": 0, "TotalOrders": 0}
    said |= {"Bids": [said["Bids"][0], empty, None, 5], "Asks": []}
    depth = _tick(wire.DEPTH, said).depth
    assert depth is not None
    assert (depth.buy, depth.sell) == ((Level(99.95, 10, 1),), ())


def test_last_price_says_nothing_else() -> None:
    tick = _tick(wire.LAST_PRICE, body(wire.LAST_PRICE, RELIANCE, QUOTE))
    told = {name: value for name, value in tick._asdict().items() if value is not None}
    assert told == {
        "key": KEY,
        "received_ms": AT,
        "source": "iifl",
        "ltp": 101.25,
        "last_quantity": 25,
        "timestamp": QUOTE.at_s * 1000,
        "ltt": QUOTE.traded_s * 1000,
    }


def test_open_interest_comes_alone() -> None:
    tick = _tick(wire.OPEN_INTEREST, body(wire.OPEN_INTEREST, NIFTY_FUTURE, QUOTE))
    assert (tick.oi, tick.ltp, tick.timestamp) == (4_200, None, None)


def test_either_spelling_of_a_quantity_is_read() -> None:
    assert _tick(wire.LAST_PRICE, {"LastTradedQuantity": "7"}).last_quantity == 7


@pytest.mark.parametrize("value", [0, 0.0, None, "", "NA", "nan", float("inf"), [], {}])
def test_price_that_is_not_known_is_none(value: object) -> None:
    names = ("LastTradedPrice", "Open", "High", "Low", "Close", "AverageTradedPrice")
    tick = _tick(wire.TOUCHLINE, {"Touchline": dict.fromkeys(names, value) | {"BidInfo": {"Price": value, "Size": 5}}})
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price) == (None,) * 6
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (0.0, 0, None, None)


@pytest.mark.parametrize(
    ("seconds", "near_s", "unix_s"),
    [
        (1_420_629_397, 1_736_142_400, 1_736_142_397),  # NSE: 2025-01-06 11:16:37 in India, from a real log
        (1_736_162_197, 1_736_142_400, 1_736_142_397),  # BSE and MCX: the same moment
        (1_420_629_397, 1_736_142_397 + 400 * 86_400, 1_736_142_397),  # not traded for a year
        (0, 1_736_142_400, None),
        (-5, 1_736_142_400, None),
        ("x", 1_736_142_400, None),
        (1e300, 1_736_142_400, None),
    ],
)
def test_clock_that_lands_nearer_to_now_is_meant(seconds: object, near_s: float, unix_s: int | None) -> None:
    assert wire.unix_ms(seconds, near_s * 1000.0) == (None if unix_s is None else unix_s * 1000)


def test_event_carries_text_or_an_object() -> None:
    said = body(wire.TOUCHLINE, RELIANCE, QUOTE)
    for argument in (said, json.dumps(said)):
        event = wire.decode_event(b"42" + json.dumps(["1501-json-full", argument]).encode())
        assert event.name == "1501-json-full"
        assert wire.place_of(wire.decode_body(event.argument)) == (1, 2885)
    assert wire.decode_event(b'42["joined"]') == wire.Event("joined", None)


@pytest.mark.parametrize("frame", [b"42", b"42[]", b"42{}", b"42[1]", b'42["a"', b"42\xff", b"42" + b"[" * 5000])
def test_nonsense_is_no_event(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.decode_event(frame)


@pytest.mark.parametrize("argument", [None, 5, "", "[]", "t:1_22,ltp:5", ["{}"], True])
def test_other_arguments_are_no_bodies(argument: object) -> None:
    with pytest.raises(DecodeError):
        wire.decode_body(argument)


def test_reply_is_judged_by_its_type() -> None:
    good = {"type": "success", "code": "e-response-0010", "description": "d", "result": {"listQuotes": ["{", "{}", 5]}}
    for given_body in (good, [good]):
        reply = wire.decode_reply(json.dumps(given_body).encode())
        assert (reply.is_good, reply.code) == (True, "e-response-0010")
        assert wire.first_quotes(reply) == [{}]
    assert not wire.decode_reply(b'{"type":"error","code":"e-session-0007","result":{}}').is_good
    text = wire.decode_reply(b'{"type":"success","result":"text"}')
    assert (wire.first_quotes(text), wire.room_left(text)) == ([], None)
    assert wire.room_left(wire.decode_reply(b'{"result":{"Remaining_Subscription_Count":48}}')) == 48


@pytest.mark.parametrize(
    ("type_", "code", "description", "is_over"),
    [
        ("error", "e-session-0007", "", True),
        ("error", "e-token-0002", "", True),
        ("error", "e-session-0001", "Invalid Token", True),
        ("error", "e-session-0004", "Limit reached", False),
        ("success", "s", "not an invalid token", False),
    ],
)
def test_reply_that_the_session_is_over(type_: str, code: str, description: str, is_over: bool) -> None:
    said = json.dumps({"type": type_, "code": code, "description": description}).encode()
    assert wire.decode_reply(said).is_session_over is is_over


@pytest.mark.parametrize("text", [b"", b"[]", b"<html>", b"[{},{}]", b'{"type":5}'])
def test_nonsense_is_no_reply(text: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.decode_reply(text)


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}))
_NAMES = [*wire._FIELDS, "BidInfo", "AskInfo", "Touchline", "Bids", "Asks", "ExchangeTimeStamp", "LastUpdateTime"]
_ROWS = st.dictionaries(st.sampled_from(["Price", "Size", "TotalOrders"]), _VALUES)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from([wire.TOUCHLINE, wire.DEPTH, wire.LAST_PRICE, wire.OPEN_INTEREST]),
    st.dictionaries(st.sampled_from(_NAMES), st.one_of(_VALUES, _ROWS, st.lists(_ROWS, max_size=3)), max_size=6),
)
def test_arbitrary_bodies_make_a_tick_of_numbers(code: int, said: dict[str, Any]) -> None:
    tick = _tick(code, said)
    numbers = [value for value in tuple(tick)[3:22] if value is not None]
    assert all(number == number and abs(number) != float("inf") for number in numbers)
    assert tick.depth is None or isinstance(tick.depth, Depth)


@given(st.binary(max_size=100))
def test_arbitrary_bytes_raise_nothing_else(frame: bytes) -> None:
    for decode in (wire.decode_event, wire.decode_reply):
        with contextlib.suppress(DecodeError):
            decode(frame)


@given(st.data())
def test_damaged_events_raise_nothing_else(data: st.DataObject) -> None:
    frame = bytearray(b"42" + json.dumps(["1502-json-full", json.dumps(body(wire.DEPTH, RELIANCE, QUOTE))]).encode())
    frame[data.draw(st.integers(2, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(DecodeError):
        said = wire.decode_body(wire.decode_event(bytes(frame)).argument)
        wire.place_of(said)
        wire.tick_of(wire.DEPTH, said, InstrumentKey(Exchange.NSE, "X"), "iifl", AT)
