"""Runs the engine without a window, on a plain asyncio loop, until it is told to stop. Never imports Qt."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable

from openalgo_desktop.engine import Engine
from openalgo_desktop.options import EngineOptions
from openalgo_desktop.stats_file import stats_written

logger = logging.getLogger(__name__)


def run_headless(options: EngineOptions) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status."""
    return asyncio.run(_serve(options))


async def _serve(options: EngineOptions) -> int:
    stopping = asyncio.Event()
    listen_for_signals(asyncio.get_running_loop(), stopping.set)
    engine = await asyncio.to_thread(Engine, options)
    try:
        await engine.start()
        announce(engine)
        async with stats_written(options.stats, lambda: engine.hub.counters["ticks_in"]):
            await stopping.wait()
    finally:
        await engine.stop()
    return 0


def announce(engine: Engine) -> None:
    """Print the notices for people and the one line for programs, where there is something to print to."""
    for notice in engine.notices:
        logger.info("Notice: %s", notice)
        if sys.stderr is not None:  # started from an icon on Windows there is neither
            sys.stderr.write(f"note: {notice}\n")
    if sys.stdout is not None:
        sys.stdout.write(f"{engine.ready_line()}\n")
        sys.stdout.flush()


def listen_for_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    """Call `stop` on the loop at SIGINT and SIGTERM (and Ctrl+Break on Windows)."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            # Windows, and Qt's loop: the handler runs between two steps of Python code.
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop))
