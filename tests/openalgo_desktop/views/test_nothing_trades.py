"""Nothing on the screen can place an order: every widget, action and signal is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.views.book_pane import TABS
from openalgo_desktop.views.column_menu import ColumnMenu
from openalgo_desktop.views.main_window import MainWindow

VERBS = re.compile(
    r"\b(buy|sell|(?<!avg )orders?(?! book| of)|place|cancel|modify|square|execute|submit|exit|arm)\b", re.IGNORECASE
)
NAMES = re.compile(r"(buy|sell|(?<!re)order|trade[^d]|place[A-Z_]|cancel|modify|square|execute|submit)", re.IGNORECASE)


def words(window: QWidget) -> Iterator[tuple[str, str]]:
    """(whose, text) of everything that offers something."""
    for action in window.findChildren(QAction):
        if isinstance(action.parent(), QMenu) and isinstance(action.parent().parent(), ColumnMenu):
            continue  # these name columns, such as the quantity of all that is bid
        yield action.objectName() or "action", f"{action.text()} {action.toolTip()} {action.objectName()}"
    for widget in window.findChildren(QWidget):
        said = f"{widget.accessibleName()} {widget.toolTip()} {widget.windowTitle()}"
        if isinstance(widget, QAbstractButton | QLabel):
            said = f"{said} {widget.text()}"
        yield type(widget).__name__, said


def own_signals(window: QObject) -> Iterator[str]:
    """The signals of our classes, by name."""
    kinds = {kind for each in [window, *window.findChildren(QObject)] for kind in type(each).__mro__}
    for kind in kinds:
        if kind.__module__.startswith("openalgo_desktop"):
            yield from (f"{kind.__name__}.{name}" for name, value in vars(kind).items() if isinstance(value, Signal))


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


def test_nothing_on_screen_offers_to_trade(window: MainWindow) -> None:
    menus = []
    for tab, _title, _key in TABS:
        window.book.show_tab(tab)
        menus.append(window.book.options_menu())
    found = [(whose, text) for whose, text in words(window) if VERBS.search(text.replace("&", ""))]
    assert not found
    assert len(list(words(window))) > 100, "the walk has seen the window"


def test_no_signal_could_carry_an_order(window: MainWindow) -> None:
    signals = list(own_signals(window))
    assert "LadderView.priceSelected" in signals
    assert not [name for name in signals if NAMES.search(name)]


def test_services_of_the_window_know_no_orders() -> None:
    assert not [name for name in DesktopServices.__dataclass_fields__ if NAMES.search(name)]


def test_clicks_on_the_book_ask_for_nothing(window: MainWindow, qtbot: QtBot) -> None:
    asked: list[object] = []
    book = window.book
    for signal in (book.settingChosen, book.ownWindowRequested, book.snapRequested, window.settingChosen):
        signal.connect(lambda *given: asked.append(given))
    for tab, _title, _key in TABS:
        book.show_tab(tab)
        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            for y in range(40, 400, 30):
                shown = book._views[tab]
                QTest.mouseClick(shown, button, pos=QPoint(60, y))
                QTest.mouseDClick(shown, button, pos=QPoint(200, y))
                # Qt's test library keeps a button pressed after a double click, for the tests to come as well.
                QTest.mouseRelease(shown, button, pos=QPoint(200, y))
    assert asked == []


@pytest.mark.parametrize("said", ["Buy", "&Sell".replace("&", ""), "Place order", "Cancel orders", "Square off"])
def test_the_walk_would_see_an_offer(said: str) -> None:
    assert VERBS.search(said)


@pytest.mark.parametrize("said", ["buyRequested", "orderPlaced", "sellAt", "tradeRequested"])
def test_the_walk_would_see_a_signal(said: str) -> None:
    assert NAMES.search(said)
