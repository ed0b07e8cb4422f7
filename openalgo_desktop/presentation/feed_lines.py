"""What the status strip says: one chip per feed, the totals, and one sentence when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from market.feed_pulse import FeedHealth, FeedVerdict
from market.feeds import FeedNature, FeedState, FeedStatus
from market.notices import Notice
from openalgo_desktop.presentation import formats

_CLOCK_WORTH_SAYING_MS = 1_000.0


class Tone(Enum):
    """How a chip's dot is coloured; the state word says the same without colour."""

    GOOD = auto()
    BUSY = auto()
    BAD = auto()
    OFF = auto()
    DEMO = auto()


_TONES = {
    FeedVerdict.CONNECTING: Tone.BUSY,
    FeedVerdict.LIVE: Tone.GOOD,
    FeedVerdict.QUIET: Tone.GOOD,
    FeedVerdict.STALLED: Tone.BUSY,
    FeedVerdict.SILENT: Tone.BAD,
    FeedVerdict.CLOSED: Tone.OFF,
    FeedVerdict.POLLING: Tone.BUSY,
    FeedVerdict.MUTE: Tone.BAD,
    FeedVerdict.RECONNECTING: Tone.BUSY,
    FeedVerdict.STOPPED: Tone.OFF,
    FeedVerdict.FAILED: Tone.BAD,
}
_WORDS = {
    FeedVerdict.STALLED: "connected, no prices",
    FeedVerdict.SILENT: "fell silent",
    FeedVerdict.CLOSED: "market closed",
    FeedVerdict.MUTE: "no heartbeat",
    FeedVerdict.FAILED: "not usable",
}
_MEANINGS = {
    FeedVerdict.LIVE: "prices arrive",
    FeedVerdict.QUIET: "connected; no instrument has moved for a while",
    FeedVerdict.STALLED: "connected, but nothing moves although instruments usually do: the market halted, or the "
    "source stopped sending",
    FeedVerdict.SILENT: "nothing arrives any more, and this feed has no heartbeat that could vouch for it",
    FeedVerdict.CLOSED: "connected; the exchanges of its instruments are closed",
    FeedVerdict.POLLING: "prices are asked for now and then, because no stream is to be had",
    FeedVerdict.MUTE: "the connection is open, but nothing arrives, not even a heartbeat",
}
_NATURE_WORDS = {FeedNature.SIMULATED: "simulated", FeedNature.REPLAY: "replay"}


