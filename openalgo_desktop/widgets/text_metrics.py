"""Widths of short texts without asking Qt each time: figures are equally wide, so a text is the sum of its letters."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF

from openalgo_desktop.widgets import scale
from openalgo_desktop.widgets.fonts import Face


class TextMetrics(scale.Follower):
    """Measures texts of one font, which follows the scale. Good for fonts without kerning, as `fonts.font` gives.

    `version` is another after every change of the scale.
    """

    def __init__(self, font: Face) -> None:
        self.font = font
        self.version = 0
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        scale.CURRENT.followers.add(self)

    def rescale(self) -> None:
        self.font.rescale()
        self.version += 1
        self._metrics = QFontMetricsF(self.font)
        self._widths.clear()

    def width(self, text: str) -> float:
        """The width of `text` in logical pixels."""
        widths = self._widths
        try:
            return sum([widths[letter] for letter in text])
        except KeyError:
            for letter in text:
                widths.setdefault(letter, self._metrics.horizontalAdvance(letter))
            return sum([widths[letter] for letter in text])

    def baseline(self, height: int) -> int:
        """How far below the top of a line of `height` its baseline is, the capital letters centred."""
        return round((height + self._metrics.capHeight()) / 2)

    def elided(self, text: str, room: float) -> str:
        """Return `text`, cut with … where it is wider than `room`."""
        if self.width(text) <= room:
            return text
        while text and self.width(text) + self.width("…") > room:
            text = text[:-1]
        return f"{text.rstrip()}…"
