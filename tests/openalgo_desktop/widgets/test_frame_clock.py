"""Frames come while it runs and not while it is stopped."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from openalgo_desktop.widgets.frame_clock import FrameClock


def test_frames_and_seconds(qtbot: QtBot) -> None:
    owner = QObject()
    clock = FrameClock(owner, rate_hz=50)
    seconds: list[float] = []
    clock.second.connect(seconds.append)
    clock.start()
    qtbot.waitUntil(lambda: bool(seconds), timeout=5000)
    assert 10 < clock.measured_hz <= 60
    clock.stop()
    assert not clock.running
    assert clock.measured_hz == 0.0
    owner.deleteLater()


def test_rate_changes(qtbot: QtBot) -> None:
    owner = QObject()
    clock = FrameClock(owner)
    clock.set_rate(20)
    assert (clock.rate_hz, clock._timer.interval()) == (20, 50)
    owner.deleteLater()
