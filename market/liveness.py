"""Is this number alive? One model for rows, feeds, the window and the wire.

It tells a quiet market from a dead feed, and one frozen instrument from a frozen feed: every instrument is judged by
its own rhythm (`market.pulse`), and against its neighbours on the same exchange and feed. Pure: time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from market.exchanges import Exchange
from market.feed_pulse import WORD_OF_NATURE, FeedHealth, FeedPulse, FeedVerdict
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.pulse import QUIET_AFTER_MS, Pulse
from market.ticks import Tick, Update

_SESSION_CHECK_MS = 1_000.0
# Longer than two rounds: an instrument that nobody wanted for so long is not blamed for its silence.
_ABSENT_MS = 3_000.0
_WITNESSES = 3
_NO_WORD: tuple[str, Freshness | None] = ("", None)


class Sessions(Protocol):
    """What is asked of the session calendar."""

    def is_open(self, exchange: Exchange, at_ms: float) -> bool:
        """Whether `exchange` trades at `at_ms`."""


class _Segment:
    """The wanted instruments of one exchange on one feed, counted in every round."""

    __slots__ = ("has_opened", "is_open", "lively", "rhythmic", "urgency", "wanted")

    def __init__(self) -> None:
        self.wanted = self.rhythmic = self.lively = 0
        self.urgency = 0.0
        self.is_open = self.has_opened = False

    def begin_round(self, *, is_open: bool) -> None:
        """Count anew; `has_opened`: the exchange was shut in the round before, so that silence begins to count now."""
        self.has_opened = is_open and not self.is_open
        self.is_open = is_open
        self.wanted = self.rhythmic = self.lively = 0
        self.urgency = 0.0

    @property
    def moves(self) -> bool:
        """Whether enough of its instruments keep their rhythm to bear witness against one that does not."""
        return self.lively >= _WITNESSES and 2 * self.lively >= self.rhythmic


class _Instrument(Pulse):
    """The account of one instrument."""

    __slots__ = ("attended_ms", "awaited_ms", "feed", "segment", "source", "stamp")

    def __init__(self, source: str, feed: FeedPulse, segment: _Segment) -> None:
        super().__init__()
        self.source = source
        self.feed = feed
        self.segment = segment
        self.stamp = 0
        self.attended_ms = float("-inf")
        self.awaited_ms = float("-inf")

    def silent_ms(self, now_ms: float) -> float:
        """For how long it has been silent although it was wanted."""
        return now_ms - max(self.last_ms, self.awaited_ms)


class Liveness:
    """Takes every tick and every status; asked for the state of prices and of feeds.

    `attend` is called about once a second. `wanted` says whether anybody holds a subscription: what nobody wants may
    be silent.
    """

    def __init__(self, sessions: Sessions, *, wanted: Callable[[InstrumentKey], object] = lambda _key: True) -> None:
        self._sessions = sessions
        self._wanted = wanted
        self._feeds: dict[str, FeedPulse] = {}
        self._instruments: dict[InstrumentKey, _Instrument] = {}
        self._segments: dict[tuple[str, Exchange], _Segment] = {}
        self._open: dict[Exchange, tuple[float, bool]] = {}
        self._natures: dict[InstrumentKey, tuple[str, Freshness]] = {}

    # What comes in

    def add_feed(self, status: FeedStatus, capabilities: Capabilities) -> None:
        """Know a feed."""
        self._feeds[status.feed] = FeedPulse(status, capabilities)

    def report(self, status: FeedStatus) -> None:
        """Take a feed's new status."""
        self._feed(status.feed).take_status(status)
        if status.state not in (FeedState.LIVE, FeedState.POLLING):
            for instrument in self._instruments.values():
                if instrument.source == status.feed:
                    instrument.pause()

    def note_nature(self, feed: str, key: InstrumentKey, nature: FeedNature) -> None:
        """`feed`, which carries what others publish, says what the prices of `key` are."""
        word = WORD_OF_NATURE.get(nature)
        if word is None:
            self._natures.pop(key, None)
        else:
            self._natures[key] = (feed, word)

    def on_updates(self, updates: Sequence[Update]) -> None:
        """Take a batch of last values from the hub: a few comparisons for each."""
        instruments = self._instruments
        for tick, changed in updates:
            key, received_ms, source, _, stamp = tick[:5]
            instrument = instruments.get(key)
            if instrument is None or instrument.source != source:
                instrument = self._meet(key, source)
            feed = instrument.feed
            feed.ticks += 1
            instrument.beat(received_ms)
            feed.pulse.beat(received_ms)
            if not changed:
                feed.duplicates += 1
            if stamp is not None and stamp != instrument.stamp:
                before, instrument.stamp = instrument.stamp, stamp
                if stamp < before:
                    feed.out_of_order += 1
                    instrument.stamp = before
                elif before:
                    feed.stamp(received_ms - stamp)

    def _meet(self, key: InstrumentKey, source: str) -> _Instrument:
        segment = self._segments.setdefault((source, key.exchange), _Segment())
        instrument = self._instruments[key] = _Instrument(source, self._feed(source), segment)
        return instrument

    def _feed(self, name: str) -> FeedPulse:
        feed = self._feeds.get(name)
        if feed is None:
            # A publisher on a bus signs with its own name.
            feed = self._feeds[name] = FeedPulse(FeedStatus(name, FeedState.LIVE), None)
        return feed

    def attend(self, now_ms: float) -> None:
        """Look at every instrument that is wanted; meant for once a second."""
        for feed in self._feeds.values():
            feed.begin_round(now_ms)
        for (_, exchange), segment in self._segments.items():
            segment.begin_round(is_open=self.is_open(exchange, now_ms))
        for instrument in self._count(now_ms):
            if self._is_frozen(instrument, now_ms):
                instrument.feed.frozen += 1
        for (source, _), segment in self._segments.items():
            self._feeds[source].count(segment.wanted, segment.lively, segment.urgency, is_open=segment.is_open)
        self._count_unreal()
        for feed in self._feeds.values():
            feed.end_round(now_ms)

    def _count_unreal(self) -> None:
        for key, (source, word) in self._natures.items():
            if self._wanted(key):
                self._feed(source).unreal[word] += 1

    def _count(self, now_ms: float) -> list[_Instrument]:
        """Count every instrument that is wanted; returns those that have broken their rhythm.

        In one function, because there may be ten thousand of them: calls alone would take as long as the rest.
        """
        late: list[_Instrument] = []
        wanted = self._wanted
        for key, each in self._instruments.items():
            if not wanted(key):
                continue
            segment = each.segment
            if segment.has_opened or not 0.0 <= now_ms - each.attended_ms <= _ABSENT_MS:
                each.awaited_ms = now_ms
            each.attended_ms = now_ms
            segment.wanted += 1
            limit = each.frozen_after_ms
            if limit is None:
                continue
            segment.rhythmic += 1
            segment.urgency += 1.0 / limit
            if now_ms - (each.last_ms if each.last_ms > each.awaited_ms else each.awaited_ms) <= limit:
                segment.lively += 1
            else:
                late.append(each)
        return late

    # What is asked

    def state(self, tick: Tick, now_ms: float) -> Freshness:
        """How far the price of `tick` can be trusted at `now_ms`."""
        feed = self._feeds.get(tick.source)
        word = None if feed is None else feed.word
        if word is not None:
            return word
        if self._natures:
            source, word = self._natures.get(tick.key, _NO_WORD)
            if word is not None and source == tick.source:
                return word
        if not self.is_open(tick.key.exchange, now_ms):
            return Freshness.CLOSED
        doubt = None if feed is None else feed.doubt
        if doubt is not None:
            return doubt
        if now_ms - tick.received_ms <= QUIET_AFTER_MS:
            return Freshness.LIVE
        return self._of_silence(tick.key, now_ms)

    def _of_silence(self, key: InstrumentKey, now_ms: float) -> Freshness:
        instrument = self._instruments.get(key)
        if instrument is None:
            return Freshness.QUIET
        if now_ms - instrument.last_ms <= instrument.quiet_after_ms:
            return Freshness.LIVE
        return Freshness.FROZEN if self._is_frozen(instrument, now_ms) else Freshness.QUIET

    def _is_frozen(self, instrument: _Instrument, now_ms: float) -> bool:
        limit = instrument.frozen_after_ms
        return (
            limit is not None
            and now_ms - instrument.attended_ms <= _ABSENT_MS
            and instrument.segment.is_open
            and instrument.silent_ms(now_ms) > limit
            and instrument.segment.moves
        )

    def health(self, feed: str, now_ms: float) -> FeedHealth:
        """How `feed` does; an unknown one is stopped."""
        known = self._feeds.get(feed)
        return FeedHealth(verdict=FeedVerdict.STOPPED) if known is None else known.health(now_ms)

    def health_of(
        self, feed: str, keys: Iterable[InstrumentKey], now_ms: float, *, follows_ms: float | None = None
    ) -> FeedHealth:
        """How the instruments `keys` of `feed` do by themselves, as if nothing else were on it.

        Stalled where enough of them keep a rhythm, and none does any more, though their exchanges trade. With
        `follows_ms` (see `market.feeds.FeedPart`) also where one of them has moved on, for as long as it would be
        frozen after, since a part that should have followed was heard.
        """
        known = [each for key in keys if (each := self._instruments.get(key)) is not None and each.source == feed]
        attended = [each for each in known if each.segment.is_open and now_ms - each.attended_ms <= _ABSENT_MS]
        limits = [(each, limit) for each in attended if (limit := each.frozen_after_ms) is not None]
        if follows_ms is not None and any(each.last_ms - follows_ms > limit for each, limit in limits):
            return FeedHealth(verdict=FeedVerdict.STALLED, symbols=len(attended), last_ms=follows_ms)
        is_lively = any(each.silent_ms(now_ms) <= limit for each, limit in limits)
        verdict = FeedVerdict.QUIET if len(limits) < _WITNESSES else FeedVerdict.STALLED
        return FeedHealth(
            verdict=FeedVerdict.LIVE if is_lively else verdict,
            symbols=len(attended),
            last_ms=max((each.last_ms for each in known), default=None),
        )

    def is_open(self, exchange: Exchange, now_ms: float) -> bool:
        """Whether `exchange` trades, looked up once a second."""
        checked_ms, is_open = self._open.get(exchange, (-_SESSION_CHECK_MS, False))
        if not 0 <= now_ms - checked_ms < _SESSION_CHECK_MS:
            is_open = self._sessions.is_open(exchange, now_ms)
            self._open[exchange] = (now_ms, is_open)
        return is_open
