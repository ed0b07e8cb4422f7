"""Shows the window with random ticks, to look at: `python -m tests.openalgo_desktop.gallery --theme dark`."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from market.feeds import FeedState, FeedStatus
from openalgo_desktop import tasks
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop

EVERY_MS = 20


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--shot", type=Path, help="save a picture after --seconds and end")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rows", type=int, default=17)
    parser.add_argument("--rate", type=int, default=200, help="ticks a second")
    parser.add_argument("--stale", action="store_true", help="the feed is lost after a second")
    parser.add_argument("--select", type=int, default=4)
    parser.add_argument("--search", default=None)
    parser.add_argument("--density", default="standard")
    parser.add_argument("--height", type=int, default=860)
    parser.add_argument("--cpu", action="store_true", help="say what share of one core the process takes")
    return parser.parse_args()


async def show(chosen: argparse.Namespace) -> None:
    desktop = Desktop(count=chosen.rows)
    desktop.settings.set("theme", chosen.theme)
    desktop.settings.set("density", chosen.density)
    window = MainWindow()
    window.resize(1400, chosen.height)
    controller = MainController(window, desktop.services())
    closed = asyncio.Event()
    window.closing.connect(closed.set)
    window.show()
    desktop.open_all()
    batches = [desktop.market.updates(chosen.rate * EVERY_MS // 1000, time.time() * 1000) for _ in range(400)]
    turn = 0

    def feed() -> None:
        nonlocal turn
        if desktop.desk.status.state is FeedState.LIVE:
            now = time.time() * 1000
            batch = [
                u._replace(tick=u.tick._replace(received_ms=now, timestamp=int(now), ltt=int(now)))
                for u in batches[turn % 400]
            ]
            desktop.market_data.tell(batch)
            turn += 1

    feeder = QTimer(window)
    feeder.setInterval(EVERY_MS)
    feeder.timeout.connect(feed)
    feeder.start()
    window.watch.grid.set_current_row(chosen.select)
    if chosen.search is not None:
        window.watch.search.open(chosen.search)
    if chosen.stale:
        lost = FeedStatus(
            "simulated", FeedState.RECONNECTING, "connection refused, next attempt in 4 s", time.time() * 1000, 3
        )
        QTimer.singleShot(2000, lambda: setattr(desktop.desk, "status", lost))
    if chosen.cpu:
        await measure(chosen.seconds)
        window.close()
    elif chosen.shot is not None:
        await asyncio.sleep(chosen.seconds)
        window.grab().save(str(chosen.shot))
        window.close()
    await closed.wait()
    feeder.stop()
    controller.close()
    await tasks.cancel_all()


async def measure(seconds: float) -> None:
    await asyncio.sleep(3.0)
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - wall) * 100
    print(f"whole process {share:.1f} % of one core")  # noqa: T201


def main() -> None:
    chosen = options()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    qasync.run(show(chosen))


if __name__ == "__main__":
    main()
