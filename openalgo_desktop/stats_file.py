"""`--stats FILE`: how the application does, as one JSON object a second, measured inside. Qt-free.

| field | meaning |
| --- | --- |
| `time` | ms since 1970 UTC |
| `ticks_in` | ticks from all feeds in this second |
| `frames` | repaints of the window; 0 without one |
| `frame_p50_ms`, `frame_p99_ms` | how long they took, writing and painting together |
| `longest_stall_ms` | the longest time for which the event loop did nothing else than one thing |
| `rss_mb` | resident memory of the process, in MiB |
| `cpu_pct` | share of one core, all threads together |
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TextIO

import psutil

from openalgo_desktop.presentation.frame_times import FrameSummary

logger = logging.getLogger(__name__)

_EVERY_S = 1.0
_BEAT_S = 0.02

_NO_FRAMES = FrameSummary(0, 0.0, 0.0, 0.0)


Beats = Callable[[float, Callable[[], None]], Callable[[], object]]
"""`start(every_s, beat)`: have `beat` called on the loop every so many seconds; returns what ends that."""


def loop_beats(every_s: float, beat: Callable[[], None]) -> Callable[[], object]:
    """Beats of the running loop."""

    async def beating() -> None:
        while True:
            await asyncio.sleep(every_s)
            beat()

    return asyncio.get_running_loop().create_task(beating(), name="statistics-beat").cancel


class StallWatch:
    """Expects a beat every 20 ms; how much too late one comes is how long the loop was busy with something."""

    def __init__(self, beats: Beats, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._now_s = now_s
        self._longest_ms = 0.0
        self._last_s = now_s()
        self.stop = beats(_BEAT_S, self._beat)

    def _beat(self) -> None:
        now_s = self._now_s()
        self._longest_ms = max(self._longest_ms, (now_s - self._last_s - _BEAT_S) * 1000.0)
        self._last_s = now_s

    def take(self) -> float:
        """The longest stall since the previous call, in ms."""
        longest, self._longest_ms = self._longest_ms, 0.0
        return longest


class StatsFile:
    """Writes a line a second until it is cancelled, or until the file cannot be written: then it says so, once.

    Args:
        path: lines are added to what it holds.
        ticks_in: the running total of ticks.
        frames: the frames since the previous call; without a window, none.
        say: takes the one sentence.
        beats: where a loop's own timers are dear, as under Qt, what beats instead.
    """

    def __init__(
        self,
        path: Path,
        ticks_in: Callable[[], int],
        frames: Callable[[], FrameSummary] = lambda: _NO_FRAMES,
        *,
        say: Callable[[str], object] | None = None,
        beats: Beats = loop_beats,
        every_s: float = _EVERY_S,
    ) -> None:
        self._path = path
        self._ticks_in = ticks_in
        self._frames = frames
        self._say = say or _note
        self._beats = beats
        self._every_s = every_s
        self._process = psutil.Process()

    async def run(self) -> None:
        """Measure and write."""
        stalls = StallWatch(self._beats)
        try:
            file = await asyncio.to_thread(self._path.open, "a", encoding="utf-8")
            with contextlib.closing(file):
                await self._write_lines(file, stalls)
        except OSError as error:
            self._say(f"The statistics cannot be written to {self._path}: {error.strerror or error}. They are off")
        finally:
            stalls.stop()

    async def _write_lines(self, file: TextIO, stalls: StallWatch) -> None:
        ticks, cpu_s, wall_s = self._ticks_in(), time.process_time(), time.perf_counter()
        self._frames()
        stalls.take()
        while True:
            await asyncio.sleep(self._every_s)
            now_ticks, now_cpu_s, now_wall_s = self._ticks_in(), time.process_time(), time.perf_counter()
            frames = self._frames()
            line = {
                "time": int(time.time() * 1000.0),
                "ticks_in": now_ticks - ticks,
                "frames": frames.frames,
                "frame_p50_ms": round(frames.p50_ms, 2),
                "frame_p99_ms": round(frames.p99_ms, 2),
                "longest_stall_ms": round(stalls.take(), 1),
                "rss_mb": round(self._process.memory_info().rss / 2**20, 1),
                "cpu_pct": round((now_cpu_s - cpu_s) / (now_wall_s - wall_s) * 100.0, 1),
            }
            ticks, cpu_s, wall_s = now_ticks, now_cpu_s, now_wall_s
            await asyncio.to_thread(_append, file, json.dumps(line) + "\n")


@contextlib.asynccontextmanager
async def stats_written(
    path: Path | None,
    ticks_in: Callable[[], int],
    frames: Callable[[], FrameSummary] = lambda: _NO_FRAMES,
    *,
    beats: Beats = loop_beats,
) -> AsyncIterator[None]:
    """Write statistics to `path` while the body runs; None for nowhere."""
    if path is None:
        yield
        return
    task = asyncio.get_running_loop().create_task(
        StatsFile(path, ticks_in, frames, beats=beats).run(), name="statistics"
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _append(file: TextIO, line: str) -> None:
    file.write(line)
    file.flush()


def _note(sentence: str) -> None:
    logger.info("Notice: %s", sentence)
    if sys.stderr is not None:
        sys.stderr.write(f"note: {sentence}\n")
