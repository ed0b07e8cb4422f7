"""A virtual screen with real keys: Xvfb, a window manager, xdotool. What is pressed goes the way of a user's keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("Xvfb", "xdotool", "openbox")
PATIENCE_S = 30.0


def missing() -> list[str]:
    """The programs that are not here."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class Screen:
    """One virtual screen. Keys go to the window that has the keyboard."""

    def __init__(self, display: str) -> None:
        self.display = display

    @property
    def environment(self) -> dict[str, str]:
        """For programs that show windows on this screen."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def key(self, *keys: str) -> None:
        """Press keys, named as xdotool does: `ctrl+k`, `Down`, `F6`."""
        self._xdotool("key", "--clearmodifiers", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "40", text)

    def wait_window(self, title: str) -> None:
        """Wait until a window of that title can be seen, and give it the keyboard."""
        self._xdotool("search", "--sync", "--onlyvisible", "--name", title, "windowactivate", "--sync")

    def has_window(self, title: str) -> bool:
        """Whether a window of that title can be seen."""
        return self._run("search", "--onlyvisible", "--name", title).returncode == 0

    def _xdotool(self, *words: str) -> None:
        done = self._run(*words)
        assert done.returncode == 0, f"xdotool {' '.join(words)}: {done.stderr}"

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


@contextmanager
def virtual_screen(folder: Path) -> Iterator[Screen]:
    """A screen of 1600 × 1000 with a window manager; both end with the block."""
    number, writer = os.pipe()
    with (folder / "screen.log").open("wb") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
            pass_fds=(writer,),
            stdout=log,
            stderr=log,
        )
        os.close(writer)
        with os.fdopen(number, encoding="ascii") as told:
            display = f":{told.readline().strip()}"
        manager = subprocess.Popen(
            ["openbox"], env={**os.environ, "DISPLAY": display}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield Screen(display)
        finally:
            for process in (manager, server):
                process.terminate()
                process.wait(10)


def until(condition: Callable[[], object], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait for `condition` of another process."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"it never came to that: {what}"
        time.sleep(0.1)
