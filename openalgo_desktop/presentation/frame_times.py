"""How long frames take: the work of writing them, and the painting that Qt does for them afterwards."""

from __future__ import annotations

from typing import NamedTuple

from openalgo_desktop.presentation.sample_ring import SampleRing


class FrameSummary(NamedTuple):
    """The frames of a while. Times in ms; 0 without a frame."""

    frames: int
    p50_ms: float
    p99_ms: float
    longest_ms: float


class FrameTimes:
    """A frame begins with its work and ends where the next one begins: what is painted between belongs to it."""

    def __init__(self) -> None:
        self._ring = SampleRing(1_024)
        self._frames = 0
        self._open: float | None = None

    def worked(self, ms: float) -> None:
        """A frame was written, in `ms`."""
        self._close()
        self._open = ms

    def painted(self, ms: float) -> None:
        """The window was painted, in `ms`; before the first frame, that is nobody's."""
        if self._open is not None:
            self._open += ms

    def take(self) -> FrameSummary:
        """The frames since the previous call that have ended."""
        found, frames, longest = self._ring.percentiles(50, 99), self._frames, self._ring.largest
        self._ring.clear()
        self._frames = 0
        return FrameSummary(0, 0.0, 0.0, 0.0) if found is None else FrameSummary(frames, found[0], found[1], longest)

    def _close(self) -> None:
        if self._open is not None:
            self._ring.add(self._open)
            self._frames += 1
            self._open = None
