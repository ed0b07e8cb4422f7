"""The size of text and controls, 80 to 150 %, on top of the screen's own scaling; changed while the window runs.

Lengths in the code are those of 100 %. `live` makes a constant of a module follow the scale, `px` scales a length once.
`fonts.font` does so by itself, `css` for style sheets, `scale_layouts` for margins and spacings. Lines of one or two
pixels stay as thin as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast
from weakref import WeakSet

from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

LEAST, MOST, USUAL = 80, 150, 100
_LENGTH = re.compile(r"\b(\d+)px")
_THIN = 2
_UNSCALED = "unscaled"


class Scale:
    """The one scale of the process. `followers` are told to measure anew when it changes."""

    def __init__(self) -> None:
        self.percent = USUAL
        self.followers: WeakSet[Follower] = WeakSet()

    def set(self, percent: int) -> bool:
        """Use another scale; whether it is another."""
        if percent == self.percent:
            return False
        self.percent = percent
        for follower in tuple(self.followers):
            follower.rescale()
        return True


class Follower:
    """Something whose size depends on the scale."""

    def rescale(self) -> None:
        """Measure anew."""


CURRENT = Scale()


def px(length: float) -> int:
    """A length of 100 % in the present scale, in whole logical pixels."""
    return round(length * CURRENT.percent / 100)


class _LiveLength:
    """A length that is what it is in the present scale whenever it is used; Qt takes it as a whole number."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __index__(self) -> int:
        return px(self._length)

    def __int__(self) -> int:
        return px(self._length)

    def __float__(self) -> float:
        return float(px(self._length))

    def __repr__(self) -> str:
        return f"live({self._length})"

    def __hash__(self) -> int:
        return hash(px(self._length))


def _follow(name: str) -> None:
    """Let an operator of numbers work on what the length is now."""
    operate = getattr(int, name)

    def live_operator(self: _LiveLength, *others: object) -> object:
        mine = px(self._length)
        found = operate(mine, *(int(each) if isinstance(each, _LiveLength) else each for each in others))
        if found is NotImplemented and others:  # a float on the other side
            return getattr(float, name)(float(mine), *others)
        return found

    setattr(_LiveLength, name, live_operator)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    _follow(f"__{_name}__")
    _follow(f"__r{_name}__")
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "abs", "round"):
    _follow(f"__{_name}__")


def live(length: int) -> int:
    """A constant for painting code, `length` at 100 %: it reads as a number and follows the scale."""
    return cast("int", _LiveLength(length))


def unscaled(length: float) -> int:
    """What `px` makes `length` of."""
    return round(length * 100 / CURRENT.percent)


def css(text: str) -> str:
    """A style sheet with its lengths scaled, but for thin lines."""

    def scaled(found: re.Match[str]) -> str:
        length = int(found.group(1))
        return f"{length if length <= _THIN else px(length)}px"

    return _LENGTH.sub(scaled, text)


def scale_layouts(root: QWidget) -> None:
    """Scale margins and spacings of all layouts in `root`; what a layout began with counts as 100 %."""
    layouts: list[QLayout] = root.findChildren(QLayout)
    for layout in layouts:
        _scale_layout(layout)


def _scale_layout(layout: QLayout) -> None:
    setters: tuple[tuple[Callable[[], int], Callable[[int], object]], ...]
    if isinstance(layout, QGridLayout):
        setters = (
            (layout.horizontalSpacing, layout.setHorizontalSpacing),
            (layout.verticalSpacing, layout.setVerticalSpacing),
        )
    else:
        setters = ((layout.spacing, layout.setSpacing),)
    usual = layout.property(_UNSCALED)
    if usual is None:
        margins = layout.contentsMargins()
        around = [margins.left(), margins.top(), margins.right(), margins.bottom()]
        usual = [*around, *(read() for read, _write in setters)]
        layout.setProperty(_UNSCALED, usual)
    layout.setContentsMargins(*(px(each) for each in usual[:4]))
    for (_read, write), spacing in zip(setters, usual[4:], strict=True):
        if spacing >= 0:
            write(px(spacing))
