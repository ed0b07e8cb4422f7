"""From the command to an application that serves, to a window that is there, and to prices that move in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.results import Row
from tests.doubles.application import ROOT, command, environment

_VISIBLE_S, _MOVING_S = 1.2, 2.5
_PORTS = ("--ws-port", "0", "--zmq-pub-port", "0", "--zmq-port", "0", "--http-port", "0")
_BARE = "import sys; sys.stdout.write('ready\\n'); sys.stdout.flush()"
_BARE_WINDOW = """
import sys, time
from PySide6.QtWidgets import QApplication, QWidget
class Window(QWidget):
    def paintEvent(self, event):
        sys.stdout.write('ready\\n'); sys.stdout.flush(); app.quit()
app = QApplication([]); window = Window(); window.resize(1400, 860); window.show(); app.exec()
"""


def run(*, quick: bool) -> list[Row]:
    """Start several times, each with a profile that does not exist yet, and take the median; files may be cached."""
    rounds = 1 if quick else 5
    ready = [_until_ready() for _ in range(rounds)]
    shown = [_until_moving() for _ in range(rounds)]
    bare = median(_until_said([sys.executable, "-c", _BARE], "ready") for _ in range(rounds))
    window = median(_until_said([sys.executable, "-c", _BARE_WINDOW], "ready") for _ in range(rounds))
    visible, moving = (median(each[word] for each in shown) for word in ("visible", "moving"))
    facts = {"delivered": sum(len(each) for each in shown) + len(ready), "expected": 3 * rounds}
    first = f"first start (median of {rounds}): "
    rows = [
        (first + "command → ready line, headless", median(ready), bare, "bare interpreter", None),
        (first + "command → window painted", visible, window, "bare Qt window", _VISIBLE_S),
        (first + "command → a price has moved in it", moving, window, "bare Qt window", _MOVING_S),
    ]
    return [
        Row(
            benchmark="start",
            what=what,
            measured=took,
            unit="s",
            baseline=baseline,
            baseline_what=name,
            budget=f"≤ {limit:g} s" if limit else "",
            met=took <= limit if limit else None,
            facts=facts,
        )
        for what, took, baseline, name, limit in rows
    ]


def _until_ready() -> float:
    with TemporaryDirectory() as folder:
        return _until_said(command("--profile", f"{folder}/new", "--headless", *_PORTS), "ready")


def _until_said(line: list[str], word: str) -> float:
    began = time.time()
    with _process(line) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        took = time.time() - began
        process.terminate()
        process.communicate(timeout=30)
    assert said.startswith(word), f"said {said!r}"
    return took


def _until_moving() -> dict[str, float]:
    """Seconds until `visible` and until `moving`."""
    with TemporaryDirectory() as folder:
        began = time.time()
        line = [sys.executable, "-m", "tests.benchmarks.first_paint", "--profile", f"{folder}/new", *_PORTS]
        with _process(line) as process:
            output, _ = process.communicate(timeout=60)
    words = (text.split() for text in output.splitlines())
    return {word[0]: float(word[1]) - began for word in words if word[0] in ("visible", "moving")}


def _process(line: list[str]) -> subprocess.Popen[str]:
    env = environment(QT_QPA_PLATFORM="offscreen") if os.name != "nt" else environment()
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env, cwd=ROOT)
