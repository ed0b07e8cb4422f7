"""Recorded messages of Delta Exchange India are read as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.delta import wire
from adapters.delta.conversation import DeltaConversation
from adapters.delta.instruments import parse, read_page
from adapters.frames import FrameKind
from adapters.venue import Event, Want
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.delta.bench import INSTRUMENTS

pytestmark = pytest.mark.recorded

USDT = Instrument(
    key=InstrumentKey(Exchange.CRYPTO, "BTCUSDTFUT"), kind=InstrumentKind.PERPETUAL, token="BTCUSDT|0.001"
)


def test_messages_of_today_are_read(recordings: Path) -> None:
    conversation = DeltaConversation()
    conversation.want([Want(INSTRUMENTS[0], Mode.LTP), Want(USDT, Mode.DEPTH)])
    events: list[Event] = []
    for line in (recordings / "delta/live_2026-09.jsonl").read_bytes().splitlines():
        if line.startswith(b"#"):
            continue
        message = json.loads(line)
        if message.get("sy") == "BTCUSDT" and message["type"] == wire.BOOK:
            # The publisher cut the books short, so their checksum is of more than there is.
            line = json.dumps({**message, "cs": None}).encode()
        events += conversation.receive(line, FrameKind.TEXT, 0.0)
    ticks = [event for event in events if isinstance(event, Tick)]
    dollars = next(tick for tick in ticks if tick.key == INSTRUMENTS[0].key)
    assert (dollars.ltp, dollars.open, dollars.high, dollars.low) == (79753.5, 79694.5, 80093.5, 79212.5)
    assert (dollars.oi, dollars.bid_price, dollars.ask_price, dollars.ask_size) == (876853, 79753.0, 79753.5, 552)
    first, second = (tick.depth for tick in ticks if tick.depth is not None)
    assert first is not None
    assert second is not None
    assert [level.price for level in first.sell] == [86776.0, 86776.5, 86777.0]
    assert first.buy[0].quantity == pytest.approx(0.231)
    assert second.buy[3].quantity == pytest.approx(5.718)


def test_the_list_of_then_is_named(recordings: Path) -> None:
    first = (recordings / "delta/DELTA.0.trimmed").read_text().splitlines()[0]
    master = parse([read_page(first.split(": ", 1)[1].encode())])
    known = {each.key.symbol: each for each in master.instruments}
    assert len(known) == 60
    assert not master.skipped
    option = known["BTC30NOV2159000CE"]
    assert (option.token, option.tick_size, option.lot) == ("C-BTC-59000-301121|0.001", 0.5, 0.001)
    assert {"GALAUSDTFUT", "ETHUSDFUT"} <= set(known)
