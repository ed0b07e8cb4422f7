"""The server of the port fed from its own process: as fast as clients take it, or with bytes made beforehand."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from proxy.server.frames import frame_of
from tests.benchmarks.workload import SYMBOLS, WINDOW, quote_tick
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.served import Served, served

_STUCK_S = 10.0
_VARIANTS = 20


def serve_locally(pipe: Connection, progress: Any, max_clients: int) -> None:
    """Serve; first says the URL, then obeys `("feed", how, clients, per_turn, seconds)` until told to end.

    `how` is `ticks` (what a feed does) or `bytes` (frames made beforehand, joined and written to every client).
    Answers the number of ticks, the time until all had arrived, and the processor time of this process, in seconds.
    """
    asyncio.run(_serve(pipe, progress, max_clients))


async def _serve(pipe: Connection, progress: Any, max_clients: int) -> None:
    async with served(FakeFeed("bench"), max_connections=max_clients, max_connections_per_key=max_clients) as world:
        # As the engine does at its start: what is alive then stays alive.
        gc.collect()
        gc.freeze()
        pipe.send(world.server.url)
        while True:
            told = await asyncio.to_thread(pipe.recv)
            if told[0] == "end":
                break
            _, how, clients, per_turn, seconds = told
            turns = _ticks(world, per_turn) if how == "ticks" else _bytes(world, per_turn)
            pipe.send(await _feed(turns, progress, clients, per_turn, seconds))
        for connection in list(world.server._connections):
            connection.abort()
        while world.server._connections:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def _ticks(world: Served, per_turn: int) -> list[Callable[[], None]]:
    sink = world.feed.sink
    assert sink is not None
    now_ms = time.time() * 1000
    batches = [
        [quote_tick(turn * per_turn + number, now_ms) for number in range(per_turn)]
        for turn in range(_VARIANTS * len(SYMBOLS) // per_turn + 1)
    ]
    return [lambda batch=batch: sink.publish(batch) for batch in batches]  # type: ignore[misc]


def _bytes(world: Served, per_turn: int) -> list[Callable[[], None]]:
    frames = frame_of(b'{"type":"market_data",' + b" " * 555 + b"}", False) * per_turn
    transports = [connection._transport for connection in world.server._connections]

    def write() -> None:
        for transport in transports:
            assert transport is not None
            transport.write(frames)

    return [write]


async def _feed(
    turns: list[Callable[[], None]], progress: Any, clients: int, per_turn: int, seconds: float
) -> tuple[int, float, float]:
    before = progress[0]
    began, cpu = time.perf_counter(), time.process_time()
    sent = turn = 0
    window = min(WINDOW, max(per_turn, 40_000 // clients))
    while time.perf_counter() - began < seconds:
        if sent + per_turn - (progress[0] - before) // clients > window:
            # Seldom, because asking costs processor time too, and that is what is measured.
            await asyncio.sleep(0.002)
            continue
        turns[turn % len(turns)]()
        turn += 1
        sent += per_turn
        await asyncio.sleep(0)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STUCK_S):
            while progress[0] < before + sent * clients:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    return sent, time.perf_counter() - began, time.process_time() - cpu
