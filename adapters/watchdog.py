"""Tells a quiet market from a mute socket: one that is open, and on which nothing arrives, not even a heartbeat.

Pure: time is an argument.
"""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What the silence of a socket means."""

    ALIVE = "alive"
    MUTE = "mute"
    DEAD = "dead"


class Watchdog:
    """Judges the silence of one socket: mute after `mute_after_s`, dead (reconnect) after `dead_after_s`.

    Any frame counts, data or control. The times must exceed the peer's heartbeat interval.
    """

    def __init__(self, mute_after_s: float, dead_after_s: float, now_s: float) -> None:
        if not 0.0 < mute_after_s < dead_after_s:
            raise ValueError("a socket must be mute before it is dead")
        self._mute_after_s = mute_after_s
        self._dead_after_s = dead_after_s
        self._heard_s = now_s

    def heard(self, now_s: float) -> None:
        """A frame arrived at `now_s`."""
        self._heard_s = now_s

    def verdict(self, now_s: float) -> Verdict:
        """Return what the silence up to `now_s` means."""
        silence_s = self.silence(now_s)
        if silence_s >= self._dead_after_s:
            return Verdict.DEAD
        return Verdict.MUTE if silence_s >= self._mute_after_s else Verdict.ALIVE

    def silence(self, now_s: float) -> float:
        """Seconds since the last frame."""
        return now_s - self._heard_s
