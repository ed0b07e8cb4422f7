"""Recorded messages of Bybit are read as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.bybit.conversation import BybitConversation
from adapters.frames import FrameKind
from adapters.venue import Event, Want
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.bybit.bench import INSTRUMENTS

pytestmark = pytest.mark.recorded

NKN = Instrument(
    key=InstrumentKey(Exchange.CRYPTO, "NKNUSDTFUT"), kind=InstrumentKind.PERPETUAL, token="linear|NKNUSDT"
)


def test_every_message_is_read(recordings: Path) -> None:
    conversation = BybitConversation("linear")
    conversation.want([Want(INSTRUMENTS[3], Mode.DEPTH), Want(NKN, Mode.QUOTE)])
    heard: dict[str, list[Event]] = {}
    for line in (recordings / "bybit/live_v5_2026-03.jsonl").read_bytes().splitlines():
        message = json.loads(line)
        name = f"{message.get('topic', message.get('op'))} {message.get('type', '')}".strip()
        heard[name] = list(conversation.receive(line, FrameKind.TEXT, 0.0))
    ticks = {name: [each for each in events if isinstance(each, Tick)] for name, events in heard.items()}
    (first,), (second,) = ticks["orderbook.50.BTCUSDT snapshot"], ticks["orderbook.50.BTCUSDT delta"]
    assert first.depth is not None
    assert second.depth is not None
    assert len(first.depth.buy) == len(first.depth.sell) == 50
    assert (first.bid_price, first.depth.buy[10][:2]) == (71423.8, (71421.4, 0.003))
    assert {71419.8, 71417.0}.isdisjoint(level.price for level in second.depth.buy), "a size of zero takes away"
    assert next(level.quantity for level in second.depth.buy if level.price == 71416.6) == 1.163
    assert [(tick.ltp, tick.last_quantity) for tick in ticks["publicTrade.BTCUSDT snapshot"]] == [
        (69916.8, 0.001),
        (69916.8, 0.032),
        (69916.1, 0.002),
    ]
    (whole,), (change,) = ticks["tickers.NKNUSDT snapshot"], ticks["tickers.NKNUSDT delta"]
    assert (whole.ltp, whole.close, whole.high, whole.oi) == (0.13947, 0.14159, 0.14331, 12675990.0)
    assert (whole.bid_price, whole.ask_size, whole.timestamp) == (0.13937, 1691.0, 1709202837189)
    assert (change.ltp, change.ask_size, change.bid_price) == (None, 3691.0, None)
