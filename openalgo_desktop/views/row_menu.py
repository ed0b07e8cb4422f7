"""What can be done with the selected rows and with sections: a menu of the menu bar, and of a right click on a row."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.views.source_menu import SourceMenu
from openalgo_desktop.views.window_actions import WindowActions

FLAGS = ("Red", "Orange", "Yellow", "Green", "Teal", "Blue", "Violet")
"""The colours of the flags 1 to 7 by name."""


class RowMenu(QMenu):
    """Emits intent. Object names say what each action does: `row.flag.2`, `row.section.new`."""

    copyNameRequested = Signal()
    sentTo = Signal(int, bool)  # list id, whether the rows stay where they are too
    flagRequested = Signal(int)  # 1 to 7, 0 for none
    noteRequested = Signal()
    rollRequested = Signal()
    codeRequested = Signal(str)  # python, javascript or curl
    inspectRequested = Signal()
    sectionRequested = Signal()
    renameRequested = Signal()
    foldRequested = Signal()
    foldAllRequested = Signal()
    dissolveRequested = Signal()
    sourceChosen = Signal(str)  # a feed, empty for whoever the list or the order says
    comparisonChosen = Signal(str)  # a feed, empty for none

    def __init__(self, actions: WindowActions, parent: QWidget) -> None:
        super().__init__("&Row", parent)
        self._copy = self._add("copy_name", "&Copy the name", self.copyNameRequested)
        self._move = self.addMenu("&Move to")
        self._also = self.addMenu("Copy &to")
        self._make_flags(self.addMenu("&Flag"))
        self._note = self._add("note", "&Note…", self.noteRequested, "Ctrl+M")
        self._roll = self._add("roll", "Roll to the next e&xpiry", self.rollRequested, "Ctrl+R")
        self.sources = SourceMenu("So&urce of prices", "As the list says", self)
        self.comparisons = SourceMenu("Co&mpare prices with", "Nobody", self)
        self.sources.chosen.connect(self.sourceChosen)
        self.comparisons.chosen.connect(self.comparisonChosen)
        for menu in (self.sources, self.comparisons):
            self.addMenu(menu)
        self.addSeparator()
        self._add("section.new", "New &section above", self.sectionRequested, "Ctrl+G")
        self._of_section = [
            self._add("section.rename", "&Rename the section", self.renameRequested),
            self._add("section.fold", "Fold or &unfold", self.foldRequested),
            self._add("section.remove", "Dissolve the section", self.dissolveRequested),
        ]
        self._add("section.fold_all", "Fold or unfold &all", self.foldAllRequested, "Ctrl+Shift+G")
        self.addSeparator()
        code = self.addMenu("Copy as co&de")
        for name, text in (("python", "&Python"), ("javascript", "&JavaScript"), ("curl", "&curl")):
            action = code.addAction(text)
            action.setObjectName(f"row.copy_{name}")
            action.triggered.connect(lambda _checked=False, each=name: self.codeRequested.emit(each))
        inspect = self._add("inspect", "&Inspect the last message…", self.inspectRequested, "Ctrl+I")
        self.addSeparator()
        self.addAction(actions["rows.remove"])
        self._of_rows = [self._copy, self._move.menuAction(), self._also.menuAction(), self._note, self._roll]
        self._of_rows += [self._flags.menuAction(), code.menuAction(), inspect]

    def show_target(self, key: str, lists: Iterable[tuple[int, str]], *, is_title: bool) -> None:
        """Be about the rows of which the current one is `key` (empty: none); `lists` are the others, by id and name."""
        self._copy.setText(f"&Copy {key.replace('&', '&&')}" if key else "&Copy the name")
        others = list(lists)
        for menu, stay in ((self._move, False), (self._also, True)):
            menu.clear()
            for number, name in others:
                action = menu.addAction(name.replace("&", "&&"))
                action.triggered.connect(lambda _checked=False, each=number, copy=stay: self.sentTo.emit(each, copy))
        for action in self._of_rows:
            action.setEnabled(bool(key))
        for menu in (self._move, self._also):
            menu.menuAction().setEnabled(bool(key) and bool(others))
        for action in self._of_section:
            action.setEnabled(is_title)

    def _make_flags(self, menu: QMenu) -> None:
        self._flags = menu
        for number, name in enumerate(("No flag", *FLAGS)):
            action = menu.addAction(f"&{number}  {name}")
            action.setObjectName(f"row.flag.{number}")
            action.setShortcut(QKeySequence(f"Alt+{number}"))
            action.triggered.connect(lambda _checked=False, each=number: self.flagRequested.emit(each))

    def _add(self, name: str, text: str, signal: object, keys: str = "") -> QAction:
        action = self.addAction(text)
        action.setObjectName(f"row.{name}")
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: signal.emit())  # type: ignore[attr-defined]
        return action
