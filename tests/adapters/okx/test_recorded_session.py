"""A recorded session of OKX: every frame is read, and every book agrees with the exchange's own checksum."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from adapters.frames import FrameKind
from adapters.okx.conversation import OkxConversation
from adapters.okx.instruments import parse
from adapters.venue import Skipped, Want
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.okx.bench import INSTRUMENTS

pytestmark = pytest.mark.recorded


def _frames(recordings: Path) -> list[bytes]:
    lines = (recordings / "okx/OKX.ws.1.0").read_text().splitlines()
    return [line.split(": ", 1)[1].encode() for line in lines if line[:1].isdigit()]


def test_books_agree_with_every_checksum(recordings: Path) -> None:
    swap = Instrument(
        key=InstrumentKey(Exchange.CRYPTO, "UNIUSDFUT"), kind=InstrumentKind.PERPETUAL, token="UNI-USD-SWAP|10"
    )
    known = {each.token.partition("|")[0]: each for each in (*INSTRUMENTS, swap)}
    conversation = OkxConversation()
    conversation.want(Want(known[name], Mode.DEPTH) for name in ("BTC-USDT", "BTC-USD-220527", "UNI-USD-SWAP"))
    kinds: Counter[str] = Counter()
    books = checked = 0
    for frame in _frames(recordings):
        message = json.loads(frame)
        if message.get("arg", {}).get("channel") == "books" and "data" in message:
            books += 1
            checked += message["data"][0]["checksum"] != 0
        for event in conversation.receive(frame, FrameKind.TEXT, 0.0):
            kinds[event.what if isinstance(event, Skipped) else type(event).__name__] += 1
            if isinstance(event, Tick) and event.depth is not None:
                assert event.depth.buy[0].price < event.depth.sell[0].price
                assert len(event.depth.buy) == 20
    assert kinds["book_gaps"] == 0
    assert books == checked == 289
    assert kinds["Tick"] >= books
    assert kinds["Acked"] >= 1


def test_the_list_of_then_is_named(recordings: Path) -> None:
    bodies = [
        line.split(": ", 1)[1].encode()
        for line in (recordings / "okx/OKX.0.trimmed").read_text().splitlines()
        if line.startswith("https")
    ]
    master = parse(bodies)
    symbols = {each.key.symbol for each in master.instruments}
    assert {"BTCUSDT", "ETHUSDT"} <= symbols
    assert any(symbol.endswith("USDTFUT") for symbol in symbols)
    assert master.skipped.total() <= 0.2 * master.rows, master.skipped
