"""The menu of one title: what can be done with that column, and the columns that can be added."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.presentation.column_catalogue import BY_ID
from openalgo_desktop.presentation.column_dress import ALIGNS, Writing, can_align, usual, writings
from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.columns import SYMBOL
from openalgo_desktop.presentation.row_order import Sort

_ALIGN_TITLES = {"left": "&Left", "centre": "&Centre", "right": "&Right"}
_WRITING_TITLES = {Writing.FULL: "In &full", Writing.SHORT: "&Short (L, Cr, K, M)"}


class HeaderMenu(QMenu):
    """Filled anew each time for the column that was clicked. Emits intent; every signal begins with a column id."""

    sortChosen = Signal(object)  # Sort or None
    hideChosen = Signal(str)
    fitChosen = Signal(str)
    freezeChosen = Signal(str)  # up to this one; the first for the usual
    alignChosen = Signal(str, str)
    writingChosen = Signal(str, str)

    def __init__(self, parent: QWidget, columns: QMenu) -> None:
        super().__init__(parent)
        self._columns = columns
        self._inner: list[QMenu] = []
        self._layout = ColumnLayout()

    def show_layout(self, layout: ColumnLayout) -> None:
        """Take the layout that the menu speaks of."""
        self._layout = layout

    def popup_for(self, at: QPoint, column: str) -> None:
        """Show what can be done with `column` (nothing but adding others, for an unknown one) at a global position."""
        self.fill(column)
        self.popup(at)

    def fill(self, column: str) -> None:
        """Fill the menu for `column`."""
        self.clear()
        for menu in self._inner:
            menu.deleteLater()
        self._inner.clear()
        if column in self._layout.ids:
            self._add_sorting(column)
            self._add_place(column)
            self._add_writing(column)
            self.addSeparator()
        self.addAction(self._columns.menuAction())

    def _add_sorting(self, column: str) -> None:
        sort = self._layout.sort
        for title, wanted in (
            ("Sort &ascending", Sort(column)),
            ("Sort &descending", Sort(column, descending=True)),
            ("The list's &own order", None),
        ):
            action = self._checkable(self, title, checked=sort == wanted)
            action.triggered.connect(lambda _checked=False, each=wanted: self.sortChosen.emit(each))
        self.addSeparator()

    def _add_place(self, column: str) -> None:
        title = BY_ID[column].title.replace("&", "&&")
        hide = self.addAction(f"&Hide {title}")
        hide.setEnabled(column != SYMBOL.id)
        hide.triggered.connect(lambda: self.hideChosen.emit(column))
        self.addAction("&Fit its width").triggered.connect(lambda: self.fitChosen.emit(column))
        number = self._layout.ids.index(column)
        until = number + 1 == self._layout.frozen and number > 0
        freeze = self._checkable(self, f"Free&ze up to {title}", checked=number + 1 == self._layout.frozen)
        freeze.triggered.connect(lambda: self.freezeChosen.emit(SYMBOL.id if until else column))

    def _add_writing(self, column: str) -> None:
        plain = BY_ID[column]
        if can_align(plain) and column != SYMBOL.id:
            menu = self._menu("A&lignment")
            now = self._layout.aligns.get(column) or next(name for name, each in ALIGNS.items() if each is plain.align)
            for name, title in _ALIGN_TITLES.items():
                self._choice(menu, title, checked=name == now).triggered.connect(
                    lambda _checked=False, each=name: self.alignChosen.emit(column, each)
                )
        ways = writings(plain)
        if ways:
            menu, shown = self._menu("For&mat"), self._layout.writings.get(column) or usual(plain)
            for way in ways:
                self._choice(menu, _WRITING_TITLES[way], checked=way == shown).triggered.connect(
                    lambda _checked=False, each=way: self.writingChosen.emit(column, each.value)
                )

    def _menu(self, title: str) -> QMenu:
        menu = self.addMenu(title)
        self._inner.append(menu)
        return menu

    def _checkable(self, menu: QMenu, title: str, *, checked: bool) -> QAction:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(checked)
        return action

    def _choice(self, menu: QMenu, title: str, *, checked: bool) -> QAction:
        groups = menu.findChildren(QActionGroup)
        group = groups[0] if groups else QActionGroup(menu)
        action = self._checkable(menu, title, checked=checked)
        group.addAction(action)
        return action
