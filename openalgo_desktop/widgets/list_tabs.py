"""The watchlists as tabs: choose, drag into another order, rename in place. They emit intent only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QTabBar, QWidget

from market.instruments import InstrumentKey
from openalgo_desktop.widgets.scale import live

NARROWEST_EDITOR = live(140)


class ListTab(NamedTuple):
    """What a tab shows: the list's id, its name and how many instruments it has."""

    id: int
    name: str
    size: int


class ListTabs(QTabBar):
    """One tab per watchlist, in order."""

    listChosen = Signal(int)  # list id
    renamed = Signal(int, str)  # list id, what was typed
    reordered = Signal(object)  # list ids in their new order
    rowsDropped = Signal(int, object, bool)  # list id, InstrumentKeys, whether they stay where they were too
    editingDone = Signal()  # the keyboard may go elsewhere
    menuRequested = Signal(QPoint)  # global position; the list under it was chosen before

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tabs: tuple[ListTab, ...] = ()
        self._doubts: dict[int, int] = {}
        self._renaming = -1
        self._drop_at = -1
        self.setObjectName("listTabs")
        self.setShape(QTabBar.Shape.RoundedSouth)
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Watchlists")
        self._over = parent
        self.editor = QLineEdit(parent)
        self.editor.setObjectName("tabEditor")
        self.editor.setAccessibleName("Name of the watchlist")
        self.editor.installEventFilter(self)
        self.editor.hide()
        self.currentChanged.connect(self._chosen)
        self.tabBarDoubleClicked.connect(self._edit)

    def show_lists(self, tabs: Sequence[ListTab], shown_id: int) -> None:
        """Show `tabs`, the one of `shown_id` chosen. Says nothing to listeners."""
        self._tabs = tuple(tabs)
        self.blockSignals(True)
        if [tab.id for tab in tabs] != self._order():
            while self.count():
                self.removeTab(self.count() - 1)
            for tab in tabs:
                self.setTabData(self.addTab(""), tab.id)
        for position in range(len(tabs)):
            self._label(position)
        self.setCurrentIndex(self._order().index(shown_id))
        self.blockSignals(False)
        self.updateGeometry()

    def show_doubts(self, doubts: Mapping[int, int]) -> None:
        """Say in the tab of each list how many of its prices may be old; lists without any are left out."""
        if doubts == self._doubts:
            return
        self._doubts = dict(doubts)
        for position in range(self.count()):
            self._label(position)

    def _label(self, position: int) -> None:
        # While one is dragged, tabs do not stand in the order of the lists.
        tab = next((each for each in self._tabs if each.id == self.tabData(position)), None)
        if tab is None:
            return
        doubts = self._doubts.get(tab.id, 0)
        mark = f"  ⚠ {doubts}" if doubts else ""
        self.setTabText(position, f"{tab.name.replace('&', '&&')}  {tab.size}{mark}")
        instruments = "1 instrument" if tab.size == 1 else f"{tab.size} instruments"
        old = f" · {doubts} with a price that may be old" if doubts else ""
        key = f" · Ctrl+{position + 1}" if position < 9 else ""
        self.setTabToolTip(position, f"{tab.name} · {instruments}{old}{key}")

    def edit_current(self) -> None:
        """Let the name of the chosen list be typed in its tab."""
        self._edit(self.currentIndex())

    # Rows that are dragged here

    def hover(self, at: QPoint | None) -> bool:
        """Mark the tab at the global position `at`; whether rows may be dropped there."""
        position = -1 if at is None else self.tabAt(self.mapFromGlobal(at))
        if position != self._drop_at:
            self._drop_at = position
            self.update()
        return position >= 0

    def drop(self, at: QPoint, keys: Sequence[InstrumentKey], *, copy: bool) -> bool:
        """Ask to put rows into the list whose tab is at the global position `at`; whether there is one."""
        position = self.tabAt(self.mapFromGlobal(at))
        if position >= 0 and keys:
            self.rowsDropped.emit(self.tabData(position), list(keys), copy)
        return position >= 0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_at >= 0:
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().link().color(), 2))
            painter.drawRect(self.tabRect(self._drop_at).adjusted(1, 1, -1, -1))
            painter.end()

    def _order(self) -> list[int]:
        return [self.tabData(position) for position in range(self.count())]

    def _chosen(self, position: int) -> None:
        if position >= 0:
            self.listChosen.emit(self.tabData(position))

    def _edit(self, position: int) -> None:
        if position < 0:
            return
        self._renaming = self.tabData(position)
        layout = self._over.layout()
        if layout is not None:
            layout.activate()  # a tab made just now has its place only after this
        place = self.tabRect(position)
        place.moveTopLeft(self.mapTo(self._over, place.topLeft()))
        place.setWidth(max(place.width(), NARROWEST_EDITOR))
        self.editor.setGeometry(place)
        self.editor.setText(next(tab.name for tab in self._tabs if tab.id == self._renaming))
        self.editor.selectAll()
        self.editor.show()
        self.editor.raise_()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _end_editing(self, *, keep: bool) -> None:
        list_id, self._renaming = self._renaming, -1
        if list_id < 0:
            return
        text = self.editor.text().strip()
        self.editor.hide()
        if keep and text and all(tab.name != text for tab in self._tabs if tab.id == list_id):
            self.renamed.emit(list_id, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self._end_editing(keep=True)
        elif (
            watched is self.editor
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        ):
            self._end_editing(keep=event.key() != Qt.Key.Key_Escape)
            self.editingDone.emit()
            return True
        return super().eventFilter(watched, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        # Told once, when the tab is let go: each tab passed on the way would be a step to undo.
        order = self._order()
        if order != [tab.id for tab in self._tabs]:
            # Known from here on, so that a release that comes twice is not two steps.
            by_id = {tab.id: tab for tab in self._tabs}
            self._tabs = tuple(by_id[number] for number in order)
            self.reordered.emit(order)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = self.tabAt(event.pos())
        if position >= 0:
            self.setCurrentIndex(position)
        self.menuRequested.emit(event.globalPos())
