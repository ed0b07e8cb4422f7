"""The recording sink folds as the hub does and sorts what it is told; `until` gives up in time."""

from __future__ import annotations

import pytest

from market.feeds import Confirmed, FeedState, FeedStatus, Rejected
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.ticks import SBIN
from tests.doubles.waiting import until


def test_ticks_are_kept_and_folded() -> None:
    sink = RecordingSink()
    sink.publish([Tick(SBIN, 1.0, "x", ltp=5.0), Tick(SBIN, 2.0, "x", volume=7.0)])
    assert len(sink.ticks) == 2
    assert sink.last == {SBIN: Tick(SBIN, 2.0, "x", ltp=5.0, volume=7.0)}


def test_events_are_sorted() -> None:
    sink, wish = RecordingSink(), Subscription(SBIN, Mode.LTP)
    for event in (FeedStatus("x", FeedState.LIVE), Confirmed("x", (wish,)), Rejected("x", wish, "no")):
        sink.report(event)
    assert (sink.states, sink.confirmed) == ([FeedState.LIVE], [wish])
    assert sink.rejected == [Rejected("x", wish, "no")]


async def test_waiting_ends_with_the_condition_or_fails() -> None:
    await until(lambda: True)
    with pytest.raises(AssertionError, match="not within"):
        await until(lambda: False, within_s=0.01)
