"""The strip at the bottom: one chip per feed, the honesty bar, clients, the local address, and what is wrong.

Where room is short, facts give way first, from the last one on: names and state words stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from openalgo_desktop.presentation.feed_lines import Fact, FeedChip, Tone
from openalgo_desktop.presentation.strip_layout import GAP, Fitted, fit
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import CURRENT, live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = live(28)
ROUNDING = 6
"""What gaps may be wider than reckoned, because each is a whole number of pixels."""


class Span(NamedTuple):
    """What is painted from `left` to `right`: its tip, and what a click on it asks for (nothing if empty)."""

    left: int
    right: int
    tip: str
    feed: str = ""
    fact: str = ""


class StatusStrip(QWidget):
    """Painted once a second, and when a feed changes its state. Tab, ← → and Enter do what clicks do."""

    feedChosen = Signal(str, QPoint)  # name of a feed, global position of the top left corner of its chip
    factChosen = Signal(str, QPoint)

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._badge = ""
        self._chips: tuple[FeedChip, ...] = ()
        self._facts: tuple[Fact, ...] = ()
        self._trouble: tuple[Tone, str] | None = None
        self._spans: list[Span] = []
        self._focused = 0
        self._plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self._strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Feeds and local server")

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self.setFixedHeight(HEIGHT)
        self.update()

    def show_state(
        self,
        chips: Sequence[FeedChip],
        facts: Sequence[Fact],
        *,
        badge: str = "",
        trouble: tuple[Tone, str] | None = None,
    ) -> None:
        """Show feeds left and `facts` right; `trouble` takes the place between them."""
        shown = (tuple(chips), tuple(facts), badge, trouble)
        if shown == (self._chips, self._facts, self._badge, self._trouble):
            return
        self._chips, self._facts, self._badge, self._trouble = shown
        words = [chip.sentence for chip in chips]
        self.setAccessibleDescription("; ".join([badge, *words, trouble[1] if trouble else ""]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        skin = self._skin
        self._spans = []
        painter = QPainter(self)
        painter.fillRect(self.rect(), skin.app)
        painter.fillRect(0, 0, self.width(), 1, skin.hairline)
        left = self._paint_badge(painter, px(8))
        trouble = None if self._trouble is None else self._trouble[1]
        fitted = self._fit(self.width() - left - px(10), trouble)
        end = self._paint_facts(painter, fitted)
        for chip, facts in zip(self._chips, fitted.chips, strict=True):
            left = self._paint_chip(painter, chip, facts, left, end)
        if self._trouble is not None:
            tone, text = self._trouble
            ink = self._ink(tone)
            self._put(painter, self._strong, ink, self._strong.elided(f"⚠ {text}", max(end - left - px(GAP), 0)), left)
            self._spans.append(Span(left, end, text))
        self._paint_focus(painter)
        painter.end()

    def _fit(self, room: int, trouble: str | None) -> Fitted:
        """What fits into `room`. Gaps are reckoned at 100 %, so texts and room are too."""
        scale = CURRENT.percent / 100.0
        plain, strong = self._plain.width, self._strong.width
        return fit(
            room / scale - ROUNDING,
            self._chips,
            self._facts,
            trouble,
            lambda text: plain(text) / scale,
            lambda text: strong(text) / scale,
        )

    def _paint_badge(self, painter: QPainter, left: int) -> int:
        if not self._badge:
            return left
        width = round(self._strong.width(self._badge)) + px(14)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._skin.demo)
        painter.drawRoundedRect(QRect(left, px(6), width, HEIGHT - px(11)), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._put(painter, self._strong, self._skin.on_accent, self._badge, left + px(7))
        return left + width + px(GAP)

    def _paint_chip(self, painter: QPainter, chip: FeedChip, facts: str, left: int, end: int) -> int:
        skin, ink = self._skin, self._ink(chip.tone)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(left + px(4), HEIGHT / 2 + 0.5), px(4), px(4))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        x = self._put(painter, self._strong, skin.primary, chip.name, left + px(14))
        word = self._plain.elided(chip.word, max(end - x - px(6) - px(GAP), 0))
        x = self._put(painter, self._plain, ink, word, x + px(6))
        if facts:
            x = self._put(painter, self._plain, skin.muted, facts, x + px(8))
        self._spans.append(Span(left, x, chip.detail or chip.sentence, feed=chip.name if chip.is_feed else ""))
        return x + px(GAP)

    def _paint_facts(self, painter: QPainter, fitted: Fitted) -> int:
        right = self.width() - px(10)
        for fact, text in zip(reversed(self._facts), reversed(fitted.facts), strict=True):
            if not text:
                continue
            left = right - round(self._plain.width(text))
            self._put(painter, self._plain, self._skin.secondary, text, left)
            self._spans.append(Span(left, right, fact.help, fact=fact.name))
            right = left - px(GAP)
            painter.fillRect(right + px(GAP) // 2, px(8), 1, HEIGHT - px(15), self._skin.hairline)
        return right

    def _paint_focus(self, painter: QPainter) -> None:
        choices = self._choices()
        if self.hasFocus() and choices:
            span = choices[min(self._focused, len(choices) - 1)]
            painter.setPen(QPen(self._skin.accent, 2))
            painter.drawRect(QRect(span.left - 5, 4, span.right - span.left + 10, HEIGHT - 7))

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

    # What the user does

    def _choices(self) -> list[Span]:
        """What can be asked for, from left to right."""
        return sorted(span for span in self._spans if span.feed or span.fact)

    def _span_at(self, x: int) -> Span | None:
        return next((span for span in self._spans if span.left <= x < span.right), None)

    def _choose(self, span: Span | None) -> None:
        if span is None:
            return
        corner = self.mapToGlobal(QPoint(span.left, 0))
        if span.feed:
            self.feedChosen.emit(span.feed, corner)
        elif span.fact:
            self.factChosen.emit(span.fact, corner)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._span_at(event.position().toPoint().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        span = self._span_at(event.position().toPoint().x())
        asks = span is not None and bool(span.feed or span.fact)
        self.setCursor(Qt.CursorShape.PointingHandCursor if asks else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        choices, by = self._choices(), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not choices:
            super().keyPressEvent(event)
        elif by:
            self._focused = min(max(min(self._focused, len(choices) - 1) + by, 0), len(choices) - 1)
            self.setAccessibleDescription(choices[self._focused].tip)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(choices[min(self._focused, len(choices) - 1)])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            span = self._span_at(event.pos().x())
            QToolTip.showText(event.globalPos(), "" if span is None else span.tip, self)
            return True
        return super().event(event)
