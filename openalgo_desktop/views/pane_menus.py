"""What a right click, or the menu key, offers on depth, chart and status strip; rows, titles and tabs have theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.presentation.chart_texts import INTERVALS
from openalgo_desktop.views.book_pane import BookPane
from openalgo_desktop.views.chart_pane import ChartPane
from openalgo_desktop.views.window_actions import WindowActions

_CHART = ("view.chart", "view.full_screen")
_DEPTH = ("view.depth", "rows.read")
_STATUS = ("app.brokers", "settings.open", "help.notices")


class PaneMenus:
    """Gives each pane its menu."""

    def __init__(self, actions: WindowActions, book: BookPane, chart: ChartPane, status: QWidget) -> None:
        self._status = status
        self._actions = actions
        self._book = book
        self._chart = chart
        for pane, make in ((book, self.depth_menu), (chart, self.chart_menu), (status, self.status_menu)):
            _offer(pane, make)

    def depth_menu(self) -> QMenu:
        """The options of the book, and what is done with it."""
        menu = self._book.options_menu()
        menu.addSeparator()
        self._add(menu, _DEPTH)
        return menu

    def chart_menu(self) -> QMenu:
        """The intervals, and what is done with the chart."""
        menu = QMenu(self._chart)
        for seconds, name in INTERVALS:
            action = menu.addAction(f"{name} bars")
            action.setCheckable(True)
            action.setChecked(seconds == self._chart.interval)
            action.triggered.connect(lambda _checked=False, each=seconds: self._chart.intervalChosen.emit(each))
        menu.addSeparator()
        self._add(menu, _CHART)
        return menu

    def status_menu(self) -> QMenu:
        """Where prices come from, and what was said."""
        menu = QMenu(self._status)
        self._add(menu, _STATUS)
        return menu

    def _add(self, menu: QMenu, ids: Sequence[str]) -> None:
        for each in ids:
            menu.addAction(self._actions[each])


def _offer(pane: QWidget, make: Callable[[], QMenu]) -> None:
    def show(at: QPoint) -> None:
        menu = make()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(pane.mapToGlobal(at))

    pane.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    pane.customContextMenuRequested.connect(show)
