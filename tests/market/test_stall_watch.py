"""A connection that brings nothing is made anew, ever more seldom, until prices last."""

from __future__ import annotations

from market.feed_pulse import FeedHealth, FeedVerdict
from market.stall_watch import FIRST_MS, LONGEST_MS, SETTLE_MS, StallWatch


class _Feed:
    """A feed that is looked at every second."""

    def __init__(self) -> None:
        self.watch = StallWatch()
        self.now = self.last = 1_000_000.0
        self.renewed: list[float] = []

    def run(self, seconds: float, verdict: FeedVerdict, *, ticking: bool = False) -> None:
        for _ in range(int(seconds)):
            self.now += 1000.0
            if ticking:
                self.last = self.now
            if self.watch.is_due("fake", FeedHealth(verdict=verdict, last_ms=self.last), self.now):
                self.renewed.append(self.now)


def test_silence_is_borne_for_a_while_and_twice_as_long_each_time() -> None:
    feed = _Feed()
    start = feed.now
    feed.run(3 * 3600, FeedVerdict.STALLED)
    gaps = [after - before for before, after in zip([start, *feed.renewed], feed.renewed, strict=False)]
    assert gaps[:5] == [FIRST_MS * 2**number for number in range(5)]
    assert set(gaps[5:]) == {LONGEST_MS}


def test_what_is_only_quiet_is_left_alone() -> None:
    feed = _Feed()
    for verdict in FeedVerdict:
        if verdict is not FeedVerdict.STALLED:
            feed.run(600, verdict)
    assert feed.renewed == []


def test_a_snapshot_on_the_new_connection_does_not_restore_patience() -> None:
    feed = _Feed()
    feed.run(91, FeedVerdict.STALLED)
    feed.run(1, FeedVerdict.LIVE, ticking=True)
    feed.run(30, FeedVerdict.LIVE)
    feed.run(140, FeedVerdict.STALLED)
    assert len(feed.renewed) == 1
    feed.run(20, FeedVerdict.STALLED)
    assert len(feed.renewed) == 2


def test_prices_that_last_do() -> None:
    feed = _Feed()
    feed.run(91, FeedVerdict.STALLED)
    feed.run(200, FeedVerdict.LIVE, ticking=True)
    before = feed.now
    feed.run(91, FeedVerdict.STALLED)
    assert feed.renewed[1:] == [before + FIRST_MS]


def test_what_could_bring_nothing_until_now_is_not_blamed_for_it() -> None:
    feed = _Feed()
    feed.run(8 * 3600, FeedVerdict.CLOSED)
    feed.run(5, FeedVerdict.STALLED)  # the opening bell, until the first price
    feed.run(60, FeedVerdict.LIVE, ticking=True)
    assert feed.renewed == []
    feed.last -= 3_600_000.0
    feed.run(SETTLE_MS / 1000.0, FeedVerdict.STALLED)
    assert feed.renewed == []
    feed.run(1, FeedVerdict.STALLED)
    assert len(feed.renewed) == 1
