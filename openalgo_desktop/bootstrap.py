"""The application with a window: Qt and asyncio on one loop, the engine, and the controllers that join the two."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from openalgo_desktop import __version__, tasks
from openalgo_desktop.failures import StartupError
from openalgo_desktop.options import EngineOptions
from openalgo_desktop.users import LOCAL_USER
from openalgo_desktop.views.main_window import MainWindow

if TYPE_CHECKING:
    from openalgo_desktop.controllers.main_controller import DesktopServices
    from openalgo_desktop.engine import Engine

logger = logging.getLogger(__name__)

_GEOMETRY_FILE = "window.ini"
_BAD_QT = (6, 12)
_SIGNALS_EVERY_MS = 200


def run_window(options: EngineOptions) -> int:
    """Show the window until it is closed or a signal arrives; returns the exit status."""
    refuse_bad_pair(PySide6.__version_info__[:2], sys.version_info[:2])
    sys.excepthook = _unexpected
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("OpenAlgo Desktop")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("openalgo-desktop")
    # The loop ends when the engine has stopped, not when the last window is gone.
    application.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(application)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="worker"))
    with loop:
        serving = loop.create_task(_serve(options))
        try:
            return int(loop.run_until_complete(serving))
        except RuntimeError:
            if serving.done():
                raise
            # Qt ended its loop under us: the display server is gone. What must last is on disk already.
            logger.error("The display went away, so the application ends")
            logging.shutdown()
            # Nothing of Qt can be taken down in order any more; trying prints pages of noise or hangs.
            os._exit(1)


def refuse_bad_pair(qt: tuple[int, ...], python: tuple[int, ...]) -> None:
    """PySide6 6.12 ends Python 3.11 within minutes, without a word.

    Raises:
        StartupError: this is that pair.
    """
    if qt >= _BAD_QT and python < (3, 12):
        raise StartupError(
            f"PySide6 {'.'.join(map(str, qt))} crashes on Python {'.'.join(map(str, python))}; "
            "install PySide6-Essentials below 6.12, or use Python 3.12 or newer"
        )


async def _serve(options: EngineOptions) -> int:
    stopping = asyncio.Event()
    _stop_at_signals(stopping)
    window = MainWindow(geometry=QSettings(_geometry_file(options.profile), QSettings.Format.IniFormat))
    window.closing.connect(stopping.set)
    # Python's own signal handlers run only between steps of Python code, and Qt may sleep for long.
    waker = QTimer(window)
    waker.start(_SIGNALS_EVERY_MS)
    waker.timeout.connect(lambda: None)
    window.show()
    # Paint before anything else is loaded or read: a window that is there and empty is better than none.
    QApplication.processEvents()
    try:
        engine = await asyncio.to_thread(_open_engine, options)
        from openalgo_desktop.controllers.main_controller import MainController
        from openalgo_desktop.headless import announce
        from openalgo_desktop.stats_file import stats_written

        try:
            await engine.start()
            controller = MainController(window, services_of(engine))
            announce(engine)
            try:
                async with stats_written(
                    options.stats, lambda: engine.hub.counters["ticks_in"], window.clock.times.take
                ):
                    await stopping.wait()
            finally:
                controller.close()
        finally:
            await engine.stop()
    finally:
        waker.stop()
        window.close()
        await tasks.cancel_all()
        window.deleteLater()
    return 0


def _open_engine(options: EngineOptions) -> Engine:
    """Load and open the engine in a worker thread, while the window is there already."""
    from openalgo_desktop.engine import Engine

    return Engine(options)


def services_of(engine: Engine) -> DesktopServices:
    """What the controllers need of `engine`."""
    from openalgo_desktop.controllers.main_controller import DesktopServices

    return DesktopServices(
        market_data=engine.market_data,
        watchlists=engine.watchlists,
        settings=engine.settings,
        instruments=engine.instruments,
        desk=engine.desk,
        calendar=engine.calendar,
        care=engine.care,
        username=LOCAL_USER,
        history=engine.history,
        server_url=engine.server.url,
        sent_ms=lambda key: engine.server.flushed_ms if engine.desk.clients.audiences(key) else None,
    )


def _geometry_file(profile: Path) -> str:
    return str(profile.expanduser().absolute() / _GEOMETRY_FILE)


def _stop_at_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    for number in numbers:
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stopping.set))


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("An unexpected failure in the window", exc_info=(kind, error, trace))
