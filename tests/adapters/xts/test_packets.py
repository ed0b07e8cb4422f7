"""XTS's binary packets in both layouts, packed or not, and damaged."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.xts import packets
from adapters.xts.wire import DEPTH, TOUCHLINE
from market.errors import DecodeError
from market.instruments import InstrumentKind
from market.ticks import Tick
from tests.adapters.xts.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_xts import packet

RELIANCE = INSTRUMENTS[0]
KEY = RELIANCE.key
AT = 1_790_000_002_000.0
QUOTE = ToyQuote(ltp=101.25)


def _decoded(message: bytes) -> list[Tick | None]:
    return [packets.decode(each, KEY, "jainamxts", AT) for each in packets.packets(message)]


# The sizes and the place of the last price that the vendor's layout has by arithmetic, by code and width.
@pytest.mark.parametrize(
    ("code", "wide", "size", "ltp_at"),
    [(TOUCHLINE, False, 180, 84), (DEPTH, False, 368, 272), (TOUCHLINE, True, 204, 92), (DEPTH, True, 432, 320)],
)
@pytest.mark.parametrize("packed", [False, True])
def test_packet_has_everything(code: int, wide: bool, size: int, ltp_at: int, packed: bool) -> None:
    message = packet(code, RELIANCE, QUOTE, wide=wide, packed=packed)
    (found,) = packets.packets(message)
    assert (found.code, found.place, len(found.body)) == (code, (1, 2885), size)
    assert struct.unpack_from("<d", found.body, ltp_at) == (101.25,)
    assert packets.decode(found, KEY, "jainamxts", AT) == Tick(
        key=KEY,
        received_ms=AT,
        source="jainamxts",
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
        depth=QUOTE.depth._replace(timestamp=QUOTE.at_s * 1000) if code == DEPTH else None,
    )


def test_packets_come_back_to_back() -> None:
    message = packet(TOUCHLINE, RELIANCE, QUOTE) + packet(DEPTH, RELIANCE, ToyQuote(ltp=5.0), packed=True)
    assert [tick.ltp for tick in _decoded(message) if tick is not None] == [101.25, 5.0]


@pytest.mark.parametrize("wide", [False, True])
def test_book_may_be_short_and_is_cut_at_five_levels(wide: bool) -> None:
    for levels, shown in ((1, 1), (7, 5)):
        quote = ToyQuote(ltp=5.0, depth=book(100.0, levels))
        (tick,) = _decoded(packet(DEPTH, RELIANCE, quote, wide=wide))
        assert tick is not None
        assert tick.depth is not None
        assert (len(tick.depth.buy), len(tick.depth.sell)) == (shown, shown)
        assert tick.ltp == 5.0


def test_an_index_has_no_bid_and_no_offer() -> None:
    quote = ToyQuote(ltp=5.0, depth=book(100.0)._replace(buy=(), sell=()))
    nifty = next(each for each in INSTRUMENTS if each.kind is InstrumentKind.INDEX)
    (found,) = packets.packets(packet(TOUCHLINE, nifty, quote))
    tick = packets.decode(found, nifty.key, "jainamxts", AT)
    assert tick is not None
    assert (tick.ltp, tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (5.0, None, None, None, None)


@pytest.mark.parametrize("wide", [False, True])
def test_a_side_without_orders_is_zero(wide: bool) -> None:
    quote = ToyQuote(ltp=5.0, depth=book(100.0)._replace(sell=()))
    for code in (TOUCHLINE, DEPTH):
        (tick,) = _decoded(packet(code, RELIANCE, quote, wide=wide))
        assert tick is not None
        assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 0.0, 0)


@pytest.mark.parametrize("code", [1105, 1507, 1510])
def test_other_codes_and_sizes_are_left_to_be_counted(code: int) -> None:
    message = bytearray(packet(TOUCHLINE, RELIANCE, QUOTE))
    struct.pack_into("<H", message, 1, code)
    assert _decoded(bytes(message)) == [None]
    struct.pack_into("<H", message, 1, TOUCHLINE)
    struct.pack_into("<H", message, 13, 200)
    assert _decoded(bytes(message[: 15 + 200])) == [None]


@pytest.mark.parametrize("count", [-1, -(2**31), 2**31 - 1])
def test_book_with_an_impossible_number_of_levels_is_left_to_be_counted(count: int) -> None:
    message = bytearray(packet(DEPTH, RELIANCE, QUOTE))
    struct.pack_into("<i", message, 15 + 40, count)
    assert _decoded(bytes(message)) == [None]


def test_packed_body_is_unpacked_no_further_than_it_says() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(bytes(40_000_000)) + packer.flush()
    head = struct.pack("<bHhihhHH", 1, DEPTH, 1, 2885, 1, 1, 500, len(bomb))
    tracemalloc.start()
    with pytest.raises(DecodeError, match="not of the size"):
        _decoded(head + bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("packed", [False, True])
def test_packet_that_is_cut_is_a_decode_error(packed: bool) -> None:
    message = packet(DEPTH, RELIANCE, QUOTE, packed=packed)
    for size in range(1, len(message)):
        with pytest.raises(DecodeError):
            _decoded(message[:size])


def test_packed_body_that_grows_beyond_its_size_is_refused() -> None:
    message = bytearray(packet(DEPTH, RELIANCE, QUOTE, packed=True))
    struct.pack_into("<H", message, 13, 100)
    with pytest.raises(DecodeError, match="not of the size"):
        _decoded(bytes(message))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_else(message: bytes) -> None:
    _quietly(message)


@settings(deadline=None)
@given(st.data(), st.booleans(), st.booleans())
def test_damaged_packets_raise_nothing_else(data: st.DataObject, wide: bool, packed: bool) -> None:
    message = bytearray(packet(DEPTH, RELIANCE, QUOTE, wide=wide, packed=packed))
    for _ in range(3):
        message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    _quietly(bytes(message))


def _quietly(message: bytes) -> None:
    try:
        ticks = _decoded(message)
    except DecodeError:
        return
    for tick in ticks:
        prices = (tick.ltp, tick.open, tick.bid_price, tick.average_price) if tick is not None else ()
        assert all(price is None or (price == price and abs(price) != float("inf")) for price in prices)
