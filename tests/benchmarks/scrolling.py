"""Scrolling through 5,000 rows while prices come in: how long a step takes, against a table with an item per cell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from PySide6.QtWidgets import QAbstractItemView, QApplication

from market.ticks import Update
from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets.frame_clock import now_ms
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.skin import Skin, dress
from tests.benchmarks.children import started
from tests.benchmarks.peer_grid import PeerGrid
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.doubles.random_market import RandomMarket

ROWS, IN_VIEW, ROW_PX = 5_000, 40, 22
STEPS_PER_S = 60
_STEP_MS = 1000.0 / STEPS_PER_S
_TICKS_PER_STEP = 5_000 // STEPS_PER_S
_SIZE = (1100, IN_VIEW * ROW_PX + 26)


def run(*, quick: bool) -> list[Row]:
    """Scroll three rows a step, as a wheel does; every step must be over before the next is due."""
    steps = 30 if quick else 600
    found = {what: _scrolled(what, steps) for what in ("ours", "peer")}
    load = f"{ROWS:,} rows, {IN_VIEW} in view, {STEPS_PER_S} steps/s with {_TICKS_PER_STEP} ticks each"
    return [
        Row(
            benchmark="scrolling",
            what=f"a step of scrolling, p{percent}; {load}",
            measured=percentile(found["ours"], percent),
            unit="ms",
            baseline=percentile(found["peer"], percent),
            baseline_what="QTableWidget, an item per cell",
            budget=f"≤ {_STEP_MS:.1f} ms" if percent == 99 else "",
            met=percentile(found["ours"], percent) <= _STEP_MS if percent == 99 else None,
            facts={"delivered": len(found["ours"]) + len(found["peer"]), "expected": 2 * steps},
        )
        for percent in (50, 99)
    ]


def _scrolled(what: str, steps: int) -> list[float]:
    with started(scroll, what, steps) as child:
        found: list[float] = child.answer(within_s=300.0)
        return found


def scroll(pipe: Connection, what: str, steps: int) -> None:
    """Scroll in a process of its own, and say how many ms each step took: ticks, moving, painting."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication([])
    dress(app, DARK)
    market = RandomMarket(ROWS, levels=1)
    batches = [market.updates(_TICKS_PER_STEP, time.time() * 1000) for _ in range(60)]
    take, widget, painted = _make(what, market)
    widget.resize(*_SIZE)
    widget.show()
    app.processEvents()
    bar = widget.verticalScrollBar()
    took = []
    for step in range(-10, steps):
        began = time.perf_counter()
        take(batches[step % len(batches)])
        bar.setValue((bar.value() + 3 * ROW_PX) % max(bar.maximum(), 1))
        painted()
        app.processEvents()
        if step >= 0:
            took.append((time.perf_counter() - began) * 1000)
    widget.close()
    pipe.send(took)


def _make(what: str, market: RandomMarket) -> tuple[Callable[[Sequence[Update]], object], Any, Callable[[], object]]:
    if what == "peer":
        peer = PeerGrid(market.keys)
        peer.take(market.open_all(time.time() * 1000))
        peer.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        return peer.take, peer, lambda: None
    board = QuoteBoard()
    board.set_keys(market.keys, {each.key: each for each in market.instruments}.get)
    board.apply(market.open_all(time.time() * 1000))
    grid = QuoteGrid(board, Skin(DARK))
    grid.rows_changed()
    # At the wheel's pace the grid is brought up to date with every step, not only ten times a second.
    return board.apply, grid, lambda: grid.flush(now_ms())
