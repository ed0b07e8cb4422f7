"""SmartStream's packets: real ones, what may arrive instead, and what is said."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.angel import wire
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKind
from market.ticks import Depth, Level, Tick
from tests.adapters.angel.bench import INSTRUMENTS, instrument
from tests.doubles.toy_angel import packet
from tests.doubles.toy_broker import ToyQuote, book

INFY, _, NIFTY_FUT, NIFTY = INSTRUMENTS[:4]
USDINR = INSTRUMENTS[6]


def _decoded(body: bytes, what: wire.Listing = wire.listing_of(INFY)) -> Tick:  # noqa: B008 - a constant
    wire.place_in(body)
    return wire.decode(body, what, 5.0)


def _vectors(recordings: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((recordings / "angel/smartstream_packets.json").read_text())
    return found


@pytest.mark.recorded
def test_real_snap_quotes(recordings: Path) -> None:
    for vector in _vectors(recordings):
        said, body = vector["decoded"], bytes.fromhex(vector["hex_snap"])
        exchange = {1: Exchange.NSE, 2: Exchange.NFO, 3: Exchange.BSE, 5: Exchange.MCX}[said["exchange_type"]]
        what = instrument(exchange, "X", said["token"])
        assert wire.place_in(body) == wire.place_of(what)
        tick = _decoded(body, wire.listing_of(what))
        paise = (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price)
        names = ("ltp", "open", "high", "low", "close_prev", "atp")
        assert paise == tuple(said[name] / 100 or None for name in names), vector["name"]
        assert (tick.timestamp, tick.ltt) == (said["exchange_timestamp_ms"], said["last_trade_time_s"] * 1000)
        assert (tick.last_quantity, tick.volume) == (said["ltq"], said["volume"])
        assert (tick.total_buy_quantity, tick.total_sell_quantity) == (said["total_buy_qty"], said["total_sell_qty"])
        assert (tick.upper_circuit, tick.lower_circuit) == (said["upper_circuit"] / 100, said["lower_circuit"] / 100)
        assert tick.oi == (None if exchange in (Exchange.NSE, Exchange.BSE) else said["oi"])
        assert tick.depth is not None
        for side, levels in ((said["bids"], tick.depth.buy), (said["asks"], tick.depth.sell)):
            expected = [Level(each["price"] / 100, each["qty"], each["orders"]) for each in side if each["qty"]]
            assert list(levels) == expected, vector["name"]


@pytest.mark.recorded
def test_real_quotes_and_prices_are_the_beginning_of_snap_quotes(recordings: Path) -> None:
    for vector in _vectors(recordings):
        listing = wire.listing_of(INFY)
        whole = _decoded(bytes.fromhex(vector["hex_snap"]), listing)
        quote = _decoded(bytes.fromhex(vector["hex_quote"]), listing)
        price = _decoded(bytes.fromhex(vector["hex_ltp"]), listing)
        assert quote == whole[:5] + (None,) + whole[6:13] + (None,) + whole[14:16] + (None,) * 9
        assert price == whole[:5] + (None,) * 20


def test_currencies_have_a_unit_of_their_own() -> None:
    for mode in (wire.LTP, wire.QUOTE, wire.SNAP_QUOTE):
        tick = _decoded(packet(USDINR, mode, ToyQuote(ltp=83.4525)), wire.listing_of(USDINR))
        assert tick.ltp == 83.4525


def test_an_index_has_prices_alone() -> None:
    quote = ToyQuote(ltp=25_000.05)
    for mode in (wire.QUOTE, wire.SNAP_QUOTE):
        tick = _decoded(packet(NIFTY, mode, quote), wire.listing_of(NIFTY))
        assert (tick.ltp, tick.open, tick.close, tick.timestamp) == (25_000.05, 99.0, 98.0, quote.at_s * 1000)
        assert (tick.volume, tick.oi, tick.depth, tick.bid_price, tick.last_quantity, tick.ltt) == (None,) * 6


def test_open_interest_is_told_of_contracts_alone() -> None:
    quote = ToyQuote(ltp=1.0, oi=777)
    assert _decoded(packet(NIFTY_FUT, 3, quote), wire.listing_of(NIFTY_FUT)).oi == 777
    assert _decoded(packet(INFY, 3, quote)).oi is None


def test_zeros_before_the_open_are_unknown() -> None:
    quote = ToyQuote(
        ltp=0, average=0, volume=0, open=0, high=0, low=0, close=0, traded_s=0, at_s=0, depth=Depth((), ())
    )
    tick = _decoded(packet(INFY, 3, quote))
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price) == (None,) * 6
    assert (tick.ltt, tick.timestamp) == (None, None)
    assert (tick.bid_price, tick.ask_price, tick.bid_size, tick.ask_size) == (0.0, 0.0, 0, 0)
    assert (tick.volume, tick.depth) == (0, Depth((), ()))


def test_a_price_below_zero_stays_so() -> None:
    assert _decoded(packet(NIFTY_FUT, 1, ToyQuote(ltp=-37.63)), wire.listing_of(NIFTY_FUT)).ltp == -37.63


def test_a_short_book_has_only_its_own_levels() -> None:
    tick = _decoded(packet(INFY, 3, ToyQuote(ltp=100.0, depth=Depth(book(100.0).buy[:2], ()), at_s=9)))
    assert tick.depth == Depth((Level(99.95, 10, 1), Level(99.9, 20, 2)), (), 9000)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 0.0, 0)


def test_levels_are_the_side_that_their_flag_says_whatever_their_order() -> None:
    body = packet(INFY, 3, ToyQuote(ltp=100.0))
    straight = _decoded(body)
    rows = [body[147 + 20 * row : 167 + 20 * row] for row in range(10)]
    turned = body[:147] + b"".join(reversed(rows)) + body[347:]
    assert _decoded(turned) == straight
    buy, sell = book(100.0).buy[:4], book(100.0).sell[:4]
    quote = ToyQuote(ltp=100.0, depth=Depth((*buy, Level(0.0, 5, 1)), (Level(0.0, 7, 1), *sell)))
    assert _decoded(packet(INFY, 3, quote)).depth == Depth(buy, sell, quote.at_s * 1000)
    # An order at any price waits for the auction with price 0: no offer to compare with.
    auction = body[:147] + struct.pack("<hqqh", 0, 50, 0, 1) + b"".join(rows[1:]) + body[347:]
    depth = _decoded(auction).depth
    assert depth is not None
    assert (len(depth.buy), depth.sell) == (4, straight.depth.sell if straight.depth is not None else ())


def test_a_packet_may_grow_at_its_end() -> None:
    body = packet(INFY, 3, ToyQuote(ltp=100.0))
    assert _decoded(body + b"\x01\x02") == _decoded(body)


def test_total_quantities_that_are_no_numbers_are_unknown() -> None:
    body = bytearray(packet(INFY, 3, ToyQuote(ltp=100.0)))
    struct.pack_into("<dd", body, 75, float("nan"), float("inf"))
    tick = _decoded(bytes(body))
    assert (tick.total_buy_quantity, tick.total_sell_quantity) == (None, None)


def test_what_follows_the_end_of_a_token_does_not_matter() -> None:
    place = wire.place_of(INFY)
    assert wire.tidied(place[:6] + b"\x00junk" + place[11:]) == place


@pytest.mark.parametrize("body", [b"", b"\x01", bytes(51), b"\x02" + bytes(121), b"\x03" + bytes(377), b"\x04" * 443])
def test_another_mode_or_too_few_bytes_mean_nothing(body: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.place_in(body)


def test_messages_group_tokens_by_exchange() -> None:
    places = [wire.place_of(each) for each in (INFY, NIFTY_FUT, NIFTY)]
    assert json.loads(wire.encode(wire.ASK, wire.SNAP_QUOTE, places, "q1")) == {
        "correlationID": "q1",
        "action": 1,
        "params": {
            "mode": 3,
            "tokenList": [
                {"exchangeType": 1, "tokens": ["1594", "99926000"]},
                {"exchangeType": 2, "tokens": ["1594"]},
            ],
        },
    }


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_a_packet_or_a_decode_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert _decoded(body).source == "angel"


@given(st.sampled_from([1, 2, 3]), st.binary(min_size=378, max_size=378), st.sampled_from([INFY, NIFTY, USDINR]))
def test_any_bytes_of_a_known_mode_can_be_read(mode: int, rest: bytes, what: Any) -> None:
    tick = _decoded(bytes([mode]) + rest, wire.listing_of(what))
    if mode == 3 and what.kind is not InstrumentKind.INDEX:
        assert tick.depth is not None
        assert all(level.quantity > 0 for level in (*tick.depth.buy, *tick.depth.sell))
        assert [each.price for each in tick.depth.sell] == sorted(each.price for each in tick.depth.sell)


@given(st.integers(0, 378 * 8 - 1), st.integers(0, 379))
def test_a_real_packet_cut_or_with_a_flipped_bit_is_read_or_refused(bit: int, size: int) -> None:
    body = bytearray(packet(INFY, 3, ToyQuote(ltp=100.0)))
    body[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(DecodeError):
        _decoded(bytes(body))
    with contextlib.suppress(DecodeError):
        _decoded(bytes(body[:size]))


@given(st.binary(max_size=60))
def test_arbitrary_text_is_a_message_or_a_decode_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert isinstance(wire.decode_error(body).code, str)
