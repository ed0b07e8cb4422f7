from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import bus_messages
from adapters.zmq import wire
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Level, Tick
from proxy.payloads import data_of
from proxy.registry import Channel
from tests.doubles.ticks import full_tick


def decoded(topic: str, **data: Any) -> Tick:
    return wire.decode([topic.encode(), json.dumps(data).encode()], "zmq", 5.0)


@pytest.mark.parametrize(
    ("topic", "exchange", "symbol", "mode"),
    [
        ("NSE_SBIN_QUOTE", "NSE", "SBIN", Mode.QUOTE),
        ("NSE_INDEX_NIFTY_LTP", "NSE_INDEX", "NIFTY", Mode.LTP),
        ("NSEIX_INDEX_GIFTNIFTY_LTP", "NSEIX_INDEX", "GIFTNIFTY", Mode.LTP),
        ("GLOBAL_INDEX_US30_ltp", "GLOBAL_INDEX", "US30", Mode.LTP),
        ("CRYPTO_SOL_INR_LTP", "CRYPTO", "SOL_INR", Mode.LTP),
        ("NSE_BAJAJ-AUTO_DEPTH", "NSE", "BAJAJ-AUTO", Mode.DEPTH),
        ("NSE_M&M_LTP", "NSE", "M&M", Mode.LTP),
        ("NSE_TCS:50_DEPTH", "NSE", "TCS:50", Mode.DEPTH),
        ("NFO_VEDL25APR24292.5CE_QUOTE", "NFO", "VEDL25APR24292.5CE", Mode.QUOTE),
    ],
)
def test_parse_topic(topic: str, exchange: str, symbol: str, mode: Mode) -> None:
    assert wire.parse_topic(topic.encode()) == (InstrumentKey(Exchange(exchange), symbol), mode)


@given(
    st.sampled_from(list(Exchange)),
    st.from_regex(r"[A-Z0-9][A-Z0-9&\-_.]{0,20}", fullmatch=True),
    st.sampled_from(Mode),
)
def test_every_topic_of_every_exchange_parses_back(exchange: Exchange, symbol: str, mode: Mode) -> None:
    if symbol.startswith("INDEX_") and exchange in ("NSE", "BSE", "MCX"):
        return
    topic = f"{exchange.value}_{symbol}_{mode.name}".encode()
    assert wire.parse_topic(topic) == (InstrumentKey(exchange, symbol), mode)


@pytest.mark.parametrize(
    "topic", [b"", b"NSE", b"NSE_SBIN", b"NSE__LTP", b"MARS_X_LTP", b"NSE_A B_LTP", b"\xff_\xfe_LTP"]
)
def test_parse_topic_bad(topic: bytes) -> None:
    with pytest.raises(DecodeError):
        wire.parse_topic(topic)


@pytest.mark.parametrize("topic", ["CACHE_INVALIDATE_ALL_trader1", "SIMFEED_trader1_orders", "deltaexchange_positions"])
def test_private_traffic_is_recognised(topic: str) -> None:
    assert wire.is_private(topic.encode())


@pytest.mark.parametrize(
    "frames",
    [[], [b"NSE_SBIN_LTP"], [b"NSE_SBIN_LTP", b"{}", b""], [b"NSE_SBIN_LTP", b"[1]"], [b"NSE_SBIN_LTP", b"\xff"],
     [b"NSE_SBIN_LTP", b"{" + b" " * bus_messages.MAX_PAYLOAD_BYTES + b"}"]],
)  # fmt: skip
def test_decode_bad_message(frames: list[bytes]) -> None:
    with pytest.raises(DecodeError):
        wire.decode(frames, "zmq", 0.0)


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_decode_any_bytes_is_a_tick_or_a_decode_error(frames: list[bytes]) -> None:
    try:
        assert isinstance(wire.decode(frames, "zmq", 0.0), Tick)
    except DecodeError as error:
        assert str(error)


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(
    st.dictionaries(
        st.sampled_from(sorted(bus_messages._KNOWN)), VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES)
    )
)
def test_values_of_any_type_never_break_a_tick(data: dict[str, Any]) -> None:
    tick = decoded("NSE_SBIN_DEPTH", **data)
    assert isinstance(data_of(tick, Channel(Mode.DEPTH, 5)), dict)


def test_spellings_of_different_adapters_mean_the_same() -> None:
    for name in ("last_trade_quantity", "last_quantity", "ltq", "last_traded_quantity"):
        assert decoded("NSE_SBIN_QUOTE", **{name: 25}).last_quantity == 25
    for name in ("average_price", "avg_trade_price", "avg_price", "atp"):
        assert decoded("NSE_SBIN_QUOTE", **{name: 809.42}).average_price == 809.42
    for name in ("bid_size", "bid_qty", "bid_quantity", "best_bid_quantity"):
        assert decoded("NSE_SBIN_QUOTE", **{name: 3}).bid_size == 3


def test_times_in_seconds_become_milliseconds_and_text_is_left_alone() -> None:
    tick = decoded("NSE_SBIN_LTP", ltp=1.0, timestamp=1_767_072_600, ltt="14:59:58")
    assert (tick.timestamp, tick.ltt) == (1_767_072_600_000, None)
    assert decoded("NSE_SBIN_LTP", timestamp=1_767_072_600_123).timestamp == 1_767_072_600_123


def test_zero_prices_of_the_day_are_unknown_but_a_zero_ltp_is_what_was_sent() -> None:
    tick = decoded("NSE_SBIN_QUOTE", ltp=0, open=0, high=0, low=0, close=0, volume=0)
    assert (tick.ltp, tick.open, tick.close, tick.volume) == (0.0, None, None, 0)


def test_depth_drops_padding_and_keeps_orders() -> None:
    rows = [{"price": 812.3, "quantity": 340, "orders": 3}, {"price": 0, "quantity": 0}, "junk"]
    tick = decoded("NSE_SBIN_DEPTH", depth={"buy": rows, "sell": None})
    assert tick.depth is not None
    assert tick.depth.buy == (Level(812.3, 340, 3),)
    assert tick.depth.sell == ()


def test_unknown_fields_travel_and_an_envelope_is_unwrapped() -> None:
    assert decoded("NSE_SBIN_QUOTE", ltp=1.0, token="X|1", is_50_depth=True).extra == {
        "token": "X|1",
        "is_50_depth": True,
    }
    assert decoded("NSE_SBIN_LTP", type="market_data", data={"ltp": 5.0}).ltp == 5.0


def test_what_our_own_server_sends_decodes_to_the_same_tick() -> None:
    tick = full_tick()._replace(source="zmq", received_ms=5.0)
    data = data_of(tick, Channel(Mode.DEPTH, 20))
    again = decoded("NSE_SBIN_DEPTH", **data)
    assert again._replace(extra=None) == tick


@pytest.mark.recorded
def test_recorded_bus_messages_decode(recordings: Path) -> None:
    lines = (recordings / "openalgo" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    messages = [m for m in map(json.loads, lines) if m["kind"] == "zmq"]
    assert len(messages) >= 9
    seen = 0
    for message in messages:
        topic, payload = (frame.encode() for frame in message["frames"])
        if wire.is_private(topic):
            continue
        tick, sent = wire.decode([topic, payload], "zmq", 0.0), json.loads(payload)
        assert tick.ltp == sent["ltp"], message["name"]
        seen += 1
    assert seen >= 6
