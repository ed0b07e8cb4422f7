"""Where a window may be: wholly on a screen that is there, as (left, top, width, height) in logical pixels."""

from __future__ import annotations

from collections.abc import Sequence

Box = tuple[int, int, int, int]


def clamped(window: Box, screens: Sequence[Box]) -> Box:
    """Return `window` moved, and made smaller if need be, onto the screen that shows most of it, or the first one."""
    if not screens:
        return window
    best = max(screens, key=lambda screen: _shared(window, screen))
    left, top, width, height = window
    width, height = min(width, best[2]), min(height, best[3])
    left = min(max(left, best[0]), best[0] + best[2] - width)
    top = min(max(top, best[1]), best[1] + best[3] - height)
    return left, top, width, height


def _shared(window: Box, screen: Box) -> int:
    across = min(window[0] + window[2], screen[0] + screen[2]) - max(window[0], screen[0])
    down = min(window[1] + window[3], screen[1] + screen[3]) - max(window[1], screen[1])
    return max(across, 0) * max(down, 0)
