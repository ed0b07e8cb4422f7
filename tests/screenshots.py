"""Renews the pictures of the documentation from the real window with the demonstration feed: `make screenshots`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from tests.doubles.shown_parts import PARTS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
COLOURS = 256

# name, theme, scale, further words: what the documents show, then every panel and dialog in both themes and sizes.
NAMED = (
    ("watch-dark", "dark", "1", ("--select", "RELIANCE")),
    ("watch-light", "light", "1", ("--select", "RELIANCE")),
    ("watch-dark-150", "dark", "1.5", ("--select", "NIFTY")),
    ("watch-light-150", "light", "1.5", ("--select", "HDFCBANK")),
    ("search-dark", "dark", "1", ("--select", "RELIANCE", "--search", "bnf ce")),
)
PICTURES = NAMED + tuple(
    (f"{part}-{theme}{suffix}", theme, scale, ("--select", "RELIANCE", "--show", part))
    for part in PARTS
    for theme in ("dark", "light")
    for scale, suffix in (("1", ""), ("1.5", "-150"))
)


def take(path: Path, theme: str, scale: str, words: tuple[str, ...], profile: Path) -> None:
    """Save one picture."""
    program = [sys.executable, "-m", "tests.doubles.pictured", "--out", str(path), "--theme", theme, *words]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": f"offscreen:configfile={screen_file(profile)}",
        "QT_SCALE_FACTOR": scale,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    subprocess.run(
        [*program, "--", "--feed", "simulated", "--profile", str(profile)], cwd=ROOT, env=environment, check=True
    )


def screen_file(folder: Path) -> Path:
    """A screen on which every dialog has room at 150 %; the usual one of this platform is 800 pixels wide."""
    file = folder / "screen.json"
    file.write_text(json.dumps({"screens": [{"name": "wide", "x": 0, "y": 0, "width": 2880, "height": 1800}]}))
    return file


def shrink(path: Path) -> None:
    """Keep the 256 colours that most of a picture has, which nobody sees: a third of the size, and of every clone."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    colours, counts = np.unique(np.frombuffer(image.constBits(), np.uint32), return_counts=True)
    table = [int(colour) for colour in colours[np.argsort(counts)[::-1][:COLOURS]]]
    small = image.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)
    if not small.save(str(path), "PNG", 0):  # type: ignore[call-overload]  # the stub wants bytes, Qt takes text
        raise OSError(f"{path.name} could not be written")


def main() -> int:
    """Take all pictures, or those whose names begin with one of the arguments."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = tuple(sys.argv[1:]) or ("",)
    for name, theme, scale, words in PICTURES:
        if not name.startswith(wanted):
            continue
        with tempfile.TemporaryDirectory() as profile:
            take(FOLDER / f"{name}.png", theme, scale, words, Path(profile))
        shrink(FOLDER / f"{name}.png")
        sys.stdout.write(f"{(FOLDER / name).relative_to(ROOT)}.png\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
