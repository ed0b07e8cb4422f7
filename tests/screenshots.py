"""Renews the pictures of the documentation from the real window with the demonstration feed: `make screenshots`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"

# name, theme, scale, further words
PICTURES = (
    ("watch-dark", "dark", "1", ("--select", "RELIANCE")),
    ("watch-light", "light", "1", ("--select", "RELIANCE")),
    ("watch-dark-150", "dark", "1.5", ("--select", "NIFTY")),
    ("watch-light-150", "light", "1.5", ("--select", "HDFCBANK")),
    ("search-dark", "dark", "1", ("--select", "RELIANCE", "--search", "bnf ce")),
)


def take(path: Path, theme: str, scale: str, words: tuple[str, ...], profile: Path) -> None:
    """Save one picture."""
    program = [sys.executable, "-m", "tests.doubles.pictured", "--out", str(path), "--theme", theme, *words]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": scale,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    subprocess.run(
        [*program, "--", "--feed", "simulated", "--profile", str(profile)], cwd=ROOT, env=environment, check=True
    )


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, theme, scale, words in PICTURES:
        with tempfile.TemporaryDirectory() as profile:
            take(FOLDER / f"{name}.png", theme, scale, words, Path(profile))
        sys.stdout.write(f"{(FOLDER / name).relative_to(ROOT)}.png\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
