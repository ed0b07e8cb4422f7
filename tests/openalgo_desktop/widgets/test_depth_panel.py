"""The book on screen: as tall as its levels, both colours, and painted only when something changed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.depth_book import BookPicture, picture
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.widgets.depth_panel import WIDTH, DepthPanel
from openalgo_desktop.widgets.skin import Skin
from tests.doubles.random_market import RandomMarket


@pytest.fixture
def book() -> BookPicture:
    market = RandomMarket()
    gold = market.instruments[12]
    tick = market.update(gold, 1_764_000_000_000.0).tick
    return picture(tick, RowStyle(), instrument=gold, levels=20)


@pytest.fixture
def panel(skin: Skin, qtbot: QtBot) -> DepthPanel:
    panel = DepthPanel(skin)
    qtbot.addWidget(panel)
    panel.resize(WIDTH, 640)
    panel.show()
    return panel


def seen(panel: DepthPanel) -> set[str]:
    image = panel.grab(QRect(0, 0, WIDTH, 640)).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def test_levels_make_its_height(panel: DepthPanel, book: BookPicture) -> None:
    small = panel.sizeHint().height()
    panel.show_book("GOLD", "20 levels", book)
    assert panel.sizeHint().height() == small + 15 * 18
    assert panel.minimumHeight() == panel.sizeHint().height()


def test_both_sides_have_their_colour(panel: DepthPanel, book: BookPicture, skin: Skin) -> None:
    panel.show_book("GOLD", "20 levels", book)
    assert {skin.buy_bar.name(), skin.sell_bar.name(), skin.primary.name(), skin.up.name()} <= seen(panel)
    panel.set_skin(Skin(LIGHT))
    assert QColor(LIGHT.bg_panel).name() in seen(panel)


def test_no_text_is_wider_than_its_box(panel: DepthPanel, book: BookPicture) -> None:
    boxes = panel._boxes(0, 18)
    assert all(left.right() < right.left() for left, right in pairwise(boxes))
    for bid, ask in book.rows:
        texts = (bid.orders, bid.quantity, bid.price, ask.price, ask.quantity, ask.orders)
        assert all(panel._strong.width(text) <= box.width() + 1 for text, box in zip(texts, boxes, strict=True))


def test_the_same_book_again_is_not_painted(
    panel: DepthPanel, book: BookPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[bool] = []
    monkeypatch.setattr(panel, "update", lambda: painted.append(True))
    for _ in range(3):
        panel.show_book("GOLD", "20 levels", book)
    panel.show_book("GOLD", "20 levels", book, stale=True)
    assert len(painted) == 2


def test_stale_book_has_an_amber_edge(panel: DepthPanel, book: BookPicture, skin: Skin) -> None:
    panel.show_book("GOLD", "20 levels", book, stale=True)
    assert skin.warn.name() in seen(panel)
    assert skin.primary.name() not in seen(panel)


def test_note_takes_the_place_of_levels(panel: DepthPanel, skin: Skin) -> None:
    empty = picture(None, RowStyle(), instrument=None, levels=5)
    panel.show_book("NIFTY", "NSE index", empty)
    without = seen(panel)
    panel.show_book("NIFTY", "NSE index", empty, note="An index has no order book.")
    assert seen(panel) != without
