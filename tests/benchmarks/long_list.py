"""One message that subscribes to 5,000 instruments: for how long nobody else gets a turn of the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from proxy import holdings
from proxy.server import turns
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import RawClient
from tests.doubles.served import Served, eventually, served
from tests.doubles.ticks import full_tick

_BUDGET_MS = 5.0


def run(*, quick: bool) -> list[Row]:
    """Measure in slices as shipped, and in one piece; the worst gap of each round, best round."""
    count, rounds = (500, 1) if quick else (5_000, 5)
    sliced, expected = [], 0
    whole = []
    for _ in range(rounds):
        sliced.append(asyncio.run(_worst_gap_ms(count)))
        with _in_one_piece():
            whole.append(asyncio.run(_worst_gap_ms(count)))
        expected += count
    best = min(gap for gap, _ in sliced)
    return [
        Row(
            benchmark="long_list",
            what=f"one message subscribes to {count:,} instruments: longest hold of the loop (best of {rounds})",
            measured=best,
            unit="ms",
            baseline=min(gap for gap, _ in whole),
            baseline_what="in one piece",
            budget=f"≤ {_BUDGET_MS:g} ms",
            met=best <= _BUDGET_MS,
            facts={"delivered": float(sum(snapshots for _, snapshots in sliced)), "expected": float(expected)},
        )
    ]


@contextmanager
def _in_one_piece() -> Iterator[None]:
    slice_, turn = holdings.SLICE, turns.TURN_S
    holdings.SLICE, turns.TURN_S = 1 << 30, 1e9
    try:
        yield
    finally:
        holdings.SLICE, turns.TURN_S = slice_, turn


class _Probe:
    """Notes how long each turn of the loop took."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._at = time.perf_counter()
        self._handle = self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append((now - self._at) * 1000.0)
        self._at = now
        self._handle = self._loop.call_soon(self._turn)

    def stop(self) -> None:
        self._handle.cancel()


async def _worst_gap_ms(count: int) -> tuple[float, int]:
    """The longest turn from the message to the last snapshot, and how many snapshots were sent."""
    keys = [InstrumentKey(Exchange.NSE, f"SYM{number}") for number in range(count)]
    message: dict[str, Any] = {"action": "subscribe", "mode": 3}
    message["symbols"] = [{"symbol": key.symbol, "exchange": "NSE"} for key in keys]
    async with served(FakeFeed("bench")) as world:
        world.hub.publish([full_tick(key) for key in keys])
        client = await RawClient.connect(world)
        await client.log_in()
        frames = world.server.clients()[0].frames_out
        probe = _Probe()
        client.say(**message)
        client.stop_reading()
        probe.gaps_ms.clear()
        probe._at = time.perf_counter()
        await eventually(lambda: _frames(world) - frames >= count + 1, within_s=30.0)
        probe.stop()
        client.writer.transport.abort()
        return percentile(probe.gaps_ms, 100), _frames(world) - frames - 1


def _frames(world: Served) -> int:
    return sum(info.frames_out + info.waiting for info in world.server.clients())
