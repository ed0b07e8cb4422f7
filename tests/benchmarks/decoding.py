"""Bytes of a feed to values: Binance's trades and the messages of the bus, against `json.loads` and a few lookups."""

from __future__ import annotations

import json
from typing import Any

from adapters.binance import wire as binance
from adapters.zmq import wire as bus
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.benchmarks.workload import quote_message, topics

_TRADE = (
    b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1767072600123,"s":"BTCUSDT","a":3698471321,'
    b'"p":"88120.%02d000000","q":"0.00057000","f":5659102143,"l":5659102143,"T":1767072600122,"m":false,"M":true}}'
)


def run(*, quick: bool) -> list[Row]:
    """Measure both decoders."""
    count, seconds = 200, 0.02 if quick else 1.0
    trades = [_TRADE % (number % 100) for number in range(count)]
    messages = [(topics()[number % 100], quote_message(number)) for number in range(count)]
    events = [binance.decode(trade) for trade in trades]
    ticks = [bus.decode(message, "zmq", 0.0) for message in messages]
    trade_us = best_us(lambda: [binance.decode(trade) for trade in trades], count, seconds=seconds)
    return [
        Row(
            benchmark="decoding",
            what="Binance aggTrade, bytes to event",
            measured=trade_us,
            unit="µs",
            baseline=best_us(lambda: [_plain_trade(trade) for trade in trades], count, seconds=seconds),
            baseline_what="json.loads and lookups",
            budget="≤ 2 µs",
            met=trade_us <= 2,
            facts={"delivered": len({event.price for event in events}), "expected": 100},  # type: ignore[union-attr]
        ),
        Row(
            benchmark="decoding",
            what="a Quote on the bus, bytes to tick",
            measured=best_us(lambda: [bus.decode(message, "zmq", 0.0) for message in messages], count, seconds=seconds),
            unit="µs",
            baseline=best_us(lambda: [_plain_quote(message) for message in messages], count, seconds=seconds),
            baseline_what="json.loads and topic split",
            facts={"delivered": len({tick.volume for tick in ticks}), "expected": count},
        ),
    ]


def _plain_trade(frame: bytes) -> tuple[Any, ...]:
    data = json.loads(frame)["data"]
    return data["s"], float(data["p"]), float(data["q"]), data["E"], data["T"]


def _plain_quote(message: tuple[bytes, bytes]) -> tuple[Any, ...]:
    topic, payload = message
    exchange, symbol, mode = topic.decode().split("_")
    return exchange, symbol, mode, json.loads(payload.decode())
