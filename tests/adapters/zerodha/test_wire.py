"""Kite's packets: the official samples, what the official client reads, and whatever else may arrive."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zerodha import wire
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind
from market.ticks import Depth, Level, Tick
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_kite import frame, packet

INFY = InstrumentKey(Exchange.NSE, "INFY")
TOKEN = 408065


def _decoded(body: bytes) -> Tick:
    tick = wire.decode(body, INFY, 5.0)
    assert tick is not None
    return tick


@pytest.mark.recorded
def test_the_official_full_packet(recordings: Path) -> None:
    body = base64.b64decode((recordings / "kite/ticker_full.packet").read_text())
    expected = json.loads((recordings / "kite/ticker_full.json").read_text())
    tick = _decoded(body)
    assert wire.token_of(body) == expected["instrument_token"]
    assert (tick.ltp, tick.last_quantity, tick.average_price) == (1573.7, 7, 1570.37)
    assert (tick.volume, tick.total_buy_quantity, tick.total_sell_quantity) == (1192471, 256443, 363009)
    assert (tick.open, tick.high, tick.low, tick.close) == (1569.15, 1575.0, 1561.05, 1567.8)
    assert tick.timestamp == tick.ltt == 1625461887000
    assert tick.depth is not None
    for side, levels in (("buy", tick.depth.buy), ("sell", tick.depth.sell)):
        assert [level._asdict() for level in levels] == expected["depth"][side]
    assert (tick.bid_price, tick.bid_size) == (1573.4, 5)
    assert (tick.ask_price, tick.ask_size) == (1573.7, 172)
    assert tick.oi is None  # a share has none; the packet says 0


@pytest.mark.recorded
def test_the_official_quote_packet(recordings: Path) -> None:
    tick = _decoded(base64.b64decode((recordings / "kite/ticker_quote.packet").read_text()))
    assert (tick.ltp, tick.volume, tick.close) == (1573.15, 1175986, 1567.8)
    assert (tick.timestamp, tick.depth, tick.bid_price) == (None, None, None)


@pytest.mark.recorded
def test_a_frame_of_many_kinds(recordings: Path) -> None:
    vectors = json.loads((recordings / "kite/frames.json").read_text())["mixed"]
    expected = vectors["pykiteconnect_5_2_2_TZ_UTC"]
    bodies = wire.packets(bytes.fromhex(vectors["hex"]))
    assert [wire.token_of(body) for body in bodies] == [each["instrument_token"] for each in expected]
    ticks = [_decoded(body) for body in bodies]
    for tick, said in zip(ticks[:-1], expected[:-1], strict=True):
        assert tick.ltp == pytest.approx(said["last_price"])
        ohlc = said.get("ohlc", {})
        assert [getattr(tick, name) for name in ohlc] == pytest.approx(list(ohlc.values()))


@pytest.mark.recorded
def test_a_negative_price_is_negative_where_the_official_client_reads_it_as_huge(recordings: Path) -> None:
    vectors = json.loads((recordings / "kite/frames.json").read_text())["mixed"]
    assert vectors["pykiteconnect_5_2_2_TZ_UTC"][-1]["last_price"] == 42949635.33
    assert _decoded(wire.packets(bytes.fromhex(vectors["hex"]))[-1]).ltp == -37.63


@pytest.mark.recorded
def test_prices_of_nse_commodities_have_four_decimals(recordings: Path) -> None:
    for token, (raw, price) in json.loads((recordings / "kite/frames.json").read_text())["nco_raw"]["pairs"].items():
        assert _decoded(int(token).to_bytes(4, "big") + raw.to_bytes(4, "big")).ltp == price


@pytest.mark.recorded
def test_a_packet_of_a_length_of_long_ago_is_skipped(recordings: Path) -> None:
    vectors = json.loads((recordings / "kite/frames.json").read_text())["legacy_v1"]
    bodies = wire.packets(bytes.fromhex(vectors["hex"]) + b"\x00")  # the last byte was lost where it was published
    assert [len(body) for body in bodies] == [164]
    assert wire.decode(bodies[0], INFY, 0.0) is None


@pytest.mark.parametrize(
    ("segment", "ltp"), [(1, 83.45), (2, 83.45), (3, 83.4525), (6, 83.4525), (7, 83.45), (12, 83.4525)]
)
def test_the_segment_says_how_prices_are_written(segment: int, ltp: float) -> None:
    assert _decoded(packet((1001 << 8) | segment, "ltp", ToyQuote(ltp=ltp))).ltp == pytest.approx(ltp)


def test_an_index_has_its_own_order_of_fields() -> None:
    quote = ToyQuote(ltp=100.0, open=1.0, high=2.0, low=3.0, close=4.0, at_s=77)
    tick = _decoded(packet(256265, "full", quote, InstrumentKind.INDEX))
    assert (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.timestamp) == (100.0, 1.0, 2.0, 3.0, 4.0, 77000)
    assert (tick.volume, tick.oi, tick.depth) == (None, None, None)
    untimed = _decoded(packet(256265, "quote", quote, InstrumentKind.INDEX))
    assert untimed == tick._replace(timestamp=None)


def test_zeros_before_the_open_are_unknown() -> None:
    nothing = Depth((), ())
    quote = ToyQuote(ltp=0, average=0, volume=0, open=0, high=0, low=0, close=0, traded_s=0, at_s=0, depth=nothing)
    tick = _decoded(packet(TOKEN, "full", quote))
    prices = (tick.ltp, tick.open, tick.high, tick.low, tick.close, tick.average_price)
    assert prices == (None,) * 6
    assert (tick.ltt, tick.timestamp) == (None, None)
    assert (tick.bid_price, tick.ask_price, tick.bid_size, tick.ask_size) == (0.0, 0.0, 0, 0)
    assert (tick.volume, tick.depth) == (0, Depth((), ()))


def test_a_short_book_has_only_its_own_levels() -> None:
    depth = Depth(book(100.0).buy[:2], ())
    tick = _decoded(packet(TOKEN, "full", ToyQuote(ltp=100.0, depth=depth, at_s=9)))
    assert tick.depth == Depth((Level(99.95, 10, 1), Level(99.9, 20, 2)), (), 9000)
    assert (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size) == (99.95, 10, 0.0, 0)


def test_open_interest_is_told_of_contracts_alone() -> None:
    quote = ToyQuote(ltp=1.0, oi=777)
    assert _decoded(packet((5 << 8) | 2, "full", quote)).oi == 777
    assert _decoded(packet((5 << 8) | 4, "full", quote)).oi is None


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01", frame(b"12345678")[:-1], b"\x00\x02" + frame(b"12345678")[2:], b"\x00\x01\x00"]
)
def test_a_frame_that_ends_too_soon_means_nothing(body: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.packets(body)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_packets_or_a_decode_error(body: bytes) -> None:
    try:
        found = wire.packets(body)
    except DecodeError:
        return
    for each in found:
        wire.decode(each, INFY, 0.0)


@given(st.binary(min_size=184, max_size=184))
def test_any_184_bytes_can_be_read(body: bytes) -> None:
    tick = _decoded(body)
    assert tick.depth is not None
    assert all(level.quantity for level in (*tick.depth.buy, *tick.depth.sell))


@given(st.binary(max_size=60))
def test_arbitrary_text_is_a_message_or_a_decode_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert isinstance(wire.decode_text(body).type, str)
