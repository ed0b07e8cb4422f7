"""The strip's words: state, rate, age, clock, and one sentence for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from market.feed_pulse import FeedHealth, FeedVerdict
from market.feeds import FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from openalgo_desktop.presentation.feed_lines import FeedChip, Tone, badge, chip, clocks, rate, skew, trouble, word_of

NOW = 1_764_000_100_000.0


def shown(
    verdict: FeedVerdict,
    *,
    nature: FeedNature = FeedNature.LIVE,
    per_second: float = 0.0,
    status: FeedStatus | None = None,
    **health: Any,
) -> FeedChip:
    status = status or FeedStatus("x", FeedState.LIVE)
    return chip(status, nature, FeedHealth(verdict=verdict, **health), per_second=per_second, now_ms=NOW)


def test_chip_of_a_live_feed() -> None:
    live = shown(FeedVerdict.LIVE, symbols=412, per_second=4812.3, last_ms=NOW - 40)
    assert (live.word, live.tone, live.facts) == ("live", Tone.GOOD, ("412 symbols", "4,812/s", "now"))
    assert live.sentence == "x: live, 412 symbols, 4,812/s, now"


def test_chip_of_a_simulated_feed_never_says_live() -> None:
    for verdict in (FeedVerdict.LIVE, FeedVerdict.QUIET, FeedVerdict.CLOSED):
        demo = shown(verdict, nature=FeedNature.SIMULATED, symbols=1)
        assert (demo.word, demo.tone, demo.facts) == ("simulated", Tone.DEMO, ("1 symbol", "0/s"))


def test_chip_of_a_feed_that_reconnects() -> None:
    status = FeedStatus("binance", FeedState.RECONNECTING, "in 4 s", attempt=3)
    busy = shown(FeedVerdict.RECONNECTING, status=status, symbols=2, last_ms=NOW - 61_000)
    assert (busy.word, busy.tone) == ("reconnecting, attempt 3", Tone.BUSY)
    assert busy.facts[-1] == "1 min ago"
    assert "in 4 s" in busy.detail


def test_mute_quiet_stalled_silent_and_closed_are_five_things() -> None:
    seen = {
        verdict: (shown(verdict).word, shown(verdict).tone)
        for verdict in (
            FeedVerdict.MUTE,
            FeedVerdict.QUIET,
            FeedVerdict.STALLED,
            FeedVerdict.SILENT,
            FeedVerdict.CLOSED,
        )
    }
    assert list(seen.values()) == [
        ("no heartbeat", Tone.BAD),
        ("quiet", Tone.GOOD),
        ("connected, no prices", Tone.BUSY),
        ("fell silent", Tone.BAD),
        ("market closed", Tone.OFF),
    ]


def test_frozen_instruments_and_a_wrong_clock_come_first() -> None:
    unwell = shown(FeedVerdict.LIVE, symbols=9, frozen=2, lag_ms=-2_500.0)
    assert unwell.facts[:2] == ("clock −2.5 s", "2 frozen")
    assert unwell.tone is Tone.BUSY
    assert shown(FeedVerdict.LIVE, lag_ms=999.0).facts == ("0 symbols", "0/s")


def test_clocks_are_explained() -> None:
    said = [clocks(FeedHealth(verdict=FeedVerdict.LIVE, lag_ms=lag)) for lag in (None, 40.0, -2_500.0, 900_000.0)]
    assert "no times" in said[0]
    assert said[1] == "clock: messages arrive 40 ms after the exchange's times"
    assert "2,500 ms ahead" in said[2]
    assert said[3].endswith("late data, or this computer's clock is ahead")
    assert [skew(lag) for lag in (-2_500.0, 1_000.0, 900_000.0)] == ["−2.5 s", "+1.0 s", "+15 min"]


def test_rate() -> None:
    assert [rate(value) for value in (0, 0.24, 9.94, 9.96, 12_345)] == ["0", "0.2", "9.9", "10", "12,345"]


def test_trouble_names_the_worst_feed() -> None:
    well = (FeedStatus("a", FeedState.LIVE), FeedHealth(verdict=FeedVerdict.LIVE))
    busy = (FeedStatus("b", FeedState.RECONNECTING, "in 4 s"), FeedHealth(verdict=FeedVerdict.RECONNECTING))
    failed = FeedStatus("c", FeedState.FAILED, "the key was refused", since_ms=1_764_000_001_000)
    bad = (failed, FeedHealth(verdict=FeedVerdict.FAILED))
    silent = (FeedStatus("d", FeedState.LIVE), FeedHealth(verdict=FeedVerdict.SILENT, last_ms=1_764_000_001_000))
    assert trouble([well]) is None
    assert trouble([well, busy]) == (Tone.BUSY, "b is reconnecting: in 4 s")
    assert trouble([busy, bad, well]) == (Tone.BAD, "c is not usable since 21:30:01: the key was refused")
    shut = FeedStatus("f", FeedState.FAILED, "Log in to F to get its prices", since_ms=1.0, needs_login=True)
    health = FeedHealth(verdict=FeedVerdict.FAILED)
    assert trouble([busy, (shut, health)]) == (Tone.BAD, "Log in to F to get its prices")
    assert word_of(shut, FeedNature.LIVE, health) == ("no login", Tone.BAD)
    mute = (FeedStatus("e", FeedState.MUTE, "in vain"), FeedHealth(verdict=FeedVerdict.MUTE))
    assert trouble([mute]) == (Tone.BAD, "e has no heartbeat: in vain")
    said = trouble([silent])
    assert said is not None
    assert said[1].startswith("d fell silent since 21:30:01: nothing arrives any more")


def test_badge_marks_whatever_is_not_live() -> None:
    well = FeedHealth(verdict=FeedVerdict.LIVE)
    assert badge([(FeedNature.LIVE, well)]) == ""
    assert badge([(FeedNature.LIVE, well), (FeedNature.SIMULATED, well)]) == "SIMULATED"
    assert badge([(FeedNature.REPLAY, well), (FeedNature.SIMULATED, well)]) == "REPLAY"


@pytest.mark.parametrize(("word", "shown"), [(Freshness.SIMULATED, "SIMULATED"), (Freshness.REPLAY, "REPLAY")])
def test_a_bus_that_carries_what_is_not_real_is_marked(word: Freshness, shown: str) -> None:
    health = FeedHealth(verdict=FeedVerdict.LIVE, symbols=20, unreal={word: 3})
    assert badge([(FeedNature.LIVE, health)]) == shown
    made = chip(FeedStatus("nats", FeedState.LIVE), FeedNature.LIVE, health, per_second=1.0, now_ms=1.0)
    assert made.facts[0] == f"3 {word}"
    assert made.tone is Tone.DEMO
