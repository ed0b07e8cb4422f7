"""Packets of deep books."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dhan import depth_wire as wire
from adapters.dhan.segments import place_of
from market.errors import DecodeError
from market.exchanges import Exchange
from market.ticks import Level
from tests.adapters.dhan.bench import INSTRUMENTS, instrument
from tests.doubles.toy_broker import book
from tests.doubles.toy_dhan import deep_disconnection, deep_side

HDFC = INSTRUMENTS[0]


def _side(body: bytes, *, counted: bool = False) -> tuple[Level, ...]:
    _, end, _ = wire.header(body, 0)
    return wire.side(body, 0, end, counted=counted)


@pytest.mark.recorded
def test_recorded_sides_stacked_in_one_frame(recordings: Path) -> None:
    vector = json.loads((recordings / "dhan/packets.json").read_text())["packets"][-1]
    body, said = bytes.fromhex(vector["hex"]), vector["decoded"]
    place = place_of(instrument(Exchange.NSE, "INFY", said["sid"]))
    code, middle, first = wire.header(body, 0)
    assert (code, first) == (wire.BIDS, place)
    assert [list(level) for level in wire.side(body, 0, middle, counted=False)] == said["bids"]
    code, end, second = wire.header(body, middle)
    assert (code, second, end) == (wire.ASKS, place, len(body))
    assert [list(level) for level in wire.side(body, middle, end, counted=False)] == said["asks"]


def test_levels_without_quantity_or_price_are_no_offers() -> None:
    side = (*book(100.0).buy, Level(0.0, 5, 1), Level(99.0, 0, 0))
    assert _side(deep_side(HDFC, 41, 20, side)) == book(100.0).buy


def test_levels_come_best_first_whatever_their_order() -> None:
    depth = book(100.0, 20)
    assert _side(deep_side(HDFC, 41, 20, depth.buy[::-1])) == depth.buy
    assert _side(deep_side(HDFC, 51, 20, depth.sell[::-1])) == depth.sell


def test_a_book_of_200_levels_has_as_many_rows_as_it_says() -> None:
    depth = book(1000.0, 200)
    assert _side(deep_side(HDFC, 41, 200, depth.buy), counted=True) == depth.buy
    assert _side(deep_side(HDFC, 51, 200, depth.sell[:3]), counted=True) == depth.sell[:3]
    assert _side(deep_side(HDFC, 51, 200, ()), counted=True) == ()
    # Rows behind those that it counts are of an earlier book.
    body = bytearray(deep_side(HDFC, 41, 200, depth.buy[:9]))
    struct.pack_into("<I", body, 8, 4)
    assert _side(bytes(body), counted=True) == depth.buy[:4]


def test_a_packet_with_less_than_it_says_means_nothing() -> None:
    body = bytearray(deep_side(HDFC, 41, 200, book(100.0).buy))
    struct.pack_into("<I", body, 8, 6)
    with pytest.raises(DecodeError):
        _side(bytes(body), counted=True)
    part = bytearray(deep_side(HDFC, 41, 20, book(100.0).buy))[:-4]
    struct.pack_into("<H", part, 0, len(part))
    with pytest.raises(DecodeError):
        _side(bytes(part))
    for cut in (b"", bytes(11), bytes(part[:-1])):
        with pytest.raises(DecodeError):
            wire.header(cut, 0)


def test_reasons_of_an_end() -> None:
    body = deep_disconnection(805)
    assert wire.header(body, 0)[0] == wire.DISCONNECTION
    assert wire.reason_in(body, 0, len(body)) == 805
    short = struct.pack("<HBBiI", 12, 50, 0, 0, 807)
    assert wire.reason_in(short, 0, len(short)) == 807


def test_messages() -> None:
    place = place_of(HDFC)
    one = {"ExchangeSegment": "NSE_EQ", "SecurityId": "1333"}
    assert json.loads(wire.encode(wire.ASK, [place], alone=True)) == {"RequestCode": 23, **one}
    assert json.loads(wire.encode(wire.LEAVE, [place], alone=False)) == {
        "RequestCode": 25,
        "InstrumentCount": 1,
        "InstrumentList": [one],
    }


@given(st.binary(max_size=400), st.booleans())
def test_arbitrary_bytes_are_a_side_or_a_decode_error(body: bytes, counted: bool) -> None:
    with contextlib.suppress(DecodeError):
        assert all(level.quantity for level in _side(body, counted=counted))


@given(st.binary(min_size=320, max_size=320))
def test_any_rows_can_be_read(rows: bytes) -> None:
    body = struct.pack("<HBBiI", 332, 51, 1, 5, 20) + rows
    prices = [level.price for level in _side(body, counted=True)]
    assert prices == sorted(prices)
