"""The executable is built and tried, so that what runs here from source runs on a computer without Python."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaged import CHECKS, Packaged

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_MB = 260

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(importlib.util.find_spec("PyInstaller") is None, reason="PyInstaller is not installed"),
]


@pytest.fixture(scope="module")
def executable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of an executable built from this source, outside of it."""
    folder = tmp_path_factory.mktemp("build")
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work")]
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--log-level", "WARN", *places, str(ROOT / "build.spec")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "dist" / "openalgo-desktop" / f"openalgo-desktop{'.exe' if sys.platform == 'win32' else ''}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_executable(executable: Path, tmp_path: Path, check: Callable[[Packaged], str]) -> None:
    assert check(Packaged(executable, tmp_path))


def test_executable_has_no_more_inside_than_it_needs(executable: Path) -> None:
    places = [path.relative_to(executable.parent) for path in executable.parent.rglob("*") if path.is_file()]
    for unwanted in ("libgtk-3", "libQt6Qml", "libQt6Network", "libreadline", "pandas", "matplotlib", "tcl", "PyQt"):
        assert not [place for place in places if place.name.startswith(unwanted)], unwanted
    assert not [path for path in executable.parent.rglob("*") if path.is_symlink() and not path.exists()]
    size = sum((executable.parent / place).lstat().st_size for place in places) / 1e6
    assert size < LARGEST_MB