@dataclass(frozen=True, slots=True)
class FeedChip:
    """One feed in the status strip, or something that must not be overlooked.

    `facts` may be left out from the last one on where room is short.
    """

    name: str
    word: str
    facts: tuple[str, ...]
    tone: Tone
    detail: str
    is_feed: bool = True

    @property
    def sentence(self) -> str:
        """All of it as text."""
        return f"{self.name}: {', '.join((self.word, *self.facts))}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number at the right of the strip; `short` takes the place of `text` where room is short, if there is one.

    A click on one with a `name` asks for more.
    """

    text: str
    short: str
    help: str
    name: str = ""


def chip(status: FeedStatus, nature: FeedNature, health: FeedHealth, *, per_second: float, now_ms: float) -> FeedChip:
    """Return the chip of a feed that does as `health` says, at `now_ms` since 1970 UTC."""
    facts = ["1 symbol" if health.symbols == 1 else f"{health.symbols} symbols", f"{rate(per_second)}/s"]
    if health.last_ms is not None:
        age_ms = now_ms - health.last_ms
        facts.append(f"{formats.age(age_ms)} ago" if age_ms >= 1000 else "now")
    if health.frozen:
        facts.insert(0, f"{health.frozen} frozen")
    facts[:0] = [f"{count} {word}" for word, count in health.unreal.items()]
    lag_ms = health.lag_ms
    if lag_ms is not None and not 0.0 <= lag_ms < _CLOCK_WORTH_SAYING_MS:
        facts.insert(0, f"clock {skew(lag_ms)}")
    word, tone = word_of(status, nature, health)
    if health.frozen and tone is Tone.GOOD:
        tone = Tone.BUSY
    if health.unreal and tone is not Tone.BAD:
        tone = Tone.DEMO
    return FeedChip(status.feed, word, tuple(facts), tone, _detail(status, health, word, facts))


def notice_chip(notice: Notice) -> FeedChip:
    """Return the chip of something that must be seen as long as the application runs."""
    return FeedChip(f"⚠ {notice.subject}", notice.word, (), Tone.BUSY, notice.sentence, is_feed=False)


def word_of(status: FeedStatus, nature: FeedNature, health: FeedHealth) -> tuple[str, Tone]:
    """Return the word for how a feed does, and its tone. What is not real never says live."""
    verdict = health.verdict
    if verdict in (FeedVerdict.LIVE, FeedVerdict.QUIET, FeedVerdict.CLOSED) and nature in _NATURE_WORDS:
        return _NATURE_WORDS[nature], Tone.DEMO
    word = "no login" if status.needs_login else _WORDS.get(verdict, verdict.value)
    if verdict is FeedVerdict.RECONNECTING and status.attempt:
        word = f"{word}, attempt {status.attempt}"
    return word, _TONES[verdict]


def _detail(status: FeedStatus, health: FeedHealth, word: str, facts: list[str]) -> str:
    lines = [f"{status.feed}: {', '.join((word, *facts))}"]
    lines += [text for text in (_MEANINGS.get(health.verdict, ""), status.detail) if text]
    lines.append(clocks(health))
    return "\n".join([*lines, "Click for what happened lately"])


def clocks(health: FeedHealth) -> str:
    """Return what the exchange's times say of the way here and of the clocks."""
    lag_ms = health.lag_ms
    if lag_ms is None:
        return "clock: the messages carry no times that could be compared yet"
    if lag_ms < 0:
        return f"clock: the exchange's times are {-lag_ms:,.0f} ms ahead, so this computer's clock is behind"
    late = " or more: late data, or this computer's clock is ahead" if lag_ms >= _CLOCK_WORTH_SAYING_MS else ""
    return f"clock: messages arrive {lag_ms:,.0f} ms after the exchange's times{late}"


def skew(lag_ms: float) -> str:
    """Return how far our clock is ahead of the exchange's times, short: `+2.5 s`, `−0.3 s`, `+15 min`."""
    return f"{'−' if lag_ms < 0 else '+'}{formats.age(abs(lag_ms))}"


def rate(per_second: float) -> str:
    """Return a rate as text: one digit after the point below ten, then whole and grouped."""
    return f"{per_second:.1f}" if 0 < per_second < 9.95 else formats.quantity(float(round(per_second)))


def trouble(feeds: Iterable[tuple[FeedStatus, FeedHealth]]) -> tuple[Tone, str] | None:
    """Return the sentence to show for the worst feed that is not well, or None if all are."""
    unwell = [each for each in feeds if _TONES[each[1].verdict] in (Tone.BUSY, Tone.BAD)]
    if not unwell:
        return None
    status, health = max(unwell, key=lambda each: _TONES[each[1].verdict] is Tone.BAD)
    if status.needs_login:
        return _TONES[health.verdict], status.detail
    word = _WORDS.get(health.verdict, health.verdict.value)
    said = status.state is not FeedState.LIVE and status.since_ms
    since_ms = status.since_ms if said else health.last_ms
    since = f" since {formats.clock(since_ms)}" if since_ms else ""
    detail = status.detail if said or status.state is not FeedState.LIVE else _MEANINGS[health.verdict]
    verb = {FeedVerdict.SILENT: "", FeedVerdict.MUTE: "has "}.get(health.verdict, "is ")
    return _TONES[health.verdict], f"{status.feed} {verb}{word}{since}{f': {detail}' if detail else ''}"


def badge(feeds: Iterable[tuple[FeedNature, FeedHealth]]) -> str:
    """Return the word that marks data that is not live (`SIMULATED`, `REPLAY`), or nothing.

    It takes one instrument of which a bus says so: nobody should look for it among the rows.
    """
    found: set[str] = set()
    for nature, health in feeds:
        found.add(nature.value)
        found.update(word.value for word in health.unreal)
    if FeedNature.REPLAY in found:
        return "REPLAY"
    return "SIMULATED" if FeedNature.SIMULATED in found else ""
