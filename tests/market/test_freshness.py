"""The words for how far a price can be trusted."""

from __future__ import annotations

from market.freshness import Freshness


def test_a_lost_feed_and_a_frozen_instrument_are_doubtful_and_silence_alone_is_not() -> None:
    doubtful = {each for each in Freshness if each.is_doubtful}
    assert doubtful == {Freshness.STALE, Freshness.FROZEN}
