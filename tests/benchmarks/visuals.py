"""Pictures in cells: what painting one costs, against writing a price the usual way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from openalgo_desktop.presentation.columns import Visual
from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.cell_visuals import CellVisuals
from openalgo_desktop.widgets.skin import Skin, dress
from tests.benchmarks.children import started
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.doubles.random_market import RandomMarket

_LIMIT_US = 20.0
_ROWS, _CELL = 40, (96, 22)
_NAMES = {
    Visual.SPARK: "line of five minutes, 60 points",
    Visual.TRAIL: "last ten moves",
    Visual.PRESSURE: "pressure of buyers and sellers",
    Visual.CIRCUIT: "way to the circuits",
    Visual.RANGE: "day's range",
}


def run(*, quick: bool) -> list[Row]:
    """Paint forty cells again and again; the best round."""
    with started(paint, 0.05 if quick else 1.0) as child:
        found: dict[str, float] = child.answer()
    return [
        Row(
            benchmark="visuals",
            what=f"a cell: {name}",
            measured=found[visual.name],
            unit="µs",
            baseline=found["text"],
            baseline_what="drawText of a price",
            budget=f"≤ {_LIMIT_US:g} µs",
            met=found[visual.name] <= _LIMIT_US,
            facts={"cells": _ROWS},
        )
        for visual, name in _NAMES.items()
    ]


def paint(pipe: Connection, seconds: float) -> None:
    """Measure in a process of its own; says µs a cell, by picture."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication([])
    dress(app, DARK)
    market = RandomMarket(_ROWS, levels=5)
    board = QuoteBoard()
    board.set_keys(market.keys, market.find)
    board.apply(market.open_all(time.time() * 1000))
    for point in range(70):
        board.apply(market.updates(200, time.time() * 1000))
        board.sample(point * 5_000.0)
    for row in board.listed:
        assert row.tick is not None
        row.tick = row.tick._replace(bid_size=75.0, ask_size=150.0, lower_circuit=1.0, upper_circuit=1e6)
    image = QImage(_CELL[0], _CELL[1] * _ROWS, QImage.Format.Format_RGB32)
    visuals = CellVisuals(Skin(DARK))
    painter = QPainter(image)
    painter.setFont(fonts.font(fonts.GRID_PX))
    cells = [QRect(0, number * _CELL[1], *_CELL) for number in range(_ROWS)]

    def all_cells(visual: Visual) -> Callable[[], None]:
        def work() -> None:
            for row, cell in zip(board.listed, cells, strict=True):
                visuals.paint(painter, visual, row, cell)

        return work

    def texts() -> None:
        for cell in cells:
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), "1,23,456.05")

    found = {visual.name: best_us(all_cells(visual), _ROWS, seconds=seconds) for visual in _NAMES}
    found["text"] = best_us(texts, _ROWS, seconds=seconds)
    painter.end()
    pipe.send(found)
