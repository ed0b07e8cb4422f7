"""The whole simulated market: who is followed, whose turn it is, and what they trade at. Time is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from adapters.simulated.listing import Listing
from adapters.simulated.spot import Spot
from adapters.simulated.walk import Walk
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.sessions import SessionCalendar
from market.ticks import Tick

# One call holds the loop for a few milliseconds at most; what is left over is due in the next.
MOST_TICKS_PER_CALL = 125
# After a pause (a suspended machine, a long paint) this much of the missed time is made up for.
_LONGEST_PAUSE_MS = 250.0
_SESSION_CHECK_MS = 1_000.0


class _Line:
    """A followed instrument and the highest mode it is followed in."""

    __slots__ = ("key", "mode", "walk")

    def __init__(self, key: InstrumentKey, walk: Walk, mode: Mode) -> None:
        self.key = key
        self.walk = walk
        self.mode = mode


class Simulation:
    """A market that moves only when it is asked. The same seed, calls and times give the same ticks.

    `ticks_per_second` is the rate over all followed instruments together; None gives each its natural one.
    """

    def __init__(
        self, listings: Iterable[Listing], calendar: SessionCalendar, source: str, seed: int, rate: float | None
    ) -> None:
        self.calendar = calendar
        self.seed = seed
        self.listings = {listing.instrument.key: listing for listing in listings}
        self._source = source
        self._rate_asked = rate
        self._random = Random(seed)  # noqa: S311 - prices, not secrets
        self._spots: dict[InstrumentKey, Spot] = {}
        self._walks: dict[InstrumentKey, Walk] = {}
        self._lines: dict[InstrumentKey, _Line] = {}
        self._wheel: list[_Line] = []
        self._position = 0
        self._is_wheel_old = False
        self._rate = 0.0
        self._owed = 0.0
        self._last_ms: float | None = None
        self._checked_ms = 0.0
        self._open: dict[Exchange, bool] = {}

    @property
    def rate(self) -> float:
        """Ticks a second that are due now over all followed instruments; 0 while all their sessions are closed."""
        return self._rate

    @property
    def backlog(self) -> int:
        """Ticks that are due already and did not fit into the last call."""
        return int(self._owed)

    def knows_root(self, key: InstrumentKey) -> bool:
        """Whether following `key` is cheap: the path of its root has been drawn already."""
        return self.listings[key].root.key in self._spots

    def follow(self, key: InstrumentKey, mode: Mode, now_ms: float) -> Tick:
        """Follow `key` in `mode`, if not in a higher one already; returns everything that is known of it."""
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line(key, self.walk(key, now_ms), mode)
            self._is_wheel_old = True
        line.mode = max(line.mode, mode)
        return line.walk.tick(key, line.mode, now_ms, self._source)

    def unfollow(self, key: InstrumentKey, *, down_to: Mode | None = None) -> None:
        """Stop following `key`, or go on in the lower mode `down_to`."""
        line = self._lines.get(key)
        if line is None:
            return
        if down_to is None:
            del self._lines[key]
            self._is_wheel_old = True
        else:
            line.mode = down_to
        if down_to is not Mode.DEPTH:
            line.walk.forget_book()

    def walk(self, key: InstrumentKey, now_ms: float) -> Walk:
        """The market in `key`, begun at `now_ms` if it had not been."""
        walk = self._walks.get(key)
        if walk is None:
            listing = self.listings[key]
            spot = self._spots.get(listing.root.key)
            if spot is None:
                spot = Spot(self.seed, listing.root, self.calendar, now_ms, self._random)
                self._spots[listing.root.key] = spot
            walk = self._walks[key] = Walk(listing, spot, now_ms, self._random)
        return walk

    def due(self, now_ms: float) -> list[Tick]:
        """What traded since the last call, oldest first: at most `MOST_TICKS_PER_CALL`."""
        elapsed = 0.0 if self._last_ms is None else max(0.0, now_ms - self._last_ms)
        self._last_ms = now_ms
        # At the rate so far: who is new, or opens now, has nothing to make up for.
        self._owed += elapsed * self._rate / 1000.0
        if self._is_wheel_old or not 0.0 <= now_ms - self._checked_ms < _SESSION_CHECK_MS:
            self._check_sessions(now_ms)
        self._owed = min(self._owed, max(1.0, self._rate * _LONGEST_PAUSE_MS / 1000.0))
        count = min(int(self._owed), MOST_TICKS_PER_CALL)
        self._owed -= count
        wheel, position, source = self._wheel, self._position, self._source
        ticks = []
        for _ in range(count):
            line = wheel[position]
            position += 1
            if position == len(wheel):
                position = 0
            walk = line.walk
            walk.step(now_ms)
            ticks.append(walk.tick(line.key, line.mode, now_ms, source))
        self._position = position
        return ticks

    def _check_sessions(self, now_ms: float) -> None:
        """Begin new sessions, and let closed exchanges rest."""
        self._checked_ms = now_ms
        calendar = self.calendar
        is_open = {key.exchange: calendar.is_open(key.exchange, now_ms) for key in self._lines}
        starts: dict[Exchange, int] = {}
        for walk in self._walks.values():
            exchange = walk.spot.root.key.exchange
            start = starts.get(exchange)
            if start is None:
                start = starts[exchange] = calendar.session_start_ms(exchange, now_ms)
            if walk.session_start_ms < start:
                if walk.spot.window.start_ms < start:
                    walk.spot.roll(calendar, now_ms)
                walk.roll(now_ms)
        if self._is_wheel_old or is_open != self._open:
            self._open = is_open
            self._turn_wheel()

    def _turn_wheel(self) -> None:
        """Give each open instrument turns in proportion to its rate, in random order."""
        self._is_wheel_old = False
        lines = [line for line in self._lines.values() if self._open[line.key.exchange]]
        self._wheel = [line for line in lines for _ in range(max(1, round(2.0 * line.walk.listing.rate)))]
        self._random.shuffle(self._wheel)
        self._position = 0
        natural = sum(line.walk.listing.rate for line in lines)
        self._rate = (self._rate_asked or natural) if lines else 0.0
        if not lines:
            self._owed = 0.0
