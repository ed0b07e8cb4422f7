"""Plays a recording of Binance through `ToyBinance` at recorded pace, and keeps the books a snapshot is taken from."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.doubles.cryptofeed_capture import Frame, read_answers, read_frames
from tests.doubles.toy_binance import ToyBinance


class RecordedBooks:
    """The books of a recording as they stand after the frames played so far; written without our decoder."""

    def __init__(self, snapshots: dict[str, bytes]) -> None:
        self._first = {symbol: json.loads(body) for symbol, body in snapshots.items()}
        self.restart()

    @property
    def symbols(self) -> set[str]:
        """The symbols that there is a book of."""
        return set(self._first)

    def restart(self) -> None:
        """Back to the beginning of the recording."""
        self._sides: dict[str, dict[str, dict[str, str]]] = {}
        self._last_id: dict[str, int] = {}
        for symbol, body in self._first.items():
            self._sides[symbol] = {side: dict(body[side]) for side in ("bids", "asks")}
            self._last_id[symbol] = body["lastUpdateId"]

    def play(self, frame: bytes) -> None:
        """Take a frame that was sent."""
        data: dict[str, Any] = json.loads(frame)["data"]
        symbol = data.get("s", "")
        if data.get("e") != "depthUpdate" or symbol not in self._sides or data["u"] <= self._last_id[symbol]:
            return
        for side, changes in (("bids", data["b"]), ("asks", data["a"])):
            for price, quantity in changes:
                self._sides[symbol][side][price] = quantity
                if float(quantity) == 0.0:
                    del self._sides[symbol][side][price]
        self._last_id[symbol] = data["u"]

    def snapshot(self, symbol: str) -> bytes | None:
        """The body of `/api/v3/depth` now, or None for a symbol that was not recorded."""
        if symbol not in self._sides:
            return None
        sides = self._sides[symbol]
        bids = sorted(sides["bids"].items(), key=lambda level: -float(level[0]))
        asks = sorted(sides["asks"].items(), key=lambda level: float(level[0]))
        return json.dumps({"lastUpdateId": self._last_id[symbol], "bids": bids[:1000], "asks": asks[:1000]}).encode()


async def play(toy: ToyBinance, frames: Sequence[Frame], books: RecordedBooks, *, speed: float) -> int:
    """Send `frames` at `speed` times the recorded pace to whoever subscribed; return how many somebody received."""
    loop = asyncio.get_running_loop()
    begun, received = loop.time(), 0
    for frame in frames:
        due = begun + (frame.at_s - frames[0].at_s) / speed
        await asyncio.sleep(max(0.0, due - loop.time()))
        books.play(frame.body)
        received += bool(await toy.send(frame.body))
    return received


def listing(captured: bytes, snapshots: dict[str, bytes]) -> bytes:
    """Return the recorded exchangeInfo with rows for the recorded symbols that its trimming cut off."""
    info: dict[str, Any] = json.loads(captured)
    known = {row["symbol"] for row in info["symbols"]}
    for symbol in snapshots.keys() - known:
        row = copy.deepcopy(info["symbols"][0])
        row |= {"symbol": symbol, "baseAsset": symbol[:-3], "quoteAsset": symbol[-3:]}
        price_filter = next(rule for rule in row["filters"] if rule["filterType"] == "PRICE_FILTER")
        price_filter["tickSize"] = _tick_size(json.loads(snapshots[symbol]))
        info["symbols"].append(row)
    return json.dumps(info).encode()


def _tick_size(snapshot: dict[str, Any]) -> str:
    """The tick size that the prices of a recorded book suggest."""
    prices = [price.rstrip("0") for side in ("bids", "asks") for price, _quantity in snapshot[side]]
    decimals = max(len(price.partition(".")[2]) for price in prices)
    return f"{10**-decimals:.{decimals}f}"


def load(toy: ToyBinance, folder: Path) -> tuple[list[Frame], RecordedBooks]:
    """Give `toy` what the recording in `folder` has for REST, and return what it has for the streams."""
    snapshots = {a.symbol: a.body for a in read_answers(folder / "BINANCE.http.0.0") if a.path.endswith("/depth")}
    info = next(a.body for a in read_answers(folder / "BINANCE.0.trimmed") if a.path.endswith("/exchangeInfo"))
    toy.exchange_info = listing(info, snapshots)
    books = RecordedBooks(snapshots)
    toy.snapshot_source = books.snapshot
    return read_frames(folder / "BINANCE.ws.1.0"), books


async def run(folder: Path, port: int, *, speed: float, loop: bool) -> None:
    """Serve the recording; at its end drop everybody, as the real one does once a day, and begin again or stop."""
    toy = ToyBinance()
    frames, books = load(toy, folder)
    await toy.start(port)
    _tell(f"Toy Binance on port {toy.port}; symbols: {', '.join(sorted(books.symbols))}")
    try:
        while True:
            await toy.subscribed.wait()
            received = await play(toy, frames, books, speed=speed)
            _tell(f"Played {len(frames)} frames, {received} of them to somebody")
            if not loop:
                break
            toy.subscribed.clear()
            await toy.send_to_all(b'{"e":"serverShutdown","E":0}')
            toy.drop()
            books.restart()
        await asyncio.Event().wait()
    finally:
        await toy.stop()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Serve a recording of Binance on a local port.")
    parser.add_argument("folder", type=Path, metavar="CAPTURE_DIR")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--speed", type=float, default=1.0, help="times the recorded pace")
    parser.add_argument("--loop", action="store_true", help="begin again at the end")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(given.folder, given.port, speed=given.speed, loop=given.loop))
    return 0


def _tell(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201
