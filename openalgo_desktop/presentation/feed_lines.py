"""What the status strip says: one chip per feed, the totals, and one sentence when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from market.feeds import FeedNature, FeedState, FeedStatus
from openalgo_desktop.presentation import formats


class Tone(Enum):
    """How a chip's dot is coloured; the state word says the same without colour."""

    GOOD = auto()
    BUSY = auto()
    BAD = auto()
    OFF = auto()
    DEMO = auto()


_TONES = {
    FeedState.CONNECTING: Tone.BUSY,
    FeedState.LIVE: Tone.GOOD,
    FeedState.MUTE: Tone.BAD,
    FeedState.RECONNECTING: Tone.BUSY,
    FeedState.STOPPED: Tone.OFF,
    FeedState.FAILED: Tone.BAD,
}
_WORDS = {
    FeedState.CONNECTING: "connecting",
    FeedState.LIVE: "live",
    FeedState.MUTE: "no heartbeat",
    FeedState.RECONNECTING: "reconnecting",
    FeedState.STOPPED: "stopped",
    FeedState.FAILED: "failed",
}
_NATURE_WORDS = {FeedNature.SIMULATED: "simulated", FeedNature.REPLAY: "replay"}


@dataclass(frozen=True, slots=True)
class FeedChip:
    """One feed in the status strip."""

    name: str
    word: str
    facts: str
    tone: Tone
    detail: str


def chip(status: FeedStatus, nature: FeedNature, *, symbols: int, per_second: float, age_ms: float | None) -> FeedChip:
    """Return the chip of a feed that serves `symbols` and last spoke `age_ms` ago (None: never)."""
    word, tone = _WORDS[status.state], _TONES[status.state]
    if status.state is FeedState.LIVE and nature in _NATURE_WORDS:
        word, tone = _NATURE_WORDS[nature], Tone.DEMO
    if status.state is FeedState.RECONNECTING and status.attempt:
        word = f"{word}, attempt {status.attempt}"
    facts = [f"{symbols} symbols" if symbols != 1 else "1 symbol", f"{rate(per_second)}/s"]
    if age_ms is not None:
        facts.append(f"{formats.age(age_ms)} ago" if age_ms >= 1000 else "now")
    return FeedChip(status.feed, word, " · ".join(facts), tone, status.detail)


def rate(per_second: float) -> str:
    """Return a rate as text: one digit after the point below ten, then whole and grouped."""
    return f"{per_second:.1f}" if 0 < per_second < 9.95 else formats.quantity(float(round(per_second)))


def trouble(statuses: Iterable[FeedStatus]) -> tuple[Tone, str] | None:
    """Return the sentence to show for the worst feed that is not well, or None if all are."""
    unwell = [status for status in statuses if _TONES[status.state] in (Tone.BUSY, Tone.BAD)]
    if not unwell:
        return None
    worst = max(unwell, key=lambda status: _TONES[status.state] is Tone.BAD)
    since = f" since {formats.clock(worst.since_ms)}" if worst.since_ms else ""
    detail = f": {worst.detail}" if worst.detail else ""
    return _TONES[worst.state], f"{worst.feed} is {_WORDS[worst.state]}{since}{detail}"


def badge(natures: Iterable[FeedNature]) -> str:
    """Return the word that marks data that is not live (`SIMULATED`, `REPLAY`), or nothing."""
    found = set(natures)
    if FeedNature.REPLAY in found:
        return "REPLAY"
    return "SIMULATED" if FeedNature.SIMULATED in found else ""
