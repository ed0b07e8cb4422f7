"""Paints what the user has noted of a row: the flag as a coloured chip with its number, the note as a folded corner."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from openalgo_desktop.widgets.scale import live
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

CHIP = live(14)
CHIP_GAP = live(8)
CORNER = live(6)


def paint_chip(painter: QPainter, flag: int, cell: QRect, metrics: TextMetrics, skin: Skin) -> None:
    """Paint the flag 1 to 7 at the right end of `cell`; its number says the same as its colour."""
    if not 1 <= flag <= len(skin.flags):
        return
    size = int(CHIP)
    left = cell.right() + 1 - size - CHIP_GAP
    chip = QRectF(left, cell.top() + (cell.height() - size) // 2, size, size)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(skin.flags[flag - 1])
    painter.drawRoundedRect(chip, 3, 3)
    painter.restore()
    painter.setFont(metrics.font)
    painter.setPen(skin.on_accent)
    number = str(flag)
    x = chip.left() + (size - metrics.width(number)) / 2
    painter.drawText(QPointF(x, chip.top() + metrics.baseline(size)), number)


def paint_corner(painter: QPainter, cell: QRect, skin: Skin) -> None:
    """Mark the upper right corner of `cell`: there is a note, which is read by resting on the row."""
    right, top = float(cell.right() + 1), float(cell.top())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(skin.accent)
    size = float(CORNER)
    painter.drawPolygon(QPolygonF([QPointF(right - size, top), QPointF(right, top), QPointF(right, top + size)]))
    painter.restore()
