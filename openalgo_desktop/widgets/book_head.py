"""The heading of a book: which instrument, how many levels from where, and its last price."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = live(44)
PADDING = live(8)


class BookHead(QWidget):
    """Two lines: name and price, then levels and change. What does not fit is cut with …, the price never."""

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._shown = ("", "", "", "", 0, False)
        self._heading = TextMetrics(fonts.font(fonts.TITLE_PX, strong=True))
        self._plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(px(200), HEIGHT)

    @property
    def title(self) -> str:
        """The name of the instrument as shown."""
        return self._shown[0]

    @property
    def subtitle(self) -> str:
        """The second line as shown."""
        return self._shown[1]

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self.updateGeometry()
        self.update()

    def show_lines(
        self, title: str, subtitle: str, price: str = "", change: str = "", *, direction: int = 0, stale: bool = False
    ) -> None:
        """Show both lines; the same again costs nothing. `direction` is the sign of the day's change."""
        shown = (title, subtitle, price, change, direction, stale)
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleName(f"{title}, {subtitle}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        title, subtitle, price, change, direction, stale = self._shown
        skin, painter = self._skin, QPainter(self)
        painter.fillRect(event.rect(), skin.panel)
        if stale:
            painter.fillRect(0, 0, 2, self.height(), skin.warn)
        ink = skin.muted if stale else skin.primary
        day = skin.muted if stale else skin.direction(direction)
        self._line(painter, self._heading, px(4), px(22), (title, ink), (price, day))
        self._line(painter, self._plain, px(23), px(17), (subtitle, skin.muted), (change, day))
        painter.end()

    def _line(
        self,
        painter: QPainter,
        metrics: TextMetrics,
        top: int,
        height: int,
        left: tuple[str, QColor],
        right: tuple[str, QColor],
    ) -> None:
        painter.setFont(metrics.font)
        y = top + metrics.baseline(height)
        end = self.width() - PADDING - metrics.width(right[0])
        painter.setPen(right[1])
        painter.drawText(QPointF(end, y), right[0])
        painter.setPen(left[1])
        painter.drawText(QPointF(PADDING, y), metrics.elided(left[0], end - 2 * PADDING))
