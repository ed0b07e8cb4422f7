"""Whether a window can be shown here, found out without importing Qt.

On Linux Qt's xcb plug-in ends the process if a library of the system is missing, so that is looked for first.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping

XCB_PACKAGES = (
    "libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-xkb1 libxcb-cursor0 "
    "libxkbcommon-x11-0 libegl1 libgl1"
)
_XCB_LIBRARIES = (
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-image.so.0",
    "libxcb-render-util.so.0",
    "libxcb-xkb.so.1",
    "libxcb-cursor.so.0",
    "libxkbcommon-x11.so.0",
)
# Qt's own libraries are linked against these: without them importing it fails.
_ALWAYS = ("libEGL.so.1", "libGL.so.1")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def why_headless(environment: Mapping[str, str], platform: str, loads: Callable[[str], bool] = _loads) -> str:
    """Return the sentence that says why no window can be shown, or an empty text if one can."""
    if not platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return ""
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return "There is no display, so it runs headless."
    needed = _ALWAYS if environment.get("WAYLAND_DISPLAY") else (*_XCB_LIBRARIES, *_ALWAYS)
    missing = [library for library in needed if not loads(library)]
    if missing:
        return (
            f"Libraries that windows need are missing ({', '.join(missing)}), so it runs headless. "
            f"Install them with: {'' if os.access('/usr/lib', os.W_OK) else 'sudo '}apt-get install {XCB_PACKAGES}"
        )
    return ""
