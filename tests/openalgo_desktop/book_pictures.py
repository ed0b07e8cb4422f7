"""Pictures of the right pane, each tab at several widths, and which of its texts are cut off.

`python -m tests.openalgo_desktop.book_pictures --theme light --out DIR`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import qasync
from PySide6.QtWidgets import QAbstractButton, QApplication

from openalgo_desktop import tasks
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.book_pane import TABS, BookPane
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets import tape_view
from tests.doubles.desktop import Desktop

WIDTHS = (300, 352, 620)
GOLD = 12


def cut_off(pane: BookPane) -> Iterator[str]:
    """The texts that are wider than the room they have."""
    for button in pane.findChildren(QAbstractButton):
        if button.isVisible() and button.width() < button.sizeHint().width():
            yield button.text()
    yield from {"depth": _of_depth, "ladder": _of_ladder, "trades": _of_tape}[pane.tab](pane)


def _of_depth(pane: BookPane) -> Iterator[str]:
    panel, metrics = pane.depth_panel, pane.depth_panel._painter.strong
    assert panel.picture is not None
    rooms = dict(panel.half)
    if sum(rooms.values()) > (panel.width() + 1) // 2:
        yield "columns beyond the middle"
    for pair in panel.picture.rows:
        for side in pair:
            yield from (
                getattr(side, part) for part, room in rooms.items() if metrics.width(getattr(side, part)) > room
            )


def _of_ladder(pane: BookPane) -> Iterator[str]:
    ladder, metrics = pane.ladder, pane.ladder._painter.strong
    assert ladder.position.top is not None
    rooms = dict(ladder.columns)
    if sum(rooms.values()) > (ladder.width() - ladder._price_width) // 2:
        yield "columns beyond the edge"
    for line in ladder.scene.lines(ladder.position.top, ladder.rows()):
        if metrics.width(line.price) > ladder._price_width:
            yield line.price
        for cell in (line.bid, line.ask):
            yield from (
                getattr(cell, part) for part, room in rooms.items() if metrics.width(getattr(cell, part)) > room
            )


def _of_tape(pane: BookPane) -> Iterator[str]:
    view = pane.tape
    left = 0
    for right, title, sample in zip(view._rights(), tape_view._TITLES, tape_view._SAMPLES, strict=True):
        for text, metrics in ((title, view._plain), (sample, view._strong)):
            if metrics.width(text) > right - left:
                yield text
        left = right


async def take(theme: str, out: Path) -> None:
    """Save a picture of every tab and width, and `cut.json` with what is cut off in each."""
    desktop = Desktop()
    desktop.settings.set("theme", theme)
    desktop.settings.set("ladder_columns", "traded,average,change,cumulative")
    window = MainWindow()
    controller = MainController(window, desktop.services())
    window.show()
    desktop.open_all()
    window.watch.grid.set_current_row(GOLD)
    gold = desktop.market.instruments[GOLD]
    found: dict[str, list[str]] = {}
    for tab, _title, _key in TABS:
        desktop.settings.set("book_tab", tab)
        for width in WIDTHS:
            window._across.setSizes([window.width() - width, width])
            for number in range(30):
                update = desktop.market.update(gold, time.time() * 1000 + number)
                desktop.market_data.tell([update])
            controller._depth.each_frame(number * 100.0)
            await asyncio.sleep(0.02)  # a turn of the loop in which the splitter moves
            window.book.grab().save(str(out / f"{tab}-{width}.png"))
            found[f"{tab}-{width}"] = list(cut_off(window.book))
    (out / "cut.json").write_text(json.dumps(found), encoding="utf-8")
    controller.close()
    window.close()
    await tasks.cancel_all()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    qasync.run(asyncio.wait_for(take(chosen.theme, chosen.out), 60))


if __name__ == "__main__":
    main()
