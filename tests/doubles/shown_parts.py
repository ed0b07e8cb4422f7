"""The panels and dialogs of the window, opened by name for their pictures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.views.about import AboutDialog
from openalgo_desktop.views.crash_dialog import CrashDialog
from openalgo_desktop.views.first_steps import FirstStepsDialog
from openalgo_desktop.views.keys_dialog import KeysDialog
from openalgo_desktop.views.keys_overlay import KeysOverlay
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.notices_dialog import NoticesDialog

_TRACE = 'Traceback (most recent call last):\n  File "chart.py", line 80, in paintEvent\nZeroDivisionError: by zero'


def _palette(window: MainWindow, _controller: MainController) -> QWidget:
    window.palette_box.open("bnf")
    return window


def _commands(window: MainWindow, _controller: MainController) -> QWidget:
    window.palette_box.open(">")
    return window


def _ladder(window: MainWindow, _controller: MainController) -> QWidget:
    window.settingChosen.emit("book_tab", "ladder")
    return window


def _trouble(window: MainWindow, _controller: MainController) -> QWidget:
    window.toast.say(
        "binance is reconnecting since 14:03:22: next attempt in 4 s", action=("Reconnect now", lambda: None)
    )
    return window


def _settings(_window: MainWindow, controller: MainController) -> QWidget:
    controller._shell.settings.open()
    page = controller._shell.settings.page
    assert page is not None
    return page


def _brokers(window: MainWindow, controller: MainController) -> QWidget:
    window.actions_by_id["app.brokers"].trigger()
    brokers = controller._shell._brokers
    assert brokers is not None
    assert brokers._dialog is not None
    return brokers._dialog


def _keys(window: MainWindow, _controller: MainController) -> QWidget:
    return KeysDialog(window.actions_by_id, window)


def _overlay(window: MainWindow, _controller: MainController) -> QWidget:
    return KeysOverlay(window.actions_by_id, Place.GRID, window)


def _first_steps(window: MainWindow, controller: MainController) -> QWidget:
    starters = [(each.name, each.about) for each in controller._services.watchlists.starter_lists()]
    return FirstStepsDialog("", starters, "", window)


def _notices(window: MainWindow, controller: MainController) -> QWidget:
    window.toast.say("RELIANCE removed · Ctrl+Z to undo")
    window.toast.say("binance is back: it was away from 14:03:22 to 14:03:31")
    return NoticesDialog(controller._shell.trouble.log, "logs/openalgo-desktop.log", window)


def _crash(window: MainWindow, _controller: MainController) -> QWidget:
    dialog = CrashDialog("0.1.0", "logs/openalgo-desktop.log", window)
    dialog.show_failure("ZeroDivisionError in the window", _TRACE, 3)
    return dialog


PARTS: dict[str, Callable[[MainWindow, MainController], QWidget]] = {
    "palette": _palette,
    "commands": _commands,
    "ladder": _ladder,
    "trouble": _trouble,
    "settings": _settings,
    "brokers": _brokers,
    "keys": _keys,
    "overlay": _overlay,
    "first-steps": _first_steps,
    "notices": _notices,
    "crash": _crash,
    "about": lambda window, _controller: AboutDialog(window),
}
"""What opens each part; what it returns is what is pictured."""
