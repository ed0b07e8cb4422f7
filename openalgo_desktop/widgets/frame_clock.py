"""The one timer that repaints: ten frames a second while the window can be seen, none while it cannot."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from openalgo_desktop.presentation.frame_times import FrameTimes

RATE_HZ = 10


class FrameClock(QObject):
    """Emits `frame(now_ms)` with a monotonic time at a steady rate, and `second(now_ms)` about once a second."""

    frame = Signal(float)
    second = Signal(float)

    def __init__(self, parent: QObject, *, rate_hz: int = RATE_HZ) -> None:
        super().__init__(parent)
        self.rate_hz = rate_hz
        self.measured_hz = 0.0
        self.times = FrameTimes()
        self._frames = 0
        self._since_ms = now_ms()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 / rate_hz))
        self._timer.timeout.connect(self._tick)

    def set_rate(self, rate_hz: int) -> None:
        """Make `rate_hz` frames a second from now on."""
        self.rate_hz = rate_hz
        self._timer.setInterval(round(1000 / rate_hz))

    @property
    def running(self) -> bool:
        """Whether frames are being made."""
        return self._timer.isActive()

    def start(self) -> None:
        """Make frames; the second that was interrupted starts anew."""
        if not self._timer.isActive():
            self._frames, self._since_ms = 0, now_ms()
            self._timer.start()

    def stop(self) -> None:
        """Make no frames."""
        self._timer.stop()
        self.measured_hz = 0.0

    def _tick(self) -> None:
        now = now_ms()
        self._frames += 1
        self.frame.emit(now)
        self.times.worked(now_ms() - now)
        elapsed = now - self._since_ms
        if elapsed >= 990.0:
            self.measured_hz = self._frames * 1000.0 / elapsed
            self._frames, self._since_ms = 0, now
            self.second.emit(now)


def now_ms() -> float:
    """A monotonic time in ms, the one that frames carry."""
    return time.monotonic() * 1000.0
