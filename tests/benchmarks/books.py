"""What a frame of an order book takes: writing its texts and painting them, as depth and as a ladder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tests.benchmarks.children import started
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile

_BUDGET_MS = 2.0
_SHOWN = {
    "depth": "depth of 20 levels",
    "depth50": "depth of 50 levels, 31 in view",
    "ladder": "ladder of 41 rows, 20 levels, four more columns",
}


def run(*, quick: bool) -> list[Row]:
    """Measure each in a process of its own, every frame with another book; the best of rounds."""
    frames, rounds = (10, 1) if quick else (400, 3)
    found = {what: [_shown(what, frames) for _ in range(rounds)] for what in (*_SHOWN, "peer")}
    best = {what: min(each, key=lambda times: percentile(times, 50)) for what, each in found.items()}
    return [_row(what, percent, best) for what in _SHOWN for percent in (50, 99)]


def _row(what: str, percent: int, best: dict[str, list[float]]) -> Row:
    frame_ms = percentile(best[what], percent)
    counts = percent == 50 and what != "depth50"
    return Row(
        benchmark="books",
        what=f"a frame of a {_SHOWN[what]}, p{percent}",
        measured=frame_ms,
        unit="ms",
        baseline=percentile(best["peer"], percent),
        baseline_what="QTableWidget, 20 rows, an item per cell",
        budget=f"≤ {_BUDGET_MS:g} ms" if counts else "",
        met=frame_ms <= _BUDGET_MS if counts else None,
        facts={"frames": len(best[what])},
    )


def _shown(what: str, frames: int) -> list[float]:
    with started(show, what, frames) as child:
        found: list[float] = child.answer()
        return found


def show(pipe: Connection, what: str, frames: int) -> None:
    """Show `what` and paint `frames` frames, then say the ms that each took."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from openalgo_desktop.presentation.palette import DARK
    from openalgo_desktop.widgets.skin import dress
    from tests.doubles.random_market import RandomMarket

    app = QApplication([])
    dress(app, DARK)
    market = RandomMarket(levels=50 if what == "depth50" else 20)
    reliance = market.instruments[4]
    # Books are made beforehand, so that making them is in no number. Half of the levels of a real one stay.
    ticks = [market.update(reliance, time.time() * 1000).tick for _ in range(frames + 10)]
    widget, paint = _MAKERS[what](reliance)
    widget.show()
    app.processEvents()
    times = []
    for number, tick in enumerate(ticks):
        began = time.perf_counter()
        paint(tick, number * 100.0)
        widget.repaint()
        times.append((time.perf_counter() - began) * 1000)
    widget.close()
    pipe.send(times[10:])


def _depth(instrument: Any, *, levels: int = 20) -> tuple[Any, Callable[[Any, float], None]]:
    from openalgo_desktop.presentation.book_style import style_of
    from openalgo_desktop.presentation.depth_book import BookWriter
    from openalgo_desktop.presentation.formats import NumberStyle
    from openalgo_desktop.presentation.palette import DARK
    from openalgo_desktop.widgets.depth_panel import DepthPanel
    from openalgo_desktop.widgets.skin import Skin

    writer = BookWriter(style_of(instrument, NumberStyle.INDIAN, in_lots=False), instrument)
    panel = DepthPanel(Skin(DARK))
    panel.resize(352, 800)
    return panel, lambda tick, now: panel.show_book(writer.picture(tick, least=5, most=levels, now_ms=now))


def _depth50(instrument: Any) -> tuple[Any, Callable[[Any, float], None]]:
    return _depth(instrument, levels=50)


def _ladder(instrument: Any) -> tuple[Any, Callable[[Any, float], None]]:
    from openalgo_desktop.presentation.book_style import style_of
    from openalgo_desktop.presentation.formats import NumberStyle
    from openalgo_desktop.presentation.ladder_layout import EXTRAS
    from openalgo_desktop.presentation.palette import DARK
    from openalgo_desktop.presentation.trade_side import TradeReader
    from openalgo_desktop.widgets.ladder_view import LadderView
    from openalgo_desktop.widgets.skin import Skin

    view, reader = LadderView(Skin(DARK)), TradeReader()
    view.scene.begin(style_of(instrument, NumberStyle.INDIAN, in_lots=False))
    view.set_extras(EXTRAS)
    view.resize(700, 800)

    def paint(tick: Any, now_ms: float) -> None:
        view.scene.take([trade for trade in [reader.read(tick)] if trade is not None])
        view.scene.set_book(tick, now_ms)
        view.refresh(now_ms)

    return view, paint


def _peer(_instrument: Any) -> tuple[Any, Callable[[Any, float], None]]:
    """The usual way: a table with an item per cell, each of which is given its text anew."""
    from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

    table = QTableWidget(20, 6)
    table.resize(640, 660)
    for row in range(20):
        for column in range(6):
            table.setItem(row, column, QTableWidgetItem())

    def paint(tick: Any, _now_ms: float) -> None:
        for row, (bid, ask) in enumerate(zip(tick.depth.buy, tick.depth.sell, strict=True)):
            values = (bid.orders, bid.quantity, f"{bid.price:.2f}", f"{ask.price:.2f}", ask.quantity, ask.orders)
            for column, value in enumerate(values):
                table.item(row, column).setText(str(value))
        table.viewport().repaint()

    return table, paint


_MAKERS = {"depth": _depth, "depth50": _depth50, "ladder": _ladder, "peer": _peer}
