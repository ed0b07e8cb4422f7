"""The bundled typeface: the same figures, equally wide, on every system."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtGui import QFont, QFontDatabase

from openalgo_desktop.widgets.scale import px

FAMILY = "Inter"
GRID_PX = 12
LADDER_PX = 11
AXIS_PX = 10
TITLE_PX = 13
_FACES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Italic.otf")


class Face(QFont):
    """A font that knows its size at 100 %."""

    unscaled_px = GRID_PX

    def rescale(self) -> None:
        """Take the size of the present scale."""
        self.setPixelSize(max(px(self.unscaled_px), 1))


@cache
def load() -> tuple[str, ...]:
    """Make the bundled faces known to Qt, once per process; returns the families found."""
    folder = resources.files("resources") / "fonts"
    families: list[str] = []
    for face in _FACES:
        number = QFontDatabase.addApplicationFontFromData((folder / face).read_bytes())
        families += QFontDatabase.applicationFontFamilies(number)
    return tuple(families)


def font(pixels: int, *, strong: bool = False, italic: bool = False) -> Face:
    """Return the typeface with tabular figures, `pixels` high at 100 %; `strong` is medium weight."""
    load()
    # Some systems list the medium face as a family of its own, some as a weight of the family.
    made = Face([f"{FAMILY} Medium", FAMILY] if strong else [FAMILY])
    made.unscaled_px = pixels
    made.rescale()
    made.setKerning(False)
    made.setItalic(italic)
    made.setFeature(QFont.Tag("tnum"), 1)
    if strong:
        made.setWeight(QFont.Weight.Medium)
    return made
