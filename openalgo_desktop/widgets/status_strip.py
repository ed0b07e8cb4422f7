"""The strip at the bottom: one chip per feed, rates, clients, the local address, and a sentence if a feed is unwell."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from openalgo_desktop.presentation.feed_lines import FeedChip, Tone
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = 28
GAP = 14


class StatusStrip(QWidget):
    """Painted once a second, and when a feed changes its state."""

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._badge = ""
        self._chips: tuple[FeedChip, ...] = ()
        self._facts: tuple[tuple[str, str], ...] = ()
        self._trouble: tuple[Tone, str] | None = None
        self._spans: list[tuple[int, int, str]] = []
        self._plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self._strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Feeds and local server")

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self.update()

    def show_state(
        self,
        chips: Sequence[FeedChip],
        facts: Sequence[tuple[str, str]],
        *,
        badge: str = "",
        trouble: tuple[Tone, str] | None = None,
    ) -> None:
        """Show feeds left and `facts` (text, help) right; `trouble` takes the place between them."""
        shown = (tuple(chips), tuple(facts), badge, trouble)
        if shown == (self._chips, self._facts, self._badge, self._trouble):
            return
        self._chips, self._facts, self._badge, self._trouble = shown
        words = [f"{chip.name} {chip.word}, {chip.facts}" for chip in chips]
        self.setAccessibleDescription("; ".join([badge, *words, trouble[1] if trouble else ""]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        skin = self._skin
        self._spans = []
        painter = QPainter(self)
        painter.fillRect(self.rect(), skin.app)
        painter.fillRect(0, 0, self.width(), 1, skin.hairline)
        end = self._paint_facts(painter)
        left = self._paint_badge(painter, 8)
        for chip in self._chips:
            left = self._paint_chip(painter, chip, left, end)
        if self._trouble is not None:
            tone, text = self._trouble
            room = end - left - GAP
            ink = self._ink(tone)
            self._put(painter, self._strong, ink, self._strong.elided(f"⚠ {text}", room), left)
            self._spans.append((left, end, text))
        painter.end()

    def _paint_badge(self, painter: QPainter, left: int) -> int:
        if not self._badge:
            return left
        width = round(self._strong.width(self._badge)) + 14
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._skin.demo)
        painter.drawRoundedRect(QRect(left, 6, width, HEIGHT - 11), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._put(painter, self._strong, self._skin.on_accent, self._badge, left + 7)
        return left + width + GAP

    def _paint_chip(self, painter: QPainter, chip: FeedChip, left: int, end: int) -> int:
        skin, ink = self._skin, self._ink(chip.tone)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(left + 4.0, HEIGHT / 2 + 0.5), 4.0, 4.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        x = self._put(painter, self._strong, skin.primary, chip.name, left + 14)
        x = self._put(painter, self._plain, ink, chip.word, x + 6)
        facts = self._plain.elided(chip.facts, max(end - x - 2 * GAP, 0))
        x = self._put(painter, self._plain, skin.muted, facts, x + 8)
        detail = chip.detail or f"{chip.name}: {chip.word}, {chip.facts}"
        self._spans.append((left, x, detail))
        return x + GAP

    def _paint_facts(self, painter: QPainter) -> int:
        right = self.width() - 10
        for text, tip in reversed(self._facts):
            left = right - round(self._plain.width(text))
            self._put(painter, self._plain, self._skin.secondary, text, left)
            self._spans.append((left, right, tip))
            right = left - GAP
            painter.fillRect(right + GAP // 2, 8, 1, HEIGHT - 15, self._skin.hairline)
        return right

    def _put(self, painter: QPainter, metrics: TextMetrics, ink: QColor, text: str, left: float) -> int:
        painter.setFont(metrics.font)
        painter.setPen(ink)
        painter.drawText(QPointF(left, metrics.baseline(HEIGHT)), text)
        return round(left + metrics.width(text))

    def _ink(self, tone: Tone) -> QColor:
        skin = self._skin
        return {
            Tone.GOOD: skin.up,
            Tone.BUSY: skin.warn,
            Tone.BAD: skin.down,
            Tone.OFF: skin.muted,
            Tone.DEMO: skin.demo,
        }[tone]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            x = event.pos().x()
            text = next((tip for left, right, tip in self._spans if left <= x < right), "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
