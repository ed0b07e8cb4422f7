"""Paints one search result: name and exchange left, contract details right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from openalgo_desktop.models.search_results import RESULT_ROLE
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = live(28)
PADDING = live(10)


class SearchDelegate(QStyledItemDelegate):
    """Paints `SearchResult`s."""

    def __init__(self, skin: Skin) -> None:
        super().__init__()
        self.skin = skin
        self._strong = TextMetrics(fonts.font(fonts.GRID_PX, strong=True))
        self._small = TextMetrics(fonts.font(fonts.LADDER_PX))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(px(200), HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        result, skin = index.data(RESULT_ROLE), self.skin
        rect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, skin.selected if selected else skin.panel)
        x = float(rect.left() + PADDING)
        painter.setFont(self._strong.font)
        painter.setPen(skin.muted if result.listed else skin.primary)
        painter.drawText(QPointF(x, rect.top() + self._strong.baseline(HEIGHT)), result.name)
        x += self._strong.width(result.name) + px(8)
        baseline = rect.top() + self._small.baseline(HEIGHT)
        painter.setFont(self._small.font)
        painter.setPen(skin.muted)
        painter.drawText(QPointF(x, baseline), result.venue)
        x += self._small.width(result.venue) + px(16)
        details = self._small.elided(result.details, rect.right() - PADDING - x)
        painter.setPen(skin.secondary)
        painter.drawText(QPointF(rect.right() - PADDING - self._small.width(details), baseline), details)
