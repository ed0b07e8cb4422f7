"""The wire: every shape that Binance sends decodes, and nothing else gets through as anything but a DecodeError."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance import events, wire
from adapters.binance.wire import decode
from market.errors import DecodeError
from tests.doubles.cryptofeed_capture import read_frames

AGG_TRADE = (
    b'{"e":"aggTrade","E":1633998534486,"s":"LRCBTC","a":9213679,"p":"0.00000638","q":"177.00000000",'
    b'"f":12368013,"l":12368013,"T":1633998534480,"m":false,"M":true}'
)
BOOK_TICKER = b'{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}'
PARTIAL = b'{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"],["0.0027","5"]]}'
DIFF = b'{"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","0.00000000"]],"a":[]}'
KLINE = (
    b'{"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,"s":"BNBBTC","i":"1m",'
    b'"f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,'
    b'"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}'
)
FRAMES = [AGG_TRADE, BOOK_TICKER, DIFF, KLINE, b'{"result":null,"id":7}', b'{"error":{"code":2,"msg":"no"},"id":null}']


def combined(stream: str, data: bytes) -> bytes:
    return b'{"stream":"' + stream.encode() + b'","data":' + data + b"}"


@pytest.mark.parametrize("frame", [AGG_TRADE, combined("lrcbtc@aggTrade", AGG_TRADE)])
def test_agg_trade_raw_and_combined(frame: bytes) -> None:
    assert decode(frame) == events.AggTrade("LRCBTC", 0.00000638, 177.0, 1633998534486, 1633998534480)


@pytest.mark.parametrize("frame", [BOOK_TICKER, combined("bnbusdt@bookTicker", BOOK_TICKER)])
def test_book_ticker_without_an_event_name(frame: bytes) -> None:
    assert decode(frame) == events.BookTicker(400900217, "BNBUSDT", 25.3519, 31.21, 25.3652, 40.66)


def test_depth_diff_keeps_deletions() -> None:
    assert decode(combined("bnbbtc@depth", DIFF)) == events.DepthDiff(
        "BNBBTC", 1672515782136, 157, 160, [(0.0024, 0.0)], []
    )


def test_partial_depth_takes_its_symbol_from_the_stream() -> None:
    expected = events.PartialDepth(160, [(0.0024, 10.0)], [(0.0026, 100.0), (0.0027, 5.0)], "BNBBTC")
    assert decode(combined("bnbbtc@depth20@100ms", PARTIAL)) == expected
    assert decode(PARTIAL, stream="bnbbtc@depth5") == expected


def test_partial_depth_of_no_stream_is_an_error() -> None:
    with pytest.raises(DecodeError, match="without a stream name"):
        decode(PARTIAL)


def test_kline_carries_its_candle() -> None:
    event = decode(combined("bnbbtc@kline_1m", KLINE))
    assert isinstance(event, events.Kline)
    assert event.candle == events.KlineFields(1672515780000, "1m", 0.001, 0.0025, 0.0015, 0.002, 1000.0, False)


def test_replies_and_notices() -> None:
    assert decode(b'{"result":null,"id":7}') == events.Ack(7)
    assert decode(b'{"error":{"code":2,"msg":"no"},"id":20}') == events.Refusal(20, 2, "no")
    assert decode(b'{"error":{"code":2,"msg":"no"},"id":null}') == events.Refusal(None, 2, "no")
    assert decode(b'{"e":"serverShutdown","E":1770123456789}') == events.ServerShutdown(1770123456789)


def test_unknown_events_and_streams_are_named() -> None:
    assert decode(b'{"e":"novelty","E":1}') == events.Unknown("novelty")
    assert decode(combined("btcusdt@novelty", b'{"x":1}')) == events.Unknown("novelty")


def test_spaces_and_other_orders_of_fields_are_accepted() -> None:
    plain = json.loads(combined("lrcbtc@aggTrade", AGG_TRADE))
    turned = {"data": dict(reversed(plain["data"].items())), "stream": plain["stream"]}
    expected = decode(combined("lrcbtc@aggTrade", AGG_TRADE))
    assert decode(json.dumps(plain, indent=1).encode()) == expected
    assert decode(json.dumps(turned).encode()) == expected


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"result":' + b"[" * 100_000,
        combined("lrcbtc@aggTrade", AGG_TRADE)[:-9],
        combined("lrcbtc@aggTrade", BOOK_TICKER),
        combined("lrcbtc@aggTrade", AGG_TRADE.replace(b"0.00000638", b"nan")),
        combined("lrcbtc@aggTrade", AGG_TRADE.replace(b"0.00000638", b"inf")),
        combined("lrcbtc@aggTrade", AGG_TRADE.replace(b"0.00000638", b"-1")),
        combined("lrcbtc@aggTrade", AGG_TRADE.replace(b"1633998534480", b"99999999999999999")),
    ],
)
def test_nonsense_is_a_decode_error(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(frame)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_decode_or_raise_a_decode_error(frame: bytes) -> None:
    _decode_or_refuse(frame)


@given(st.sampled_from(FRAMES), st.booleans(), st.integers(0, 250), st.binary(max_size=4))
def test_damaged_frames_decode_or_raise_a_decode_error(data: bytes, wrap: bool, at: int, patch: bytes) -> None:
    frame = combined("bnbbtc@aggTrade", data) if wrap else data
    _decode_or_refuse(frame[:at] + patch + frame[at + len(patch) :])


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.dictionaries(st.text(), c)))
def test_any_json_decodes_or_raises_a_decode_error(value: object) -> None:
    _decode_or_refuse(json.dumps({"stream": "btcusdt@ticker", "data": value}).encode())
    _decode_or_refuse(json.dumps({"stream": "btcusdt@depth5", "data": value}).encode())
    _decode_or_refuse(json.dumps({"e": value, "u": 1, "id": value}).encode())


@given(st.decimals(0, 10**9, places=8))
def test_prices_are_the_nearest_float_of_their_text(price: object) -> None:
    event = decode(AGG_TRADE.replace(b"0.00000638", f"{price:f}".encode()))
    assert isinstance(event, events.AggTrade)
    assert event.price == float(f"{price:f}")


def test_memory_of_stream_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_MOST_STREAMS", 8)
    for number in range(100):
        decode(combined(f"s{number}@bookTicker", BOOK_TICKER))
    assert len(wire._decoders) <= 8


@pytest.mark.recorded
def test_every_current_shape_decodes(recordings: Path) -> None:
    lines = (recordings / "binance" / "live_2026-09.jsonl").read_bytes().splitlines()
    decoded = [decode(line) for line in lines if line.startswith(b"{")]
    assert Counter(type(event).__name__ for event in decoded) == {
        "Ack": 1,
        "Refusal": 1,
        "PartialDepth": 2,
        "DepthDiff": 2,
        "BookTicker": 2,
        "Ticker": 2,
        "MiniTicker": 1,
        "AggTrade": 1,
        "Trade": 1,
        "Unknown": 1,
    }
    ticker = next(event for event in decoded if isinstance(event, events.Ticker))
    assert (ticker.last, ticker.before, ticker.volume) == (115831.96, 115853.45, 6348.13563)


@pytest.mark.recorded
def test_every_recorded_frame_decodes_to_what_it_says(recordings: Path) -> None:
    frames = read_frames(recordings / "binance" / "BINANCE.ws.1.0")
    assert len(frames) == 265
    for frame in frames:
        said, event = json.loads(frame.body)["data"], decode(frame.body)
        assert event.symbol == said["s"]  # type: ignore[union-attr]
        if isinstance(event, events.DepthDiff):
            assert (event.first_id, event.last_id) == (said["U"], said["u"])
            assert event.bids == [(float(price), float(quantity)) for price, quantity in said["b"]]
            assert event.asks == [(float(price), float(quantity)) for price, quantity in said["a"]]
        elif isinstance(event, events.BookTicker):
            assert (event.bid_price, event.ask_size) == (float(said["b"]), float(said["A"]))


def _decode_or_refuse(frame: bytes) -> None:
    try:
        event = decode(frame)
    except DecodeError:
        return
    if isinstance(event, events.AggTrade):
        assert math.isfinite(event.price)
