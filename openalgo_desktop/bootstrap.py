"""The application with a window: Qt and asyncio on one loop, the engine, and the controllers that join the two."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from market.errors import ProfileInUseError
from openalgo_desktop import __version__, tasks
from openalgo_desktop.crash_hooks import CrashHooks
from openalgo_desktop.failures import StartupError
from openalgo_desktop.first_instance import ask_to_show, was_asked_to_show
from openalgo_desktop.logs import log_file
from openalgo_desktop.options import CHOSEN, EngineOptions
from openalgo_desktop.profile import InstanceLock, prepare_profile
from openalgo_desktop.session_file import SessionFile
from openalgo_desktop.users import LOCAL_USER
from openalgo_desktop.views.main_window import MainWindow

if TYPE_CHECKING:
    from openalgo_desktop.controllers.host import Host
    from openalgo_desktop.controllers.main_controller import DesktopServices
    from openalgo_desktop.engine import Engine

logger = logging.getLogger(__name__)

_GEOMETRY_FILE = "window.ini"
_BAD_QT = (6, 12)
_SIGNALS_EVERY_MS = 200


def run_window(options: EngineOptions) -> int:
    """Show the window until it is closed or a signal arrives; returns the exit status."""
    refuse_bad_pair(PySide6.__version_info__[:2], sys.version_info[:2])
    if _is_running_already(options):
        return 0
    hooks = CrashHooks()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("OpenAlgo Desktop")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("openalgo-desktop")
    # The loop ends when the engine has stopped, not when the last window is gone.
    application.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(application)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="worker"))
    hooks.install(loop)
    with loop, tasks.failures_told(lambda error: hooks.take(error, "in a task of the window")):
        again = True
        while again:
            serving = loop.create_task(_serve(options, hooks))
            again = _run_through(loop, serving)
    hooks.remove()
    return 0


def _run_through(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[bool]) -> bool:
    """Run until it is served; whether the user wants to start anew."""
    try:
        return bool(loop.run_until_complete(serving))
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


def _is_running_already(options: EngineOptions) -> bool:
    """Whether another window uses the profile and has come to the front instead.

    Raises:
        ProfileInUseError: the profile is used, but not by a window that answers.
    """
    lock = InstanceLock(prepare_profile(options.profile))
    try:
        lock.acquire()
    except ProfileInUseError:
        if not ask_to_show(options.profile):
            raise
        if sys.stderr is not None:
            sys.stderr.write("openalgo-desktop: it is running already; its window was brought to the front\n")
        return True
    lock.release()
    return False


async def _serve(options: EngineOptions, hooks: CrashHooks) -> bool:
    """Serve one session with a window; whether another one is wanted after it."""
    stopping = asyncio.Event()
    again: list[bool] = []
    _stop_at_signals(stopping)
    window = MainWindow(geometry=None if options.safe else _geometry(options.profile))
    window.memory.bring_back()
    window.closing.connect(stopping.set)
    window.restartRequested.connect(lambda: again.append(True))
    waker = _wake_often(window)
    window.show()
    # Paint before anything else is loaded or read: a window that is there and empty is better than none.
    QApplication.processEvents()
    try:
        engine = await asyncio.to_thread(_open_engine, options)
        from openalgo_desktop.controllers.main_controller import MainController
        from openalgo_desktop.headless import announce

        try:
            await engine.start()
            controller = MainController(window, services_of(engine, host_of(engine, hooks)))
            announce(engine)
            try:
                async with _stats(options, engine, window):
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
    return bool(again)


def _stats(options: EngineOptions, engine: Engine, window: MainWindow) -> AbstractAsyncContextManager[None]:
    """Write statistics while the window serves, if wanted; a timer of Qt's costs less than one of the loop's."""
    from openalgo_desktop.stats_file import stats_written

    def beats(every_s: float, beat: Callable[[], None]) -> Callable[[], object]:
        timer = QTimer(window)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(beat)
        timer.start(round(every_s * 1000))
        return timer.stop

    counters = engine.hub.counters
    return stats_written(options.stats, lambda: counters["ticks_in"], window.clock.times.take, beats=beats)


def _wake_often(window: MainWindow) -> QTimer:
    """Python's own signal handlers run only between steps of Python code, and Qt may sleep for long."""
    waker = QTimer(window)
    waker.start(_SIGNALS_EVERY_MS)
    waker.timeout.connect(lambda: None)
    return waker


def _open_engine(options: EngineOptions) -> Engine:
    """Load and open the engine in a worker thread, while the window is there already."""
    from openalgo_desktop.engine import Engine

    return Engine(options)


def host_of(engine: Engine, hooks: CrashHooks) -> Host:
    """What the window knows of this process."""
    from openalgo_desktop.controllers.host import Host
    from openalgo_desktop.stored_sources import wrong_sources

    return Host(
        log_file=log_file(engine.profile),
        session=SessionFile(engine.profile),
        safe=engine.options.safe,
        notices=tuple(engine.notices),
        said=frozenset(row.key for row in engine.settings.table if row.key in CHOSEN - engine.options.unsaid),
        on_storage_failure=engine.storage.on_failure,
        on_unexpected=hooks.listen,
        asked_to_show=lambda: was_asked_to_show(engine.profile),
        wrong_sources=wrong_sources,
        check_source=engine.sources.check,
    )


def services_of(engine: Engine, host: Host | None = None) -> DesktopServices:
    """What the controllers need of `engine`."""
    from openalgo_desktop.broker_desk import BrokerDesk
    from openalgo_desktop.controllers.host import Host
    from openalgo_desktop.controllers.main_controller import DesktopServices
    from openalgo_desktop.last_messages import last_message

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
        http_url=engine.http_url,
        message=last_message(engine.hub, engine.trust, engine.server.now_ms),
        host=host or Host(),
        sent_ms=lambda key: engine.server.flushed_ms if engine.desk.clients.audiences(key) else None,
        sources=engine.choices,
        brokers=BrokerDesk(engine.sources.sessions, engine.profile, engine.options.endpoints),
    )


def _geometry(profile: Path) -> QSettings:
    return QSettings(str(profile.expanduser().absolute() / _GEOMETRY_FILE), QSettings.Format.IniFormat)


def _stop_at_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    for number in numbers:
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stopping.set))
