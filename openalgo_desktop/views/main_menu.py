"""The menu bar, from its plan and the actions of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QWidgetAction

from openalgo_desktop.presentation.action_catalogue import CHOICE_TITLES, CHOICES
from openalgo_desktop.presentation.menu_plan import LINE, MENUS
from openalgo_desktop.views.window_actions import WindowActions
from openalgo_desktop.widgets.attention_slider import AttentionSlider


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
    _add_slider(made["flash_attention"], actions, choose)
    menus: dict[str, QMenu] = {}
    for title, ids in MENUS:
        if not title:
            window.menuBar().addMenu(made[ids[0].lstrip("@")])
            continue
        menus[title.replace("&", "")] = menu = window.menuBar().addMenu(title)
        _fill(menu, actions, ids, made)
    return menus


def _add_slider(menu: QMenu, actions: WindowActions, choose: Callable[[str, str], object]) -> None:
    """Put a slider over the choices of what flashes, and keep both the same."""
    steps = {int(value): actions[f"flash_attention.{value}"] for value, _title in CHOICES["flash_attention"]}
    slider = AttentionSlider([steps[step].text().replace("&", "") for step in sorted(steps)], menu)
    slider.chosen.connect(lambda step: choose("flash_attention", str(step)))
    for step, action in steps.items():
        action.toggled.connect(lambda on, at=step: slider.show_step(at) if on else None)
    inside = QWidgetAction(menu)
    inside.setDefaultWidget(slider)
    menu.insertAction(menu.actions()[0], inside)
    menu.insertSeparator(menu.actions()[1])


def _fill(menu: QMenu, actions: WindowActions, ids: tuple[str, ...], others: Mapping[str, QMenu]) -> None:
    for each in ids:
        if each == LINE:
            menu.addSeparator()
        elif each.startswith("@"):
            menu.addMenu(others[each[1:]])
        else:
            menu.addAction(actions[each])
