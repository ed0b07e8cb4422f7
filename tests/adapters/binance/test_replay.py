"""A real recording through the real transport and the real feed: the books end up level by level as recorded."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from market.modes import Mode
from market.ticks import Depth
from tests.adapters.binance.conftest import Stage, wish
from tests.doubles.cryptofeed_capture import Frame, read_answers, read_frames
from tests.doubles.toy_binance_replay import listing
from tests.doubles.waiting import until

pytestmark = pytest.mark.recorded

SYMBOLS = ["BLZETH", "LRCBTC", "NKNUSDT", "RUNEEUR"]


class Recording:
    """The recording, and what an independent reader makes of it."""

    def __init__(self, folder: Path) -> None:
        self.frames: list[Frame] = read_frames(folder / "BINANCE.ws.1.0")
        answers = read_answers(folder / "BINANCE.http.0.0")
        self.snapshots = {answer.symbol: answer.body for answer in answers}
        self.exchange_info = listing(read_answers(folder / "BINANCE.0.trimmed")[0].body, self.snapshots)
        self.said: list[dict[str, Any]] = [json.loads(frame.body) for frame in self.frames]

    def events(self, symbol: str, kind: str) -> list[dict[str, Any]]:
        stream = f"{symbol.lower()}@{kind}"
        return [said["data"] for said in self.said if said["stream"] == stream]

    def final_book(self, symbol: str) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """The best 50 levels a side, with nothing but dictionaries; fails on a gap."""
        snapshot = json.loads(self.snapshots[symbol])
        sides = {side: {float(p): float(q) for p, q in snapshot[side]} for side in ("bids", "asks")}
        last_id = snapshot["lastUpdateId"]
        for event in self.events(symbol, "depth@100ms"):
            if event["u"] <= last_id:
                continue
            assert event["U"] <= last_id + 1
            for side, changes in (("bids", event["b"]), ("asks", event["a"])):
                sides[side] |= {float(price): float(quantity) for price, quantity in changes}
            last_id = event["u"]
        bids = sorted(((p, q) for p, q in sides["bids"].items() if q), reverse=True)
        asks = sorted((p, q) for p, q in sides["asks"].items() if q)
        return bids[:50], asks[:50]


@pytest.fixture(scope="module")
def recording(recordings: Path) -> Recording:
    return Recording(recordings / "binance")


def plain(depth: Depth | None) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    assert depth is not None
    return ([(level.price, level.quantity) for level in side] for side in (depth.buy, depth.sell))  # type: ignore[return-value]


def is_at_the_end(stage: Stage, recording: Recording, symbol: str) -> bool:
    """Whether the book shown is as of the last recorded change."""
    last = stage.sink.last.get(wish(symbol, Mode.DEPTH).key)
    ends_ms = recording.events(symbol, "depth@100ms")[-1]["E"]
    return last is not None and last.depth is not None and last.depth.timestamp == ends_ms


async def start(stage: Stage, recording: Recording) -> None:
    stage.toy.exchange_info = recording.exchange_info
    stage.toy.snapshots = {symbol: [body] for symbol, body in recording.snapshots.items()}
    await stage.start(*[wish(symbol, Mode.DEPTH) for symbol in SYMBOLS])


@pytest.mark.parametrize("snapshots_first", [True, False], ids=["snapshots first", "frames first"])
async def test_recording_ends_in_the_recorded_books(stage: Stage, recording: Recording, snapshots_first: bool) -> None:
    if not snapshots_first:
        stage.toy.hold_rest = asyncio.Event()
    await start(stage, recording)
    if snapshots_first:
        await until(lambda: stage.feed.counters["book_snapshots"] == 4)
    for frame in recording.frames:
        await stage.toy.send(frame.body)
    if stage.toy.hold_rest is not None:
        await until(lambda: stage.feed.counters["ticks"] == 86)  # book tickers and trades pass, changes wait
        stage.toy.hold_rest.set()
    await until(lambda: all(is_at_the_end(stage, recording, symbol) for symbol in SYMBOLS))
    for symbol in SYMBOLS:
        last = stage.sink.last[wish(symbol, Mode.DEPTH).key]
        bids, asks = plain(last.depth)
        assert (bids, asks) == recording.final_book(symbol)
        assert len(bids) == len(asks) == 50
        assert last.depth is not None
        assert last.depth.timestamp == recording.events(symbol, "depth@100ms")[-1]["E"]
    assert stage.feed.counters["book_gaps"] == 0
    assert stage.feed.counters["book_snapshots"] == 4
    assert stage.feed.counters["decode_errors"] == 0


async def test_snapshots_are_shown_level_by_level(stage: Stage, recording: Recording) -> None:
    await start(stage, recording)
    await until(lambda: stage.feed.counters["ticks"] == 4)
    for symbol in SYMBOLS:
        body = json.loads(recording.snapshots[symbol])
        expected = tuple([(float(p), float(q)) for p, q in body[side][:50]] for side in ("bids", "asks"))
        assert tuple(plain(stage.sink.last[wish(symbol, Mode.DEPTH).key].depth)) == expected


async def test_every_trade_and_best_price_of_the_recording_arrives(stage: Stage, recording: Recording) -> None:
    await start(stage, recording)
    for frame in recording.frames:
        await stage.toy.send(frame.body)
    best = [said["data"] for said in recording.said if said["stream"].endswith("@bookTicker")]
    trades = [said["data"] for said in recording.said if said["stream"].endswith("@aggTrade")]
    await until(lambda: sum(tick.depth is None for tick in stage.sink.ticks) == len(best) + len(trades) == 86)
    seen = Counter((t.key.symbol, t.bid_price, t.bid_size, t.ask_price, t.ask_size) for t in stage.sink.ticks)
    for event in best:
        assert seen[(event["s"], *(float(event[field]) for field in "bBaA"))] >= 1
    prices = [(tick.key.symbol, tick.ltp, tick.last_quantity, tick.ltt) for tick in stage.sink.ticks if tick.ltp]
    assert prices == [(event["s"], float(event["p"]), float(event["q"]), event["T"]) for event in trades]


async def test_recording_survives_a_drop_in_its_middle(stage: Stage, recording: Recording) -> None:
    await start(stage, recording)
    await until(lambda: stage.feed.counters["book_snapshots"] == 4)
    streams = set(stage.toy.streams)
    for frame in recording.frames[:100]:
        await stage.toy.send(frame.body)
    await stage.lose(stage.toy.drop)
    await until(lambda: stage.toy.streams == streams)
    for frame in recording.frames:
        await stage.toy.send(frame.body)
    await until(lambda: all(is_at_the_end(stage, recording, symbol) for symbol in SYMBOLS))
    for symbol in SYMBOLS:
        assert tuple(plain(stage.sink.last[wish(symbol, Mode.DEPTH).key].depth)) == recording.final_book(symbol)
