"""Frames of the data socket: what each says, and that nothing gets through as anything but that or a DecodeError."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.frames import Binary
from adapters.fyers import hsm
from adapters.fyers.hsm_ticks import Topic, is_known
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_fyers import (
    ABSENT,
    OK,
    answer,
    data_frame,
    framed,
    lite,
    read_request,
    read_topics,
    snapshot,
    trouble,
    update,
    values_of,
)

KEY = InstrumentKey(Exchange.NSE, "INFY")
QUOTE = ToyQuote(ltp=101.25)
SHARE = "sf|nse_cm|1594"


def topic(name: str, values: list[int], scale: float = 100.0) -> Topic:
    made = Topic(name, scale)
    made.merge(values)
    return made


def test_all_fields_of_an_instrument() -> None:
    tick = topic("sf|nse_fo|58088", values_of("sf", QUOTE)).tick(KEY, 1.0)
    assert tick == Tick(
        KEY,
        1.0,
        "fyers",
        101.25,
        QUOTE.at_s * 1000,
        QUOTE.traded_s * 1000,
        123_456,
        99.0,
        110.0,
        95.0,
        98.0,
        25,
        100.5,
        4_200,
        5_000,
        7_000,
        99.95,
        100.05,
        10,
        20,
        88.2,
        107.8,
    )


def test_shares_have_no_open_interest() -> None:
    assert topic(SHARE, values_of("sf", QUOTE)).tick(KEY, 1.0).oi is None


def test_an_index() -> None:
    tick = topic("if|nse_cm|Nifty 50", values_of("if", QUOTE)).tick(KEY, 1.0)
    assert (tick.ltp, tick.close, tick.timestamp) == (101.25, 98.0, QUOTE.at_s * 1000)
    assert (tick.high, tick.low, tick.open, tick.volume) == (110.0, 95.0, 99.0, None)


def test_a_book_of_five_levels_with_orders() -> None:
    assert topic("dp|nse_cm|1594", values_of("dp", QUOTE)).tick(KEY, 1.0) == Tick(KEY, 1.0, "fyers", depth=QUOTE.depth)


def test_empty_levels_of_a_book_are_left_out() -> None:
    values = values_of("dp", QUOTE)
    values[4] = values[14] = 0
    values[15:20] = [ABSENT] * 5
    depth = topic("dp|nse_cm|1594", values).tick(KEY, 1.0).depth
    assert depth == Depth(QUOTE.depth.buy[:4], ())


def test_what_is_absent_stays_as_it_was() -> None:
    made = topic(SHARE, values_of("sf", QUOTE))
    changed = [ABSENT] * 21
    changed[0] = 10_130
    assert made.merge(changed)
    tick = made.tick(KEY, 1.0)
    assert (tick.ltp, tick.volume, tick.open) == (101.30, 123_456, 99.0)
    assert not made.merge(changed)


def test_what_was_never_there_is_unknown() -> None:
    tick = topic(SHARE, [10_130]).tick(KEY, 1.0)
    assert tick == Tick(KEY, 1.0, "fyers", 101.30)


def test_zero_prices_before_the_open_are_unknown_and_zero_quantities_are_zero() -> None:
    tick = topic("sf|nse_fo|1", [0] * 21).tick(KEY, 1.0)
    assert (tick.ltp, tick.open, tick.average_price, tick.lower_circuit, tick.ltt) == (None,) * 5
    assert (tick.volume, tick.oi, tick.bid_size) == (0, 0, 0)


def test_a_side_without_orders_is_zero_and_one_not_told_of_is_as_before() -> None:
    values = values_of("sf", ToyQuote(ltp=101.25, depth=book(100.0)._replace(sell=())))
    tick = topic(SHARE, values).tick(KEY, 1.0)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 0.0, 0)
    values[4:8] = [ABSENT] * 4
    tick = topic(SHARE, values).tick(KEY, 1.0)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (None,) * 4


def test_quantities_beyond_31_bits_are_not_negative() -> None:
    values = values_of("sf", QUOTE)
    values[1] = 3_000_000_000 - 2**32
    assert topic(SHARE, values).tick(KEY, 1.0).volume == 3_000_000_000


def test_numbers_beyond_those_that_are_known_are_passed_over() -> None:
    assert topic("if|nse_cm|X", [10_130, 1, 1, 1, 1, 1, 77, 78]).tick(KEY, 1.0).ltp == 101.30


def test_prices_have_the_scale_of_the_snapshot() -> None:
    said = hsm.decode(data_frame(1, snapshot(7, "sf|cde_fo|1", [882_525], multiplier=1, digits=4)))
    assert isinstance(said, hsm.Data)
    (entry,) = said.entries
    assert isinstance(entry, hsm.Snapshot)
    assert topic(entry.topic, list(entry.values), entry.scale).tick(KEY, 1.0).ltp == 88.2525
    times = hsm.decode(data_frame(1, snapshot(7, SHARE, [1], multiplier=10, digits=2)))
    assert isinstance(times, hsm.Data)
    assert times.entries[0].scale == 1000.0  # type: ignore[union-attr]


def test_entries_of_all_kinds_in_one_frame() -> None:
    said = hsm.decode(data_frame(9, snapshot(1, SHARE, [5, 6]), update(1, [ABSENT, 7]), lite(1, 8), update(2, [])))
    assert said == hsm.Data(
        9,
        [
            hsm.Snapshot(1, SHARE, (5, 6), 100.0),
            hsm.Update(1, (ABSENT, 7)),
            hsm.Update(1, (8,)),
            hsm.Update(2, ()),
        ],
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (answer(1, OK, 2), hsm.Answer(1, is_ok=True, number=2)),
        (framed(bytes.fromhex("0102010001 4b 020002 0005".replace(" ", ""))), hsm.Answer(1, is_ok=True, number=5)),
        (answer(1, b"F", 0), hsm.Answer(1, is_ok=False)),
        (answer(4, OK), hsm.Answer(4, is_ok=True)),
        (answer(12, b"E"), hsm.Answer(12, is_ok=False)),
        (trouble(51001, 4), hsm.Trouble(51001, 4)),
        (trouble(-99, 1), hsm.Trouble(-99, 1)),
        (framed(b"\x63\x00"), hsm.Unknown(99)),
    ],
)
def test_answers(frame: bytes, said: object) -> None:
    assert hsm.decode(frame) == said


SNAPSHOT = snapshot(1, SHARE, [1, 2])


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x01",
        answer(1, OK, 2)[:-1],
        framed(b"\x04\x01\x01\x00\x09K"),
        framed(b"\x33\x01\x03\x00\x00"),
        data_frame(1, b"X"),
        data_frame(1, SNAPSHOT[:4]),
        data_frame(1, SNAPSHOT[:-1]),
        data_frame(1, SNAPSHOT.replace(b"sf", b"\xff\xff")),
        data_frame(1, snapshot(1, SHARE, [1], multiplier=0)),
        data_frame(1, snapshot(1, SHARE, [1], digits=10)),
        data_frame(1, update(1, [1, 2])[:-1]),
        data_frame(1, lite(1, 5)[:-1]),
    ],
)
def test_what_ends_early_or_cannot_be_is_a_decode_error(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        hsm.decode(frame)


@pytest.mark.parametrize(
    ("name", "known"),
    [("sf|nse_cm|1", True), ("if|a|b|c", True), ("dp|nse_cm|1", True), ("xx|nse_cm|1", False), ("sf|1", False)],
)
def test_topics_that_can_be_read(name: str, known: bool) -> None:
    assert is_known(name) is known


def test_requests_have_the_right_length_and_fields() -> None:
    assert read_request(hsm.encode_login("key")) == (1, {1: b"key", 2: b"P", 3: b"\x01", 4: b"OpenAlgoDesktop"})
    assert read_request(hsm.encode_full_mode(11)) == (12, {1: (1 << 11).to_bytes(8, "big"), 2: b"F"})
    kind, fields = read_request(hsm.encode_subscribe([SHARE, "if|nse_cm|Nifty 50"], 11))
    assert (kind, read_topics(fields[1]), fields[2]) == (4, [SHARE, "if|nse_cm|Nifty 50"], b"\x0b")
    assert read_request(hsm.encode_unsubscribe([SHARE], 11))[0] == 5
    assert hsm.encode_acknowledge(7) == bytes.fromhex("0009 03 01 01 0004 00000007".replace(" ", ""))
    assert isinstance(hsm.encode_login("key"), Binary)
    assert isinstance(hsm.PING, Binary)


REAL = data_frame(3, snapshot(1, SHARE, values_of("sf", QUOTE)), update(1, values_of("sf", QUOTE)), lite(1, 5))


def read_all(frame: bytes) -> None:
    with contextlib.suppress(DecodeError):
        said = hsm.decode(frame)
        for entry in said.entries if isinstance(said, hsm.Data) else ():
            name = entry.topic if isinstance(entry, hsm.Snapshot) else SHARE
            if is_known(name):
                topic(name, list(entry.values), getattr(entry, "scale", 100.0)).tick(KEY, 1.0)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_a_decode_error(frame: bytes) -> None:
    read_all(frame)
    read_all(b"\x00\x00\x06\x00\x00\x00\x01\x00\x02S" + frame)


@given(st.integers(0, len(REAL)), st.integers(0, len(REAL) * 8 - 1))
def test_a_frame_cut_or_with_a_flipped_bit_is_read_or_a_decode_error(end: int, bit: int) -> None:
    if end < len(REAL):
        with pytest.raises(DecodeError):
            hsm.decode(REAL[:end])
    flipped = bytearray(REAL)
    flipped[bit // 8] ^= 1 << bit % 8
    read_all(bytes(flipped))


@pytest.mark.recorded
def test_recorded_frames_decode_to_what_the_official_client_made_of_them(recordings: Path) -> None:
    told = json.loads((recordings / "fyers" / "hsm_frames.json").read_text())
    frames = {name: bytes.fromhex(text) for name, text in told["frames"].items()}
    assert hsm.decode(frames["auth_ok"]) == hsm.Answer(1, is_ok=True, number=2)
    assert hsm.decode(frames["mode_ok"]) == hsm.Answer(12, is_ok=True)
    assert hsm.decode(frames["sub_ok"]) == hsm.Answer(4, is_ok=True)
    assert frames["ping"] == hsm.PING
    known: dict[int, Topic] = {}
    ticks: list[Tick] = []
    for name in ("snapshot_sf_if", "update_sf", "update_if", "snapshot_dp", "lite_ltp"):
        said = hsm.decode(frames[name])
        assert isinstance(said, hsm.Data)
        for entry in said.entries:
            if isinstance(entry, hsm.Snapshot):
                known[entry.topic_id] = Topic(entry.topic, entry.scale)
            known[entry.topic_id].merge(entry.values)
            ticks.append(known[entry.topic_id].tick(KEY, 1.0))
    share, _, updated, index, book, last = ticks
    _compare_share(share, told["sdk_decoded"]["sf"])
    assert (updated.ltp, updated.ltt, updated.volume) == (1907.40, 1_735_201_465_000, 2_129_562)
    expected = told["sdk_decoded"]["index_after_update"]
    names = ("ltp", "prev_close_price", "high_price", "low_price", "open_price")
    assert (index.ltp, index.close, index.high, index.low, index.open) == tuple(expected[name] for name in names)
    assert book.depth is not None
    assert (book.depth.buy[0], book.depth.sell[4]) == (Level(1907.0, 2, 2), Level(1907.55, 354, 9))
    assert (last.ltp, last.volume) == (1907.45, 2_129_562)


def _compare_share(tick: Tick, told: dict[str, float]) -> None:
    ours = {
        "ltp": tick.ltp,
        "vol_traded_today": tick.volume,
        "last_traded_time": (tick.ltt or 0) / 1000,
        "exch_feed_time": (tick.timestamp or 0) / 1000,
        "bid_size": tick.bid_size,
        "ask_size": tick.ask_size,
        "bid_price": tick.bid_price,
        "ask_price": tick.ask_price,
        "last_traded_qty": tick.last_quantity,
        "tot_buy_qty": tick.total_buy_quantity,
        "tot_sell_qty": tick.total_sell_quantity,
        "avg_trade_price": tick.average_price,
        "low_price": tick.low,
        "high_price": tick.high,
        "open_price": tick.open,
        "prev_close_price": tick.close,
    }
    assert ours == told
    assert (tick.lower_circuit, tick.upper_circuit) == (1718.15, 2099.95)  # which the official client makes zero
