"""The menu of a title: what it offers for which column, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.views.header_menu import HeaderMenu


@pytest.fixture
def menu(app: QApplication, qtbot: QtBot) -> Iterator[HeaderMenu]:
    owner = QWidget()
    qtbot.addWidget(owner)
    menu = HeaderMenu(owner, QMenu("C&olumns", owner))
    menu.show_layout(ColumnLayout().sorted_by(Sort("ltp")).frozen_at("change"))
    yield menu
    owner.deleteLater()


def actions(menu: QMenu) -> dict[str, QAction]:
    found = {}
    for action in menu.actions():
        found[action.text().replace("&", "")] = action
        inside = action.menu()
        if isinstance(inside, QMenu):
            found |= actions(inside)
    return found


def test_titles_offer_everything_that_their_column_can_do(menu: HeaderMenu) -> None:
    menu.fill("ltp")
    offered = actions(menu)
    for title in (
        "Sort ascending",
        "Sort descending",
        "The list's own order",
        "Hide LTP",
        "Fit its width",
        "Freeze up to LTP",
        "Left",
        "Centre",
        "Right",
        "In full",
        "Short (L, Cr, K, M)",
        "Columns",
    ):
        assert title in offered, title
    marked = {title for title, action in offered.items() if action.isChecked()}
    assert marked == {"Sort ascending", "Right", "In full"}


def test_names_stay_and_pictures_have_no_alignment(menu: HeaderMenu) -> None:
    menu.fill("symbol")
    assert not actions(menu)["Hide Instrument"].isEnabled()
    assert "Left" not in actions(menu)
    menu.show_layout(ColumnLayout().with_ids(["spark"]))
    menu.fill("spark")
    assert "Left" not in actions(menu)
    assert "In full" not in actions(menu)
    menu.fill("")
    assert list(actions(menu)) == ["Columns"]


def test_choices_are_asked_for(menu: HeaderMenu, qtbot: QtBot) -> None:
    menu.fill("volume")
    for title, signal, arguments in (
        ("Sort descending", menu.sortChosen, [Sort("volume", descending=True)]),
        ("The list's own order", menu.sortChosen, [None]),
        ("Hide Volume", menu.hideChosen, ["volume"]),
        ("Fit its width", menu.fitChosen, ["volume"]),
        ("Freeze up to Volume", menu.freezeChosen, ["volume"]),
        ("Centre", menu.alignChosen, ["volume", "centre"]),
        ("In full", menu.writingChosen, ["volume", "full"]),
    ):
        with qtbot.waitSignal(signal) as asked:
            actions(menu)[title].trigger()
        assert asked.args == arguments


def test_freezing_is_taken_back_at_the_same_place(menu: HeaderMenu, qtbot: QtBot) -> None:
    menu.fill("change")
    action = actions(menu)["Freeze up to Change"]
    assert action.isChecked()
    with qtbot.waitSignal(menu.freezeChosen) as asked:
        action.trigger()
    assert asked.args == ["symbol"]
