"""Measures the grid: `python -m tests.openalgo_desktop.measure_grid [--seconds 10]`.

Says what share of one core the same process takes with and without the grid, at 500 rows and 5,000 ticks a second.
"""

from __future__ import annotations

import argparse
import os
import time

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets.frame_clock import FrameClock
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.skin import Skin, dress
from tests.doubles.random_market import RandomMarket

TICKS_PER_S = 5_000
EVERY_MS = 20


def run(app: QApplication, seconds: float, *, with_grid: bool) -> tuple[float, list[float]]:
    """Run for `seconds`; returns the share of one core in percent and the time of each frame in ms."""
    market = RandomMarket(500, levels=1)
    # Ticks are made beforehand, so that making them is in neither number.
    batches = [market.updates(TICKS_PER_S * EVERY_MS // 1000, time.time() * 1000) for _ in range(500)]
    board = QuoteBoard()
    board.set_keys(market.keys, market.find)
    grid = QuoteGrid(board, Skin(DARK))
    grid.resize(1100, 40 * 22 + 26)
    clock = FrameClock(grid)
    frames: list[float] = []

    # Flushing and painting are timed apart: the painting happens later, when Qt asks for it.
    def frame(now: float) -> None:
        began = time.perf_counter()
        grid.flush(now)
        frames.append((time.perf_counter() - began) * 1000)

    number = 0

    def feed() -> None:
        nonlocal number
        board.apply(batches[number % len(batches)])
        number += 1

    feeder = QTimer()
    feeder.setInterval(EVERY_MS)
    feeder.timeout.connect(feed)
    if with_grid:
        grid.show()
        clock.frame.connect(frame)
    clock.start()
    feeder.start()
    _spin(2.0)  # the caches fill
    frames.clear()
    painted: list[float] = []
    if with_grid:
        original = grid.paintEvent

        def timed(event):  # type: ignore[no-untyped-def]
            began = time.perf_counter()
            original(event)
            painted.append((time.perf_counter() - began) * 1000)

        grid.paintEvent = timed  # type: ignore[method-assign]
    cpu, wall = time.process_time(), time.perf_counter()
    _spin(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - wall) * 100
    clock.stop()
    feeder.stop()
    grid.close()
    return share, [f + p for f, p in zip(frames, painted, strict=False)]


def _spin(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    dress(app, DARK)
    without, _ = run(app, options.seconds, with_grid=False)
    share, frames = run(app, options.seconds, with_grid=True)
    frames.sort()
    print(f"without grid {without:.1f} %  with grid {share:.1f} %  grid {share - without:.1f} % of one core")  # noqa: T201
    print(f"frame p50 {frames[len(frames) // 2]:.1f} ms  p99 {frames[int(len(frames) * 0.99)]:.1f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
