"""A toy broker in a thread of its own, for peers that are another process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from market.instruments import Instrument
from tests.doubles.toy_broker import ToyBroker, ToyQuote

Toy = TypeVar("Toy", bound=ToyBroker)
_PAUSE_S = 0.05


@contextmanager
def running_toy(toy: Toy, instrument: Instrument, quote: ToyQuote) -> Iterator[Toy]:
    """`toy`, listening; it sends `quote` of `instrument` all the time to those who hold it."""
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        await toy.start()
        ready.set()
        while not done.is_set():
            await toy.tick(instrument, quote)
            await asyncio.sleep(_PAUSE_S)
        await toy.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="toy-broker")
    thread.start()
    try:
        ready.wait(10.0)
        yield toy
    finally:
        done.set()
        thread.join(10.0)
