from __future__ import annotations

import json
from typing import Any

import pytest

from market.exchanges import Exchange
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Depth, Level
from proxy.payloads import data_of, encode_tick, is_worth_sending
from proxy.registry import Channel
from tests.doubles.ticks import full_tick, tick_of

LTP, QUOTE, DEPTH5 = Channel(Mode.LTP), Channel(Mode.QUOTE), Channel(Mode.DEPTH, 5)
QUOTE_FIELDS = {
    "open", "high", "low", "close", "last_trade_quantity", "last_quantity", "average_price", "avg_trade_price",
    "change", "change_percent", "oi", "total_buy_quantity", "total_sell_quantity", "bid_price", "ask_price",
    "bid_size", "ask_size",
}  # fmt: skip


def decoded(*args: Any, **kwargs: Any) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(encode_tick(*args, **kwargs))
    return frame


def test_envelope_has_the_key_order_that_text_searching_clients_need() -> None:
    raw = encode_tick(full_tick(), QUOTE, Freshness.LIVE, 0.0).decode()
    frame = json.loads(raw)
    assert list(frame) == ["type", "symbol", "exchange", "mode", "data", "broker"]
    assert (frame["mode"], frame["broker"]) == (2, "fake")
    assert raw.index('"symbol":"SBIN"') < raw.index('"data":') < raw.index('"ltp":812.35')


def test_each_mode_carries_its_minimum_fields_and_no_depth_below_depth() -> None:
    ltp, quote, depth = (data_of(full_tick(), channel) for channel in (LTP, QUOTE, DEPTH5))
    assert set(ltp) == {"symbol", "exchange", "ltp", "timestamp", "ltt", "volume"}
    assert set(quote) >= QUOTE_FIELDS | set(ltp)
    assert "depth" not in quote
    assert set(depth) >= set(quote) | {"depth", "depth_level", "bids", "asks"}


def test_values_and_both_spellings() -> None:
    data = data_of(full_tick(), QUOTE)
    assert data["last_trade_quantity"] == data["last_quantity"] == 25
    assert data["average_price"] == data["avg_trade_price"] == 809.42
    assert data["change"] == 7.45
    assert data["change_percent"] == pytest.approx(0.9256, abs=1e-4)


def test_depth_is_cut_to_the_levels_of_the_channel() -> None:
    for levels in (5, 20):
        data = data_of(full_tick(), Channel(Mode.DEPTH, levels))
        assert len(data["depth"]["buy"]) == len(data["depth"]["sell"]) == data["depth_level"] == levels
    assert data["depth"]["buy"][0] == {"price": 812.3, "quantity": 100, "orders": 3}
    assert data["bids"] == data["depth"]["buy"]


def test_numbers_that_clients_read_as_integers_are_integers() -> None:
    data = data_of(full_tick(volume=4_102_233.0, last_quantity=25.0), DEPTH5)
    for name in ("timestamp", "ltt", "volume", "last_quantity", "oi", "bid_size", "total_buy_quantity"):
        assert type(data[name]) is int, name
    assert type(data["depth"]["buy"][0]["quantity"]) is int


def test_fractions_of_a_crypto_exchange_are_kept_but_volume_stays_whole() -> None:
    key = InstrumentKey(Exchange.CRYPTO, "BTCUSDT")
    depth = Depth((Level(86_704.77, 4.67805),), ())
    data = data_of(full_tick(key, volume=1234.5678, bid_size=0.00224, depth=depth), DEPTH5)
    assert data["volume"] == 1234
    assert data["bid_size"] == 0.00224
    assert data["depth"]["buy"][0]["quantity"] == 4.67805


def test_unknown_ltp_is_left_out_and_not_sent_to_ltp_holders() -> None:
    tick = tick_of(ltp=None, bid_price=1.0)
    assert "ltp" not in data_of(tick, QUOTE)
    assert not is_worth_sending(tick, Mode.LTP)
    assert is_worth_sending(tick, Mode.QUOTE)
    assert not is_worth_sending(tick_of(ltp=None), Mode.DEPTH)


def test_unknown_exchange_time_is_the_time_of_receipt() -> None:
    data = data_of(tick_of(received_ms=1_000.9), LTP)
    assert data["timestamp"] == data["ltt"] == 1_000


def test_extra_fields_pass_through_but_never_replace_ours() -> None:
    tick = tick_of(extra={"token": "NSE_EQ|X", "ltp": "fake", "symbol": "OTHER"})
    data = data_of(tick, QUOTE)
    assert data["token"] == "NSE_EQ|X"
    assert (data["ltp"], data["symbol"]) == (812.35, "SBIN")
    assert "token" not in data_of(tick, LTP)


def test_freshness_travels_with_the_data() -> None:
    frame = decoded(tick_of(received_ms=1_000.0), LTP, Freshness.SIMULATED, 1_007.5)
    assert (frame["data"]["age_ms"], frame["data"]["state"]) == (7, "simulated")
    assert "snapshot" not in frame["data"]
    assert decoded(tick_of(), LTP, Freshness.LIVE, 0.0, is_snapshot=True)["data"]["snapshot"] is True
