"""Paints the title of a section over the whole width of the market watch: fold mark, name, size, average change."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from openalgo_desktop.presentation.section_row import SectionRow
from openalgo_desktop.widgets.quote_painter import PADDING, QuotePainter
from openalgo_desktop.widgets.scale import live

_GLYPHS = {1: "▲", -1: "▼"}


class SectionPainter:
    """Uses the fonts and colours of `painter`. Titles do not move sideways with the columns."""

    INDENT = live(22)

    def __init__(self, painter: QuotePainter) -> None:
        self._painter = painter

    def paint(self, painter: QPainter, row: SectionRow, rect: QRect, paper: QColor) -> None:
        """Paint `row` into `rect` on `paper`."""
        fonts, skin = self._painter, self._painter.skin
        painter.fillRect(rect, paper)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, skin.hairline)
        self._paint_mark(painter, rect, folded=row.collapsed)
        baseline = rect.top() + fonts.strong.baseline(rect.height())
        x = float(rect.left() + self.INDENT)
        name = fonts.strong.elided(row.name, max(rect.width() - 12.0 * self.INDENT, 80.0))
        painter.setFont(fonts.strong.font)
        painter.setPen(skin.primary)
        painter.drawText(QPointF(x, baseline), name)
        x += fonts.strong.width(name) + 8
        painter.setFont(fonts.small.font)
        painter.setPen(skin.muted)
        painter.drawText(QPointF(x, baseline), row.size)
        x += fonts.small.width(row.size) + 16
        if row.text:
            painter.drawText(QPointF(x, baseline), "avg")
            x += fonts.small.width("avg") + PADDING
            painter.setPen(skin.direction(row.direction))
            if row.direction:
                painter.drawText(QPointF(x, baseline), _GLYPHS[row.direction])
                x += fonts.small.width(_GLYPHS[row.direction]) + 3
            painter.setFont(fonts.plain.font)
            painter.drawText(QPointF(x, baseline), row.text)

    def _paint_mark(self, painter: QPainter, rect: QRect, *, folded: bool) -> None:
        x, y, unit = rect.left() + self.INDENT / 2, rect.center().y() + 0.5, self.INDENT / 22
        points = ((-2.0, -4.0), (3.0, 0.0), (-2.0, 4.0)) if folded else ((-4.0, -2.0), (4.0, -2.0), (0.0, 3.0))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._painter.skin.secondary)
        painter.drawPolygon(QPolygonF([QPointF(x + dx * unit, y + dy * unit) for dx, dy in points]))
        painter.restore()
