"""Everything can be reached with Tab, has a name, and shows that the keyboard is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QScrollBar, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.presentation.notice_log import NoticeLog
from openalgo_desktop.presentation.settings_plan import SettingRow
from openalgo_desktop.views.about import AboutDialog
from openalgo_desktop.views.crash_dialog import CrashDialog
from openalgo_desktop.views.first_steps import FirstStepsDialog
from openalgo_desktop.views.keys_dialog import KeysDialog
from openalgo_desktop.views.keys_overlay import KeysOverlay
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.notices_dialog import NoticesDialog
from openalgo_desktop.views.settings_dialog import SettingsDialog

ROWS = [
    SettingRow(
        key="theme", label="Theme", help="Dark or light", value="dark", default="dark", choices=("dark", "light")
    ),
    SettingRow(key="flash", label="Flash", help="Tint", value=True, default=True),
    SettingRow(key="ws_port", label="Port", help="Where", value=1, default=1, least=1, most=9),
    SettingRow(key="feeds", label="Sources", help="Feeds", value="", default="", most=9),
]
DIALOGS: list[Callable[[MainWindow], QDialog]] = [
    AboutDialog,
    lambda window: KeysOverlay(window.actions_by_id, Place.GRID, window),
    lambda window: KeysDialog(window.actions_by_id, window),
    lambda window: NoticesDialog(NoticeLog(), "the.log", window),
    lambda window: CrashDialog("1.0", "the.log", window),
    lambda window: FirstStepsDialog("", [("Nifty 50", "The index")], "", window),
    lambda window: SettingsDialog(ROWS, window),
]


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    assert window.chart.chart is not None
    window.show()
    QTest.qWaitForWindowActive(window)
    return window


def controls(root: QWidget) -> list[QWidget]:
    """What can be seen and takes the keyboard."""
    return [
        each
        for each in root.findChildren(QWidget)
        if each.isVisibleTo(root)
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isEnabled()
        and each.focusProxy() is None
        and not isinstance(each, QScrollBar)
    ]


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text.replace("&", "")


def walked(window: QWidget) -> list[QWidget]:
    """Where Tab leads, until it comes around."""
    seen: list[QWidget] = []
    while len(seen) < 200:
        at = window.focusWidget()
        assert at is not None
        if at in seen:
            return seen
        seen.append(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    raise AssertionError("Tab never came around")


def test_tab_reaches_every_part_of_the_window_and_comes_around(window: MainWindow) -> None:
    window.watch.grid.setFocus()
    seen = walked(window)
    # Of a group of buttons that exclude each other Tab reaches the chosen one, arrows the rest.
    missed = [
        each
        for each in controls(window)
        if each not in seen and not (isinstance(each, QAbstractButton) and each.group() is not None)
    ]
    assert not missed, [(type(each).__name__, name_of(each)) for each in missed]
    assert window.watch.grid in seen
    assert window.chart.chart in seen
    assert window.status in seen


def test_every_control_has_a_name(window: MainWindow) -> None:
    nameless = [type(each).__name__ for each in controls(window) if not name_of(each)]
    assert not nameless


@pytest.mark.parametrize("make", DIALOGS)
def test_dialogs_name_their_controls_and_can_be_walked(
    window: MainWindow, make: Callable[[MainWindow], QDialog]
) -> None:
    dialog = make(window)
    dialog.show()
    dialog.activateWindow()
    QTest.qWaitForWindowActive(dialog)
    named = controls(dialog)
    assert not [type(each).__name__ for each in named if not name_of(each)]
    if named:
        named[0].setFocus()
        seen = walked(dialog)
        missed = [each for each in named if each not in seen and not isinstance(each, QTabBar)]
        grouped = [each for each in missed if isinstance(each, QAbstractButton) and each.group() is not None]
        assert missed == grouped, [name_of(each) for each in missed]
    dialog.close()
    dialog.deleteLater()


def test_row_is_read_with_a_key(window: MainWindow) -> None:
    QTest.keyClick(
        window.watch.grid, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert window.toast.text() == "No row is selected"
