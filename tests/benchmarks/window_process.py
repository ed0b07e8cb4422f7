"""The real application with everything on: the largest list of the demonstration, ladder, chart, 5,000 ticks a second.

python -m tests.benchmarks.window_process PROFILE STATS SECONDS
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from adapters.simulated.universe import build_listings
from market.instruments import InstrumentKey
from market.sessions import SessionCalendar
from openalgo_desktop.bootstrap import run_window
from openalgo_desktop.engine import read_holidays
from openalgo_desktop.options import Arguments, resolve
from openalgo_desktop.profile import prepare_profile
from openalgo_desktop.views.main_window import MainWindow
from services.settings import Settings
from services.storage.database import open_storage
from services.watchlists import Watchlists

TICKS_PER_S = 5_000
SIZE = (1600, 1400)
SELECTED = "RELIANCE"
_IST = timezone(timedelta(hours=5, minutes=30))


def instruments() -> list[InstrumentKey]:
    """Every instrument of the demonstration."""
    calendar = SessionCalendar(read_holidays(), forced_open=True)
    listings = build_listings(datetime.now(_IST).date(), calendar)
    return [listing.instrument.key for listing in listings]


def main() -> int:
    profile, stats, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    storage = open_storage(prepare_profile(profile))
    lists = Watchlists(storage)
    lists.add(lists.lists()[0].id, instruments())
    settings = Settings(storage, environment={})
    settings.set("book_tab", "ladder")
    settings.set("first_steps_done", True)
    storage.close()
    application = QApplication(sys.argv[:1])
    arrangement = QTimer()
    arrangement.setInterval(100)
    arrangement.timeout.connect(lambda: _arrange(application, arrangement))
    arrangement.start()
    end = QTimer()
    end.setSingleShot(True)
    end.setInterval(round(seconds * 1000))
    end.timeout.connect(lambda: [window.close() for window in application.topLevelWidgets()])
    end.start()
    arguments = Arguments(
        profile=str(profile),
        feeds=[f"simulated={TICKS_PER_S}"],
        stats=stats,
        ws_port="0",
        http_port="0",
        zmq_port="0",
        zmq_pub_port="0",
    )
    return run_window(resolve(arguments, {}))


def _arrange(application: QApplication, timer: QTimer) -> None:
    """Make room for forty rows and select one that has a book, as soon as the rows are there."""
    for window in application.topLevelWidgets():
        if isinstance(window, MainWindow) and window.board.rows:
            window.resize(*SIZE)
            key = next(row.key for row in window.board.listed if row.key.symbol == SELECTED)
            window.watch.grid.set_current_key(key)
            timer.stop()


if __name__ == "__main__":
    sys.exit(main())
