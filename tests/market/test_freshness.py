from __future__ import annotations

import pytest

from market.feeds import FeedNature, FeedState
from market.freshness import Freshness, freshness


def test_a_recent_price_of_a_live_feed_is_live() -> None:
    assert freshness(age_ms=10_000.0, feed_state=FeedState.LIVE) is Freshness.LIVE


def test_silence_of_an_instrument_is_quiet_while_the_feed_lives() -> None:
    assert freshness(age_ms=10_001.0, feed_state=FeedState.LIVE) is Freshness.QUIET
    assert freshness(age_ms=20_000.0, feed_state=FeedState.LIVE, quiet_after_ms=30_000.0) is Freshness.LIVE


@pytest.mark.parametrize("state", [state for state in FeedState if state is not FeedState.LIVE])
@pytest.mark.parametrize("nature", list(FeedNature))
def test_a_price_is_stale_while_its_feed_is_not_live(state: FeedState, nature: FeedNature) -> None:
    assert freshness(age_ms=0.0, feed_state=state, nature=nature, session_open=False) is Freshness.STALE


def test_a_closed_session_is_closed_not_quiet() -> None:
    assert freshness(age_ms=9e9, feed_state=FeedState.LIVE, session_open=False) is Freshness.CLOSED


def test_prices_that_are_not_real_say_so_always() -> None:
    for nature, expected in ((FeedNature.SIMULATED, Freshness.SIMULATED), (FeedNature.REPLAY, Freshness.REPLAY)):
        assert freshness(age_ms=9e9, feed_state=FeedState.LIVE, nature=nature, session_open=False) is expected
