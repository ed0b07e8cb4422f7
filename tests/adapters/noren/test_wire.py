"""Noren's messages: the real ones that were printed, edge values, and nonsense."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.noren import wire
from adapters.noren.rows import Greeting
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick, fold
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_noren import prices

KEY = InstrumentKey(Exchange.NSE, "NTPC")
AT = 1_638_523_800_000.0  # 2021-12-03 15:00 in India


def _tick(message: dict[str, Any], book: wire.Book | None = None, at: float = AT) -> Tick:
    return wire.tick_of(wire.decode(json.dumps(message).encode()), KEY, "shoonya", at, book)


@pytest.mark.recorded
def test_printed_messages_add_up_as_the_vendor_says(recordings: Path) -> None:
    recorded = json.loads((recordings / "noren" / "touchline.json").read_text())
    known = Tick(KEY, 0.0, "shoonya")
    for message in recorded["messages"]:
        decoded = wire.decode(json.dumps(message).encode())
        assert wire.place_of(decoded) == "NSE|11630"
        known = fold(known, wire.tick_of(decoded, KEY, "shoonya", AT))
    expected = {name: float(text) for name, text in recorded["merged_expect"].items()}
    got = {"lp": known.ltp, "h": known.high, "l": known.low, "ap": known.average_price, "v": known.volume}
    got |= {"bp1": known.bid_price, "sp1": known.ask_price, "bq1": known.bid_size, "sq1": known.ask_size}
    assert got == expected


def test_tick_of_a_depth_message_has_everything() -> None:
    quote, book = ToyQuote(ltp=101.25), wire.Book()
    tick = _tick(prices("d", "NSE|11630", quote), book)
    assert tick == Tick(
        key=KEY,
        received_ms=AT,
        source="shoonya",
        ltp=101.25,
        timestamp=quote.at_s * 1000,
        ltt=quote.traded_s * 1000,
        volume=123_456,
        open=99.0,
        high=110.0,
        low=95.0,
        close=98.0,
        last_quantity=25,
        average_price=100.5,
        oi=4_200,
        total_buy_quantity=5_000,
        total_sell_quantity=7_000,
        bid_price=99.95,
        ask_price=100.05,
        bid_size=10,
        ask_size=20,
        lower_circuit=88.0,
        upper_circuit=108.0,
        depth=quote.depth._replace(timestamp=quote.at_s * 1000),
    )


@pytest.mark.parametrize("text", ["NA", "", "0", "0.00", "nan", "inf", None, [], {}])
def test_price_that_is_not_known_is_none(text: object) -> None:
    tick = _tick({"t": "tf", "e": "NSE", "tk": "1", "lp": text, "o": text, "h": text, "l": text, "c": text, "ap": text})
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price) == (None,) * 6


@pytest.mark.parametrize(
    "said", [{"sp1": "0.00", "sq1": "0"}, {"sp1": "0.00"}, {"sp1": "110.00", "sq1": "0"}, {"sp1": "0"}]
)
def test_side_without_orders_has_neither_price_nor_size(said: dict[str, str]) -> None:
    tick = _tick({"t": "tf", "e": "NSE", "tk": "1", "bq1": "5"} | said)
    assert (tick.ask_price, tick.ask_size) == (0.0, 0)
    assert (tick.bid_price, tick.bid_size) == (None, 5)


@pytest.mark.parametrize("said", [{}, {"sp1": "NA", "sq1": ""}, {"sp1": None}])
def test_side_that_is_not_spoken_of_is_none(said: dict[str, str | None]) -> None:
    tick = _tick({"t": "tf", "e": "NSE", "tk": "1", "lp": "110.00"} | said)
    assert (tick.ask_price, tick.ask_size, tick.bid_price, tick.bid_size) == (None,) * 4


def test_a_size_alone_leaves_the_price_as_it_was() -> None:
    tick = _tick({"t": "tf", "e": "NSE", "tk": "1", "sq1": "0"})
    assert (tick.ask_price, tick.ask_size) == (None, 0)


@pytest.mark.parametrize("mode", ["t", "d"])
def test_share_at_its_upper_circuit_has_no_offer_any_more(mode: str) -> None:
    quote = ToyQuote(ltp=110.0)
    before = _tick(prices(mode, "NSE|1", quote))
    locked = replace(quote, depth=quote.depth._replace(sell=()))
    now = fold(before, _tick(prices(mode, "NSE|1", locked)))
    assert (before.ask_price, now.ask_price, now.ask_size) == (100.05, 0.0, 0)
    assert now.bid_price == before.bid_price


def test_price_below_zero_stays_one() -> None:
    assert _tick({"t": "tf", "e": "MCX", "tk": "1", "lp": "-37.63"}).ltp == -37.63


def test_volume_of_zero_is_known() -> None:
    assert _tick({"t": "tf", "e": "NSE", "tk": "1", "v": "0"}).volume == 0


def test_open_interest_of_the_underlying_is_not_that_of_the_contract() -> None:
    assert _tick({"t": "tf", "e": "NFO", "tk": "1", "toi": "999", "poi": "5"}).oi is None


@pytest.mark.parametrize(
    ("clock", "ltt"),
    [
        ("14:59:59", 1_638_523_799_000),
        ("15:00:30", 1_638_523_830_000),  # the broker's clock is a little ahead
        ("15:29:59", 1_638_439_199_000),  # yesterday, seen before today's first trade
        ("NA", None),
        ("1:2:3", None),
        ("03-12-2021 14:59:59", None),
        (None, None),
    ],
)
def test_time_of_a_trade_is_the_latest_such_moment(clock: object, ltt: int | None) -> None:
    assert _tick({"t": "tf", "e": "NSE", "tk": "1", "ltt": clock}).ltt == ltt


@pytest.mark.parametrize("feed_time", ["NA", "0", "-5", "1e300"])
def test_feed_time_that_cannot_be_is_none(feed_time: str) -> None:
    assert _tick({"t": "tf", "e": "NSE", "tk": "1", "ft": feed_time}).timestamp is None


def test_book_keeps_what_a_message_does_not_mention() -> None:
    book = wire.Book()
    _tick(prices("d", "NSE|1", ToyQuote(ltp=101.25)), book)
    changed = _tick({"t": "df", "e": "NSE", "tk": "1", "bq2": "77", "sp5": "0.00"}, book).depth
    assert changed is not None
    assert changed.buy[1] == Level(99.9, 77, 2)
    assert [level.price for level in changed.sell] == [100.05, 100.1, 100.15, 100.2]
    assert _tick({"t": "df", "e": "NSE", "tk": "1", "lp": "5.00"}, book).depth is None


def test_book_that_was_emptied_is_empty() -> None:
    book = wire.Book()
    _tick(prices("d", "NSE|1", ToyQuote(ltp=101.25)), book)
    gone = {f"{side}q{row}": "0" for side in "bs" for row in range(1, 6)}
    assert _tick({"t": "df", "e": "NSE", "tk": "1"} | gone, book).depth == Depth((), ())


def test_greetings_say_who_it_is() -> None:
    assert json.loads(wire.encode_greeting(Greeting.OAUTH, "AB1234", "secret")) == {
        "t": "a",
        "uid": "AB1234",
        "actid": "AB1234",
        "source": "API",
        "accesstoken": "secret",
    }
    hashed = json.loads(wire.encode_greeting(Greeting.HASHED, "AB1234", "secret"))
    assert (hashed["t"], hashed["uid"], hashed["actid"]) == ("c", "AB1234_API", "AB1234_API")
    # sha256 of the hexadecimal sha256 of "secret"
    assert hashed["susertoken"] == "3d91b58504a6cc3a159005ee7b16c7ae503ca6ac2a6a3c893837083c236b864a"


@pytest.mark.parametrize(
    "frame", [b"", b"[]", b"null", b"1", b"{}", b'{"t":1}', b'{"t":', b"\xff\xfe", b"[" * 5000, b'{"t":"tf"']
)
def test_nonsense_is_a_decode_error(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.decode(frame)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_else(frame: bytes) -> None:
    with contextlib.suppress(DecodeError):
        wire.decode(frame)


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just([]), st.just({})
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(st.sampled_from([*wire._FIELDS, *wire._BOOK, "ft", "ltt", "e", "tk"]), _VALUES), st.floats(0, 1e13)
)
def test_arbitrary_values_make_a_tick_or_a_decode_error(values: dict[str, Any], at: float) -> None:
    book = wire.Book()
    with contextlib.suppress(DecodeError):
        wire.place_of(values)
    tick = wire.tick_of({"t": "df", **values}, KEY, "shoonya", at, book)
    numbers = [value for value in tuple(tick)[3:22] if value is not None]
    assert all(number == number and abs(number) != float("inf") for number in numbers)


@given(st.data())
def test_damaged_messages_raise_nothing_else(data: st.DataObject) -> None:
    frame = bytearray(json.dumps(prices("d", "NSE|11630", ToyQuote(ltp=101.25))).encode())
    frame = frame[: data.draw(st.integers(0, len(frame)))]
    if frame:
        frame[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        message = wire.decode(bytes(frame))
        wire.place_of(message)
        wire.tick_of(message, KEY, "shoonya", AT, wire.Book())
    except DecodeError:
        pass
