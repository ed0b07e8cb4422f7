"""The actions of the window, made from the catalogue: one `QAction` each, its object name the id of the catalogue.

Whoever adds a `QAction` of another name with a dot in it, such as `ladder.centre`, to the window takes part too:
`adopt` finds it, so that it is in the palette and its keys can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from openalgo_desktop.presentation.action_catalogue import CATALOGUE, ActionInfo, Place
from openalgo_desktop.presentation.key_bindings import KeyBindings


class WindowActions(QObject):
    """Every action by its id. `keysChanged` when keys are other ones than before."""

    keysChanged = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._infos: dict[str, ActionInfo] = {}
        self._actions: dict[str, QAction] = {}
        self.bindings = KeyBindings()
        for info in CATALOGUE:
            self.add(info)

    def add(self, info: ActionInfo, run: Callable[[], object] | None = None) -> QAction:
        """Make an action of the window, and have `run` called when it is chosen."""
        action = QAction(info.title, self._window)
        action.setObjectName(info.id)
        action.setCheckable(info.checkable)
        if run is not None:
            action.triggered.connect(lambda _checked=False: run())
        self._window.addAction(action)
        self._take(info, action)
        return action

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._actions

    def on(self, action_id: str, run: Callable[[], object]) -> None:
        """Have `run` called when the action is chosen."""
        self._actions[action_id].triggered.connect(lambda _checked=False: run())

    def infos(self) -> tuple[ActionInfo, ...]:
        """What is known of every action, those of the catalogue first."""
        self.adopt()
        return tuple(self._infos.values())

    def info(self, action_id: str) -> ActionInfo:
        """What is known of one action."""
        return self._infos[action_id]

    def adopt(self) -> None:
        """Take over the actions that others have given to the window, and forget those that are gone."""
        for name in [name for name, action in self._actions.items() if not shiboken6.isValid(action)]:
            del self._actions[name], self._infos[name]
        groups = {info.id.partition(".")[0]: info.group for info in reversed(CATALOGUE)}
        for action in self._window.findChildren(QAction):
            name = action.objectName()
            if "." in name and name not in self._actions:
                prefix = name.partition(".")[0]
                group = groups.get(prefix, prefix.replace("_", " ").capitalize())
                self._take(_info_of(action, group), action)

    def bind(self, bindings: KeyBindings) -> None:
        """Use other keys from now on."""
        self.bindings = bindings
        for action_id, action in self._actions.items():
            self._give_keys(self._infos[action_id], action)
        self.keysChanged.emit()

    def keys_text(self, action_id: str) -> str:
        """The keys of an action as people read them."""
        keys = self.bindings.keys(self._infos[action_id])
        return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)

    def of_place(self, place: Place) -> Iterator[tuple[str, str]]:
        """(key, action id) of every key that the widget of `place` looks up itself."""
        for info in self._infos.values():
            if info.place is place:
                for key in self.bindings.keys(info):
                    yield key, info.id

    def _take(self, info: ActionInfo, action: QAction) -> None:
        self._infos[info.id] = info
        self._actions[info.id] = action
        self._give_keys(info, action)

    def _give_keys(self, info: ActionInfo, action: QAction) -> None:
        if info.place is Place.GRID:
            # The grid looks its keys up itself: in a text field, Del and Ctrl+C belong to the text.
            keys = self.keys_text(info.id).split(", ")[0]
            action.setText(f"{info.title}\t{keys}" if keys else info.title)
            return
        action.setShortcuts([QKeySequence(key) for key in self.bindings.keys(info)])


_PLACES = {"Chart": Place.CHART, "Columns": Place.HEADER}


def _info_of(action: QAction, group: str) -> ActionInfo:
    """What the catalogue would say of an action that is not in it."""
    everywhere = action.shortcutContext() in (
        Qt.ShortcutContext.WindowShortcut,
        Qt.ShortcutContext.ApplicationShortcut,
    )
    menu = action.parent()
    title = f"{menu.title()}: {action.text()}" if isinstance(menu, QMenu) else action.text()
    keys = tuple(_text(sequence) for sequence in action.shortcuts())
    place = Place.WINDOW if everywhere else _PLACES.get(group, Place.DEPTH)
    return ActionInfo(action.objectName(), title, group, keys, place, action.isCheckable())


def _text(sequence: QKeySequence) -> str:
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)
