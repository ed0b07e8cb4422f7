"""A recorded session of a real exchange, through the real adapter in the real application, as a client sees it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.doubles.application import Application, make_key, running
from tests.doubles.cryptofeed_capture import read_frames
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.toy_binance_replay import load, play

pytestmark = pytest.mark.recorded

SYMBOLS = ["BLZETH", "LRCBTC", "NKNUSDT", "RUNEEUR"]


class Expected:
    """What an independent reader makes of the recording: nothing but json and dictionaries."""

    def __init__(self, folder: Path) -> None:
        said = [json.loads(frame.body) for frame in read_frames(folder / "BINANCE.ws.1.0")]
        self.trades = [s["data"] for s in said if s["stream"].endswith("@aggTrade")]
        self.best = {s["data"]["s"]: s["data"] for s in said if s["stream"].endswith("@bookTicker")}
        self.books: dict[str, dict[str, dict[float, float]]] = {}
        self.last_ids: dict[str, int] = {}
        for line in (folder / "BINANCE.http.0.0").read_text(encoding="utf-8").splitlines():
            if "/depth?" in line:
                symbol = line.split("symbol=")[1].split("&")[0]
                body = json.loads(line.split(": ", 1)[1])
                self.books[symbol] = {side: {float(p): float(q) for p, q in body[side]} for side in ("bids", "asks")}
                self.last_ids[symbol] = body["lastUpdateId"]
        for s in said:
            if s["stream"].endswith("@depth@100ms") and s["data"]["u"] > self.last_ids[s["data"]["s"]]:
                for side, field in (("bids", "b"), ("asks", "a")):
                    changes = {float(p): float(q) for p, q in s["data"][field]}
                    self.books[s["data"]["s"]][side] |= changes

    def top(self, symbol: str, levels: int) -> dict[str, list[tuple[float, float]]]:
        bids = sorted(((p, q) for p, q in self.books[symbol]["bids"].items() if q), reverse=True)
        asks = sorted((p, q) for p, q in self.books[symbol]["asks"].items() if q)
        return {"buy": bids[:levels], "sell": asks[:levels]}


class Seen:
    """What the client of the port received."""

    def __init__(self) -> None:
        self.latest: dict[tuple[str, int], dict[str, Any]] = {}
        self.prices: list[tuple[str, float, int]] = []

    def take(self, frame: dict[str, Any]) -> None:
        if frame.get("type") != "market_data":
            return
        self.latest[frame["symbol"], frame["mode"]] = frame["data"]
        trade = (frame["symbol"], frame["data"].get("ltp"), frame["data"]["ltt"])
        if frame["mode"] == 1 and trade not in self.prices:
            self.prices.append(trade)

    def book(self, symbol: str) -> dict[str, list[tuple[float, float]]]:
        depth = self.latest.get((symbol, 3), {}).get("depth", {"buy": [], "sell": []})
        return {side: [(row["price"], row["quantity"]) for row in depth[side]] for side in ("buy", "sell")}


async def watch(application: Application, key: str, toy: ToyBinance, folder: Path, expected: Expected) -> Seen:
    """Subscribe to everything in all modes, play the recording, read until the end of it is there."""
    frames, books = load(toy, folder)
    seen = Seen()
    async with websockets.connect(application.edges["ws"]) as client:
        await client.send(json.dumps({"action": "authenticate", "api_key": key}))
        symbols = [{"symbol": symbol, "exchange": "CRYPTO"} for symbol in SYMBOLS]
        for mode in (1, 2, 3):
            await client.send(json.dumps({"action": "subscribe", "symbols": symbols, "mode": mode, "depth": 20}))
        wanted = {
            f"{symbol.lower()}@{kind}" for symbol in SYMBOLS for kind in ("aggTrade", "bookTicker", "depth@100ms")
        }
        async with asyncio.timeout(30):
            while not wanted <= toy.streams:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            playing = asyncio.create_task(play(toy, frames, books, speed=30.0))
            while not all(seen.book(symbol) == expected.top(symbol, 20) for symbol in SYMBOLS):
                seen.take(json.loads(await client.recv()))
            await playing
    return seen


async def test_recording_reaches_a_client_with_the_values_of_an_independent_decode(
    recordings: Path, tmp_path: Path
) -> None:
    folder = recordings / "binance"
    expected = Expected(folder)
    key = make_key(tmp_path)
    toy = ToyBinance()
    load(toy, folder)
    await toy.start(0)
    endpoints = [f"--endpoint=binance.{name}={url}" for name, url in toy.endpoints().items()]
    try:
        with running(tmp_path, "--headless", "--feed", "binance", *endpoints) as application:
            seen = await watch(application, key, toy, folder, expected)
            assert "Traceback" not in application.errors
    finally:
        await toy.stop()
    for symbol, best in expected.best.items():
        data = seen.latest[symbol, 2]
        shown = (data["bid_price"], data["bid_size"], data["ask_price"], data["ask_size"])
        assert shown == tuple(float(best[field]) for field in "bBaA")
    assert expected.trades
    for trade in expected.trades:
        assert (trade["s"], float(trade["p"]), trade["T"]) in seen.prices
    assert {data["state"] for data in seen.latest.values()} == {"live"}
