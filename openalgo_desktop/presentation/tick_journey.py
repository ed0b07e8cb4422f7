"""The way of one tick, as a waterfall: from the exchange to this computer, to clients, to the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from openalgo_desktop.presentation.sample_ring import SampleRing

KEPT = 128


@dataclass(slots=True)
class Journey:
    """When one tick was where, in ms since 1970 UTC by this computer's clock; the exchange's time by its own.

    None where the messages carry no time, where no client holds the instrument, where it has not been painted yet.
    """

    exchange_ms: float | None
    received_ms: float
    handled_ms: float
    sent_ms: float | None = None
    shown_ms: float | None = None


class Stage(NamedTuple):
    """One bar of the waterfall. `begin_ms` and `end_ms` count from the earliest moment; both None where unknown."""

    name: str
    begin_ms: float | None
    end_ms: float | None
    note: str


@dataclass(slots=True)
class JourneyBook:
    """The latest journeys of one instrument."""

    last: Journey | None = None
    rings: dict[str, SampleRing] = field(default_factory=dict)

    def take(self, journey: Journey) -> None:
        """Add a journey that has come to its end."""
        self.last = journey
        for name, begin, end in _spans(journey):
            if begin is not None and end is not None:
                self.rings.setdefault(name, SampleRing(KEPT)).add(end - begin)

    def typical(self, name: str) -> str:
        """What the stage `name` usually takes: `p50 3.1 ms · p99 21 ms`, or nothing."""
        ring = self.rings.get(name)
        found = ring.percentiles(50, 99) if ring is not None else None
        return "" if found is None else f"p50 {took(found[0])} · p99 {took(found[1])}"

    def stages(self) -> list[Stage]:
        """The waterfall of the last journey; empty before the first."""
        if self.last is None:
            return []
        spans = _spans(self.last)
        origin = min(begin for _, begin, _ in spans if begin is not None)
        return [
            Stage(
                name,
                None if begin is None or end is None else begin - origin,
                None if begin is None or end is None else end - origin,
                _note(name, begin, end),
            )
            for name, begin, end in spans
        ]


_WAY, _INSIDE, _SENT, _SHOWN = "exchange → received", "received → in the window", "received → sent", "received → shown"
_UNKNOWN = {
    _WAY: "this source gives no exchange time",
    _SENT: "no connected program holds it",
    _SHOWN: "not in view",
}


def _spans(journey: Journey) -> list[tuple[str, float | None, float | None]]:
    received = journey.received_ms
    return [
        (_WAY, journey.exchange_ms, received if journey.exchange_ms is not None else None),
        (_INSIDE, received, journey.handled_ms),
        (_SENT, received, journey.sent_ms),
        (_SHOWN, received, journey.shown_ms),
    ]


def _note(name: str, begin: float | None, end: float | None) -> str:
    if begin is None or end is None:
        return _UNKNOWN.get(name, "")
    if end < begin:
        return f"{took(end - begin)}: the exchange's clock is ahead of ours"
    return took(end - begin)


def took(ms: float) -> str:
    """Return a duration: `0.42 ms`, `63 ms`, `1.2 s`."""
    size = abs(ms)
    sign = "−" if ms < 0 else ""
    if size < 9.95:
        return f"{sign}{size:.2f} ms"
    return f"{sign}{size:.0f} ms" if size < 999.5 else f"{sign}{size / 1000:.1f} s"
