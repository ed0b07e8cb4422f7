"""The menu bar, from its plan and the actions of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from openalgo_desktop.presentation.action_catalogue import CHOICE_TITLES, CHOICES
from openalgo_desktop.presentation.menu_plan import LINE, MENUS
from openalgo_desktop.views.window_actions import WindowActions


def make_menus(
    window: QMainWindow, actions: WindowActions, others: Mapping[str, QMenu], choose: Callable[[str, str], object]
) -> dict[str, QMenu]:
    """Fill the menu bar; `others` are the menus that the plan calls `@name`, `choose(setting, value)` is told choices.

    Returns the menus by title without `&`, for those who add something of their own.
    """
    made = dict(others)
    for setting, values in CHOICES.items():
        menu = QMenu(CHOICE_TITLES[setting], window)
        group = QActionGroup(menu)
        for value, _title in values:
            action = actions[f"{setting}.{value}"]
            group.addAction(action)
            menu.addAction(action)
            actions.on(action.objectName(), partial(choose, setting, value))
        made[setting] = menu
    menus: dict[str, QMenu] = {}
    for title, ids in MENUS:
        if not title:
            window.menuBar().addMenu(made[ids[0].lstrip("@")])
            continue
        menus[title.replace("&", "")] = menu = window.menuBar().addMenu(title)
        _fill(menu, actions, ids, made)
    return menus


def _fill(menu: QMenu, actions: WindowActions, ids: tuple[str, ...], others: Mapping[str, QMenu]) -> None:
    for each in ids:
        if each == LINE:
            menu.addSeparator()
        elif each.startswith("@"):
            menu.addMenu(others[each[1:]])
        else:
            menu.addAction(actions[each])
