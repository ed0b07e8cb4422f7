"""What can be done with the watchlists, with its keys: the menu of the menu bar, and of a right click on a tab."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.presentation.menu_plan import LINE, LIST_MENU, LIST_NUMBERS
from openalgo_desktop.views.source_menu import SourceMenu
from openalgo_desktop.views.window_actions import WindowActions


class ListMenu(QMenu):
    """Emits intent; every action has a key."""

    createRequested = Signal()
    starterRequested = Signal(str)  # name of a starter list
    renameRequested = Signal()
    deleteRequested = Signal()
    moveRequested = Signal(int)  # by how many places
    stepRequested = Signal(int)  # by how many lists
    numberRequested = Signal(int)  # position of the list, from 0
    importRequested = Signal()
    exportRequested = Signal(bool)  # all lists, or the shown one
    rowsRequested = Signal()  # the shown rows as a table
    sourceChosen = Signal(str)  # a feed, empty for the first that can

    def __init__(self, actions: WindowActions, parent: QWidget) -> None:
        super().__init__("&Watchlist", parent)
        self._delete = actions["list.delete"]
        for each in LIST_MENU:
            if each == LINE:
                self.addSeparator()
            else:
                self.addAction(actions[each])
        self._starters = QMenu("New &from", self)
        self._starters.setToolTipsVisible(True)
        self._starters.setEnabled(False)
        self.insertMenu(actions["list.rename"], self._starters)
        self.addSeparator()
        for name, text, run in (
            ("import", "I&mport…", self.importRequested.emit),
            ("export", "&Export this list…", partial(self.exportRequested.emit, False)),
            ("export_all", "Expor&t all lists…", partial(self.exportRequested.emit, True)),
            ("export_rows", "Export ro&ws with their prices…", self.rowsRequested.emit),
        ):
            action = self.addAction(text)
            action.setObjectName(f"list.{name}")
            action.triggered.connect(lambda _checked=False, each=run: each())
        self.sources = SourceMenu("So&urce of its prices", "The first that can", self)
        self.sources.chosen.connect(self.sourceChosen)
        self.addMenu(self.sources)
        self.addSeparator()
        numbers = self.addMenu("Sh&ow list")
        for position, each in enumerate(LIST_NUMBERS):
            numbers.addAction(actions[each])
            actions.on(each, partial(self.numberRequested.emit, position))
        actions.on("list.new", self.createRequested.emit)
        actions.on("list.rename", self.renameRequested.emit)
        actions.on("list.delete", self.deleteRequested.emit)
        for name, by in (("left", -1), ("right", 1)):
            actions.on(f"list.{name}", partial(self.moveRequested.emit, by))
        for name, by in (("next", 1), ("previous", -1)):
            actions.on(f"list.{name}", partial(self.stepRequested.emit, by))

    def offer_starters(self, starters: Iterable[tuple[str, str]]) -> None:
        """Offer lists to begin with: name and explanation of each."""
        self._starters.clear()
        for name, about in starters:
            action = self._starters.addAction(name.replace("&", "&&"))
            action.setObjectName(f"list.new_from.{name}")
            action.setToolTip(about)
            action.triggered.connect(lambda _checked=False, each=name: self.starterRequested.emit(each))
        self._starters.setEnabled(not self._starters.isEmpty())

    def show_count(self, count: int) -> None:
        """The last list cannot be deleted."""
        self._delete.setEnabled(count > 1)
