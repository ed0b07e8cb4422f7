"""A process that shows 500 rows, 40 of them in view, at 5,000 ticks a second, and says what that takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from market.ticks import Update
from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets.frame_clock import FrameClock
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.skin import Skin, dress
from tests.benchmarks.peer_grid import PeerGrid
from tests.doubles.random_market import RandomMarket

ROWS, IN_VIEW, TICKS_PER_S = 500, 40, 5_000
_EVERY_MS = 20
_SIZE = (1100, IN_VIEW * 22 + 26)

Take = Callable[[Sequence[Update]], None]


def show(pipe: Connection, what: str, warm_s: float, seconds: float) -> None:
    """Show `what` (`nothing`, `ours` or `peer`), then say the share of one core, frame times, longest stall, paints."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication([])
    dress(app, DARK)
    market = RandomMarket(ROWS, levels=1)
    # Ticks are made beforehand, so that making them is in no number.
    batches = [market.updates(TICKS_PER_S * _EVERY_MS // 1000, time.time() * 1000) for _ in range(300)]
    frames: list[float] = []
    lags: list[float] = []
    take, widget = _make(what, market, frames)
    feed = _Feed(take, batches)
    _time_ticks(widget, feed, lags)
    _spin(warm_s)
    frames.clear()
    lags.clear()
    feed.start_measuring()
    cpu, wall = time.process_time(), time.perf_counter()
    _spin(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - wall) * 100
    feed.timer.stop()
    widget.close()
    pipe.send({"share": share, "frames": frames, "stall_ms": feed.stall_ms, "batches": feed.fed, "lags": lags})


class _Feed:
    def __init__(self, take: Take, batches: list[list[Update]]) -> None:
        self._take, self._batches = take, batches
        self._last = time.perf_counter()
        self.fed = 0
        self.stall_ms = 0.0
        # When the ticks came that no repaint has shown yet; all of a batch came at once.
        self.arrivals: list[float] = []
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(_EVERY_MS)
        self.timer.timeout.connect(self._feed)
        self.timer.start()

    def start_measuring(self) -> None:
        self.fed, self.stall_ms, self._last = 0, 0.0, time.perf_counter()

    def _feed(self) -> None:
        now = time.perf_counter()
        self.stall_ms = max(self.stall_ms, (now - self._last) * 1000 - _EVERY_MS)
        self._last = now
        self.arrivals.append(now)
        self._take(self._batches[self.fed % len(self._batches)])
        self.fed += 1


def _make(what: str, market: RandomMarket, frames: list[float]) -> tuple[Take, QWidget]:
    if what == "nothing":
        return (lambda updates: None), QWidget()
    if what == "peer":
        peer = PeerGrid(market.keys)
        _time_painting(peer, frames)
        peer.resize(*_SIZE)
        peer.show()
        return peer.take, peer
    board = QuoteBoard()
    board.set_keys(market.keys, {each.key: each for each in market.instruments}.get)
    grid = QuoteGrid(board, Skin(DARK))
    grid.resize(*_SIZE)
    clock = FrameClock(grid)
    flushed = [0.0]

    def frame(now_ms: float) -> None:
        began = time.perf_counter()
        grid.flush(now_ms)
        flushed[0] = (time.perf_counter() - began) * 1000

    clock.frame.connect(frame)
    _time_painting(grid, frames, flushed)
    grid.show()
    clock.start()
    return board.apply, grid


def _time_painting(widget: Any, frames: list[float], before: Sequence[float] = (0.0,)) -> None:
    """Note the time of each painting of `widget`, with the ms that preparing it took."""
    original = widget.paintEvent

    def timed(event: Any) -> None:
        began = time.perf_counter()
        original(event)
        frames.append((time.perf_counter() - began) * 1000 + before[0])

    widget.paintEvent = timed


def _time_ticks(widget: QWidget, feed: _Feed, lags: list[float]) -> None:
    """Note how many ms each batch of ticks waited until the repaint that shows it was over."""
    if not isinstance(widget, QuoteGrid):
        return
    flush, paint, written = widget.flush, widget.paintEvent, []

    def flushed(frame_ms: float) -> None:
        written[:], feed.arrivals = feed.arrivals, []
        flush(frame_ms)

    def painted(event: Any) -> None:
        paint(event)
        now = time.perf_counter()
        lags.extend((now - came) * 1000 for came in written)
        written.clear()

    widget.flush, widget.paintEvent = flushed, painted  # type: ignore[method-assign]


def _spin(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
