"""Packets of the market feed: real ones, what may arrive instead, and what is said."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dhan import wire
from adapters.dhan.segments import Listing, listing_of, place_of
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind
from market.ticks import Depth, Level, Tick
from tests.adapters.dhan.bench import INSTRUMENTS, instrument
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_dhan import disconnection, open_interest, packet, previous_close

HDFC, _, FUTURE, NIFTY = INSTRUMENTS[:4]
USDINR = INSTRUMENTS[6]


def _decoded(body: bytes, what: Instrument = HDFC) -> Tick:
    _, end, place = wire.header(body, 0)
    assert (end, place) == (len(body), place_of(what))
    tick = wire.decode(body, 0, listing_of(what), 5.0)
    assert tick is not None
    return tick


def _vectors(recordings: Path) -> dict[str, Any]:
    found = json.loads((recordings / "dhan/packets.json").read_text())["packets"]
    return {each["name"]: each for each in found}


def _share(security: int) -> Instrument:
    return instrument(Exchange.NSE, "X", security)


def _option(security: int) -> Instrument:
    return instrument(Exchange.NFO, "X29DEC26FUT", security, InstrumentKind.FUTURE)


@pytest.mark.recorded
def test_real_tickers(recordings: Path) -> None:
    for name in ("ticker 383", "ticker 383 next", "ticker 1333 after close"):
        vector = _vectors(recordings)[name]
        tick = _decoded(bytes.fromhex(vector["hex"]), _share(vector["decoded"]["sid"]))
        assert f"{tick.ltp:.2f}" == vector["decoded"]["ltp"]
        assert tick.ltp == float(vector["decoded"]["ltp"])  # the number itself, not the nearest one of 32 bits
        assert tick.ltt is not None
        assert _ist_time(tick.ltt) == vector["decoded"]["ltt_ist"]
        assert tick == Tick(tick.key, 5.0, "dhan", tick.ltp, None, tick.ltt)


@pytest.mark.recorded
def test_real_open_interest_and_previous_close(recordings: Path) -> None:
    vectors = _vectors(recordings)
    tick = _decoded(bytes.fromhex(vectors["oi 40472"]["hex"]), _option(40472))
    assert tick == Tick(tick.key, 5.0, "dhan", oi=11_760_060)
    tick = _decoded(bytes.fromhex(vectors["prev close 1333"]["hex"]), _share(1333))
    assert tick == Tick(tick.key, 5.0, "dhan", close=1691.2)


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["quote 40472", "full 40472"])
def test_real_quote_and_full_packets(recordings: Path, name: str) -> None:
    vector = _vectors(recordings)[name]
    said = vector["decoded"]
    tick = _decoded(bytes.fromhex(vector["hex"]), _option(40472))
    for ours, theirs in (("ltp", "ltp"), ("average_price", "atp"), ("open", "open"), ("high", "high"), ("low", "low")):
        assert getattr(tick, ours) == float(said[theirs])
    assert tick.close == float(said["close"])
    assert (tick.last_quantity, tick.volume) == (said["ltq"], said["volume"])
    assert (tick.total_buy_quantity, tick.total_sell_quantity) == (said["total_buy"], said["total_sell"])
    assert tick.ltt is not None
    assert _ist_time(tick.ltt) == said["ltt_ist"]
    if "depth" not in said:
        assert (tick.depth, tick.oi) == (None, None)
        return
    assert tick.oi == said["oi"]
    assert tick.depth is not None
    assert [(each.price, each.quantity, each.orders) for each in tick.depth.buy] == [
        (float(row["bid"]), row["bid_qty"], row["bid_orders"]) for row in said["depth"]
    ]
    assert [(each.price, each.quantity, each.orders) for each in tick.depth.sell] == [
        (float(row["ask"]), row["ask_qty"], row["ask_orders"]) for row in said["depth"]
    ]
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (48.05, 130, 48.10, 1885)


def _ist_time(at_ms: int) -> str:
    """The clock in India at `at_ms`, true UTC."""
    seconds = (at_ms // 1000 + wire.IST_S) % 86_400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@pytest.mark.recorded
def test_a_disconnection_has_its_reason(recordings: Path) -> None:
    body = bytes.fromhex(_vectors(recordings)["disconnect 805"]["hex"])
    assert wire.header(body, 0)[0] == wire.DISCONNECTION
    assert wire.reason_in(body, 0) == 805
    assert disconnection(805) == body


@pytest.mark.parametrize(
    ("ltp", "tick_size"),
    [
        (1762.3, 0.05),
        (25_012.15, 0.05),
        (99_999.95, 0.05),
        (131_071.99, 0.01),
        (145_350.15, 0.05),
        (200_000.15, 0.05),
        (262_143.95, 0.05),
        (83.4525, 0.0025),
        (0.05, 0.05),
        (0.0025, 0.0025),
        (151_234.0, 1.0),
    ],
)
def test_prices_of_32_bits_become_what_they_were(ltp: float, tick_size: float) -> None:
    what = instrument(Exchange.NSE, "X", 5, tick_size=tick_size)
    quote = ToyQuote(ltp=ltp, open=ltp, depth=Depth((Level(ltp, 1, 1),), ()))
    assert struct.unpack("<f", struct.pack("<f", ltp))[0] != ltp or ltp == 151_234.0
    assert _decoded(packet(what, 15, quote), what).ltp == ltp
    tick = _decoded(packet(what, 21, quote), what)
    assert tick.depth is not None
    assert (tick.ltp, tick.open, tick.depth.buy[0].price) == (ltp, ltp, ltp)
    assert _decoded(previous_close(what, ltp), what).close == ltp


def test_an_index_has_prices_alone() -> None:
    quote = ToyQuote(ltp=25_012.37)
    tick = _decoded(packet(NIFTY, 17, quote), NIFTY)
    assert (tick.ltp, tick.open, tick.high, tick.low) == (25_012.37, 99.0, 110.0, 95.0)
    assert tick.ltt == quote.traded_s * 1000
    assert (tick.volume, tick.average_price, tick.last_quantity, tick.total_buy_quantity) == (None,) * 4


def test_zeros_before_the_open_are_unknown() -> None:
    prices = {"ltp": 0, "average": 0, "open": 0, "high": 0, "low": 0, "close": 0}
    quote = ToyQuote(**prices, volume=0, traded_s=0, oi=0, depth=Depth((), ()))  # type: ignore[arg-type]
    for code in (17, 21):
        tick = _decoded(packet(HDFC, code, quote))
        assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price, tick.ltt) == (None,) * 7
        assert tick.volume == 0
    assert (tick.depth, tick.bid_price, tick.ask_size) == (Depth((), ()), 0.0, 0), "an empty book is known to be so"


def test_a_short_book_has_only_its_own_levels() -> None:
    quote = ToyQuote(ltp=100.0, depth=Depth(book(100.0).buy[:2], ()))
    tick = _decoded(packet(HDFC, 21, quote))
    assert tick.depth == Depth((Level(99.95, 10, 1), Level(99.9, 20, 2)), ())
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 0.0, 0)
    no_bids = _decoded(packet(HDFC, 21, ToyQuote(ltp=100.0, depth=Depth((), book(100.0).sell))))
    assert (no_bids.bid_price, no_bids.bid_size, no_bids.ask_price, no_bids.ask_size) == (0.0, 0, 100.05, 20)


def test_an_order_at_any_price_is_no_offer() -> None:
    """Before the open such orders wait with price 0, on top of the sellers and at the bottom of the buyers."""
    buy, sell = book(100.0)[:2]
    depth = Depth((*buy[:4], Level(0.0, 50, 1)), (Level(0.0, 70, 1), *sell[:4]))
    tick = _decoded(packet(HDFC, 21, ToyQuote(ltp=100.0, depth=depth)))
    assert tick.depth == Depth(buy[:4], sell[:4])
    assert tick.ask_price == 100.05


def test_the_last_quantity_wraps_where_the_wire_has_16_bits() -> None:
    assert _decoded(packet(HDFC, 21, ToyQuote(ltp=1.0, last_quantity=70_000))).last_quantity == 70_000 - 65_536


def test_prices_below_zero_stay_so() -> None:
    assert _decoded(packet(HDFC, 15, ToyQuote(ltp=-37.63))).ltp == -37.63


@pytest.mark.parametrize(
    ("at", "size"), [(8, 16), (18, 162), (46, 162), (74, 162), (114, 162), (158, 162), (8, 50), (38, 50)]
)
def test_a_price_that_is_not_a_number_means_nothing(at: int, size: int) -> None:
    code = {16: 15, 50: 17, 162: 21}[size]
    for value in (float("nan"), float("inf"), float("-inf")):
        body = bytearray(packet(HDFC, code, ToyQuote(ltp=100.0)))
        struct.pack_into("<f", body, at, value)
        with pytest.raises(DecodeError):
            wire.decode(bytes(body), 0, listing_of(HDFC), 0.0)
    body = bytearray(previous_close(HDFC, 5.0))
    struct.pack_into("<f", body, 8, float("nan"))
    with pytest.raises(DecodeError):
        wire.decode(bytes(body), 0, listing_of(HDFC), 0.0)


def test_messages_name_segments_and_securities() -> None:
    assert json.loads(wire.encode(wire.FULL, [place_of(HDFC), place_of(NIFTY)])) == {
        "RequestCode": 21,
        "InstrumentCount": 2,
        "InstrumentList": [
            {"ExchangeSegment": "NSE_EQ", "SecurityId": "1333"},
            {"ExchangeSegment": "IDX_I", "SecurityId": "13"},
        ],
    }


@pytest.mark.parametrize("what", INSTRUMENTS, ids=lambda each: str(each.key))
def test_every_segment_is_read_as_it_is_asked_for(what: Instrument) -> None:
    tick = _decoded(packet(what, 15, ToyQuote(ltp=101.25)), what)
    assert (tick.key, tick.ltp) == (what.key, 101.25)


_LISTINGS = st.sampled_from([listing_of(HDFC), listing_of(NIFTY), listing_of(USDINR)])


@given(st.binary(max_size=200), _LISTINGS)
def test_arbitrary_bytes_are_packets_or_a_decode_error(body: bytes, listing: Listing) -> None:
    with contextlib.suppress(DecodeError):
        wire.header(body, 0)
        wire.decode(body, 0, listing, 0.0)


_SIZES = st.sampled_from([(2, 16), (4, 50), (5, 12), (6, 16), (8, 162)])


@given(_SIZES, st.binary(min_size=154, max_size=154), _LISTINGS)
def test_any_bytes_of_a_known_code_can_be_read(kind: tuple[int, int], rest: bytes, listing: Listing) -> None:
    code, size = kind
    body = struct.pack("<BHBI", code, size, 1, 5) + rest[: size - 8]
    with contextlib.suppress(DecodeError):
        tick = wire.decode(body, 0, listing, 0.0)
        assert tick is not None
        if tick.depth is not None:
            assert all(level.quantity for level in (*tick.depth.buy, *tick.depth.sell))


@given(st.integers(0, 162 * 8 - 1), st.integers(0, 162))
def test_a_real_packet_cut_or_with_a_flipped_bit_is_read_or_refused(bit: int, size: int) -> None:
    body = bytearray(packet(HDFC, 21, ToyQuote(ltp=100.0)))
    body[bit // 8] ^= 1 << bit % 8
    for each in (bytes(body), bytes(body[:size])):
        with contextlib.suppress(DecodeError):
            wire.header(each, 0)
            wire.decode(each, 0, listing_of(HDFC), 0.0)


def test_open_interest_alone() -> None:
    assert _decoded(open_interest(FUTURE, 777), FUTURE).oi == 777
