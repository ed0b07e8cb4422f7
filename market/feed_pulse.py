"""What is known of one feed beyond its connection: its rhythm, its clock, and messages that came twice or too late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from market.pulse import FROZEN_AFTER_MS, NEVER, Pulse

DELAYED_FROM_MS = 60_000.0
_WINDOW_MS = 15_000.0
_ENOUGH_STAMPS = 20
_FEW = 3
_UNKNOWN_AFTER_MS = 600_000.0
_NONE = float("inf")
WORD_OF_NATURE = {FeedNature.SIMULATED: Freshness.SIMULATED, FeedNature.REPLAY: Freshness.REPLAY}


class FeedVerdict(StrEnum):
    """How a feed does. The states of a connection, and what only the instruments on it can tell.

    `quiet`: connected, and no instrument moved for a while; `stalled`: so long that it is hard to believe;
    `silent`: the same on a feed that has no heartbeat which could vouch for it; `closed`: its exchanges are.
    """

    CONNECTING = "connecting"
    LIVE = "live"
    QUIET = "quiet"
    STALLED = "stalled"
    SILENT = "silent"
    CLOSED = "closed"
    POLLING = "polling"
    MUTE = "mute"
    RECONNECTING = "reconnecting"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """One feed at one moment.

    `symbols` are wanted of it; `frozen` of them are silent though the others move. `lag_ms` is how far the exchange's
    times are behind this computer's clock at the least: the way here, plus a clock that is wrong or data that is late.
    It is negative where our clock is behind, None while unknown. Counts are totals. `unreal` says of how many
    instruments the source itself says that their prices are simulated or replayed.
    """

    verdict: FeedVerdict
    symbols: int = 0
    lively: int = 0
    frozen: int = 0
    ticks: int = 0
    last_ms: float | None = None
    lag_ms: float | None = None
    out_of_order: int = 0
    duplicates: int = 0
    unreal: Mapping[Freshness, int] = field(default_factory=dict)


class FeedPulse:
    """The running account of one feed."""

    def __init__(self, status: FeedStatus, capabilities: Capabilities | None) -> None:
        self.status = status
        self.nature = capabilities.nature if capabilities is not None else FeedNature.LIVE
        # Nobody vouches for a publisher that only signs its messages: it is as alive as they are.
        self.has_heartbeat = capabilities.has_heartbeat if capabilities is not None else False
        self.pulse = Pulse()
        self.ticks = self.out_of_order = self.duplicates = 0
        self.symbols = self.lively = self.frozen = 0
        self.is_open = False
        self._in_session = 0
        self._urgency = 0.0
        self._awaited_ms = NEVER
        self.is_silent = self.is_stalled = False
        self.unreal = Counter[Freshness]()
        self._lag_ms = self._lag_before_ms = _NONE
        self._stamps = self._stamps_before = 0
        self._window_ms = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether prices can arrive."""
        return self.status.state in (FeedState.LIVE, FeedState.POLLING)

    @property
    def word(self) -> Freshness | None:
        """What every price of this feed is, open market or not; None where it depends."""
        state = self.status.state
        if state is FeedState.LIVE:
            return WORD_OF_NATURE.get(self.nature)
        return Freshness.SNAPSHOT if state is FeedState.POLLING else Freshness.STALE

    @property
    def doubt(self) -> Freshness | None:
        """What every price of this feed is while its exchange trades; None where it depends."""
        if self.is_silent:
            return Freshness.STALE
        return Freshness.DELAYED if self.is_delayed else None

    def take_status(self, status: FeedStatus) -> None:
        """Take a new state of the connection: what was silent meanwhile was cut off, which is no habit."""
        self.status = status
        if not self.is_connected:
            self.pulse.pause()

    def stamp(self, lag_ms: float) -> None:
        """Take the age that a fresh message had on arrival, by the exchange's clock and ours."""
        self._stamps += 1
        if lag_ms < self._lag_ms:
            self._lag_ms = lag_ms

    @property
    def lag_ms(self) -> float | None:
        """The least age of the latest messages on arrival, or None while too few are known."""
        if self._stamps + self._stamps_before < _ENOUGH_STAMPS:
            return None
        return min(self._lag_ms, self._lag_before_ms)

    @property
    def is_delayed(self) -> bool:
        """Whether even the freshest messages are a minute old: late data, or a clock that is wrong."""
        lag = self.lag_ms
        return lag is not None and lag >= DELAYED_FROM_MS

    def begin_round(self, now_ms: float) -> None:
        """Count the wanted instruments anew, and forget the lags of two windows ago."""
        self.symbols = self.lively = self.frozen = 0
        self._in_session = 0
        self._urgency = 0.0
        self.unreal.clear()
        # Where nothing came, what was known before is known still.
        if self._stamps and not 0.0 <= now_ms - self._window_ms < _WINDOW_MS:
            self._window_ms = now_ms
            self._lag_before_ms, self._stamps_before = self._lag_ms, self._stamps
            self._lag_ms, self._stamps = _NONE, 0

    def count(self, wanted: int, lively: int, urgency: float, *, is_open: bool) -> None:
        """Take the counts of one exchange: of the `wanted` instruments, `lively` keep their habits.

        `urgency` is the sum of what one over its limit (`Pulse.frozen_after_ms`) is for each that has one.
        """
        self.symbols += wanted
        self.lively += lively
        if is_open:
            self._in_session += wanted
            self._urgency += urgency

    def end_round(self, now_ms: float) -> None:
        """Judge the feed as a whole by what was counted."""
        was_open, self.is_open = self.is_open, self._in_session > 0
        if self.is_open and not was_open:
            self._awaited_ms = now_ms
        unbelievable = self.is_open and self._is_unbelievable(now_ms)
        self.is_silent = unbelievable and not self.has_heartbeat
        self.is_stalled = unbelievable and self.has_heartbeat

    def _is_unbelievable(self, now_ms: float) -> bool:
        """Whether it is silent for longer than the instruments that are wanted now let expect.

        Many slow ones are as good a sign of life as a quick one, so their rates add up. What nobody looks at any more
        lets expect nothing; of those whose habits are not known yet, a few together must speak sometimes.
        """
        if self._urgency:
            limit = max(FROZEN_AFTER_MS, 1.0 / self._urgency)
        elif self._in_session >= _FEW and self.pulse.frozen_after_ms is not None:
            limit = max(_UNKNOWN_AFTER_MS, self.pulse.frozen_after_ms)
        else:
            return False
        return now_ms - max(self.pulse.last_ms, self._awaited_ms) > limit

    def health(self, now_ms: float) -> FeedHealth:
        """Everything at once, at `now_ms`."""
        last_ms = self.pulse.last_ms
        return FeedHealth(
            verdict=self._verdict(now_ms),
            symbols=self.symbols,
            lively=self.lively,
            frozen=self.frozen,
            ticks=self.ticks,
            last_ms=last_ms if self.ticks else None,
            lag_ms=self.lag_ms,
            out_of_order=self.out_of_order,
            duplicates=self.duplicates,
            unreal=dict(self.unreal),
        )

    def _verdict(self, now_ms: float) -> FeedVerdict:
        if self.status.state is not FeedState.LIVE:
            return FeedVerdict(self.status.state.value)
        if self.is_silent or self.is_stalled:
            return FeedVerdict.SILENT if self.is_silent else FeedVerdict.STALLED
        if self.symbols and not self.is_open:
            return FeedVerdict.CLOSED
        if self.ticks and now_ms - self.pulse.last_ms > self.pulse.quiet_after_ms:
            return FeedVerdict.QUIET
        return FeedVerdict.LIVE
