"""The real window on the real engine, in a process of its own, that saves a picture of itself and says what it shows.

python -m tests.doubles.pictured --out watch.png --theme light --select RELIANCE -- --feed simulated --profile DIR
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from market.symbols import parse_key
from openalgo_desktop import tasks
from openalgo_desktop.bootstrap import services_of
from openalgo_desktop.cli import build_parser
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.engine import Engine
from openalgo_desktop.options import Arguments, EngineOptions, resolve
from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.shown_parts import PARTS

WIDTH, HEIGHT = 1440, 900
PATIENCE_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--select", default="", metavar="SYMBOL")
    parser.add_argument("--search", default="", metavar="TEXT", help="typed into the box that adds instruments")
    parser.add_argument("--show", default="", choices=("", *PARTS), help="a panel or dialog to picture")
    parser.add_argument("--watch", nargs="*", default=[], metavar="EXCHANGE:SYMBOL", help="instead of the starter list")
    parser.add_argument("--after", type=Path, metavar="FILE", help="wait until this file is there")
    parser.add_argument("--texts", type=Path, metavar="FILE", help="write the shown texts here, as JSON")
    parser.add_argument("application", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    QApplication(sys.argv[:1])
    loop = QEventLoop(QApplication.instance())
    with loop:
        loop.run_until_complete(picture(given))
    return 0


def options_of(words: list[str]) -> EngineOptions:
    typed = build_parser().parse_args([word for word in words if word != "--"])
    arguments = Arguments(
        profile=typed.profile,
        feeds=typed.feed,
        endpoints=typed.endpoint,
        ws_port="0",
        http_port="0",
        zmq_port="0",
        zmq_pub_port="0",
    )
    return resolve(arguments, os.environ)


async def picture(given: argparse.Namespace) -> None:
    window = MainWindow()
    window.resize(WIDTH, HEIGHT)
    window.show()
    engine = await asyncio.to_thread(Engine, options_of(given.application))
    try:
        await engine.start()
        engine.settings.set("theme", given.theme)
        if given.watch:
            keys = [parse_key(*text.split(":", 1)) for text in given.watch]
            engine.watchlists.add(engine.watchlists.lists()[0].id, keys)
        controller = MainController(window, services_of(engine))
        await act(window, given)
        pictured = await shown(window, controller, given.show) if given.show else window
        pictured.grab().save(str(given.out))
        if given.texts:
            given.texts.write_text(json.dumps(texts_of(window)), encoding="utf-8")
        controller.close()
    finally:
        await engine.stop()
        window.close()
        await tasks.cancel_all()


async def act(window: MainWindow, given: argparse.Namespace) -> None:
    board, grid = window.board, window.watch.grid
    await until(lambda: len(board) > 0)
    if given.select:
        key = next(row.key for row in board.rows if row.key.symbol.startswith(given.select))
        grid.set_current_key(key)
    if given.after:
        await until(given.after.exists)
    else:
        await until(lambda: all(row.tick is not None for row in board.rows))
    await asyncio.sleep(2.0)
    if given.search:
        window.watch.search.open(given.search)
        await asyncio.sleep(0.7)


async def shown(window: MainWindow, controller: MainController, name: str) -> QWidget:
    """Open a part of the window; returns what is to be pictured."""
    part = PARTS[name](window, controller)
    part.show()
    await asyncio.sleep(1.0)
    return part


def texts_of(window: MainWindow) -> dict[str, dict[str, str]]:
    """The shown texts by symbol and column."""
    names = [column.id for column in COLUMNS]
    return {row.key.symbol: dict(zip(names, row.texts, strict=True)) for row in window.board.rows}


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
