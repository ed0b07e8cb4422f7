"""The strip's words: state, rate, age, and one sentence for what is wrong."""

from __future__ import annotations

from market.feeds import FeedNature, FeedState, FeedStatus
from openalgo_desktop.presentation.feed_lines import Tone, badge, chip, rate, trouble


def test_chip_of_a_live_feed() -> None:
    shown = chip(FeedStatus("zerodha", FeedState.LIVE), FeedNature.LIVE, symbols=412, per_second=4812.3, age_ms=40.0)
    assert (shown.word, shown.tone, shown.facts) == ("live", Tone.GOOD, "412 symbols · 4,812/s · now")


def test_chip_of_a_simulated_feed_never_says_live() -> None:
    shown = chip(FeedStatus("simulated", FeedState.LIVE), FeedNature.SIMULATED, symbols=1, per_second=0, age_ms=None)
    assert (shown.word, shown.tone, shown.facts) == ("simulated", Tone.DEMO, "1 symbol · 0/s")


def test_chip_of_a_feed_that_reconnects() -> None:
    status = FeedStatus("binance", FeedState.RECONNECTING, "in 4 s", attempt=3)
    shown = chip(status, FeedNature.LIVE, symbols=2, per_second=0.0, age_ms=61_000)
    assert (shown.word, shown.tone) == ("reconnecting, attempt 3", Tone.BUSY)
    assert shown.facts.endswith("1 min ago")


def test_chip_of_a_mute_feed_is_not_called_quiet() -> None:
    shown = chip(FeedStatus("x", FeedState.MUTE), FeedNature.SIMULATED, symbols=2, per_second=0.0, age_ms=1.0)
    assert (shown.word, shown.tone) == ("no heartbeat", Tone.BAD)


def test_rate() -> None:
    assert [rate(value) for value in (0, 0.24, 9.94, 9.96, 12_345)] == ["0", "0.2", "9.9", "10", "12,345"]


def test_trouble_names_the_worst_feed() -> None:
    well = FeedStatus("a", FeedState.LIVE)
    busy = FeedStatus("b", FeedState.RECONNECTING, "in 4 s")
    bad = FeedStatus("c", FeedState.FAILED, "the key was refused", since_ms=1_764_000_001_000)
    assert trouble([well]) is None
    assert trouble([well, busy]) == (Tone.BUSY, "b is reconnecting: in 4 s")
    assert trouble([busy, bad, well]) == (Tone.BAD, "c is failed since 21:30:01: the key was refused")


def test_badge_marks_whatever_is_not_live() -> None:
    assert badge([FeedNature.LIVE]) == ""
    assert badge([FeedNature.LIVE, FeedNature.SIMULATED]) == "SIMULATED"
    assert badge([FeedNature.REPLAY, FeedNature.SIMULATED]) == "REPLAY"
