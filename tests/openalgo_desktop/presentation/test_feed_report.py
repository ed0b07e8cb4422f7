"""A feed from near: events as rows, and a text that can be sent to somebody."""

from __future__ import annotations

from market.exchanges import Exchange
from market.feed_journal import JournalEntry
from market.feed_pulse import FeedHealth, FeedVerdict
from market.feeds import Capabilities, FeedState, FeedStatus
from openalgo_desktop.presentation.feed_report import diagnostics, event_lines, summary

NOW = 1_764_000_100_000.0  # 24 Nov 2025 21:31:40 in India
STATUS = FeedStatus("binance", FeedState.RECONNECTING, "Dropped; next attempt in 4.0 s", NOW - 5_000, 2)
OFFERS = Capabilities(exchanges=frozenset({Exchange.CRYPTO}), max_instruments=1_000)
HEALTH = FeedHealth(
    verdict=FeedVerdict.RECONNECTING, symbols=17, lively=9, frozen=1, ticks=12_345, last_ms=NOW - 41_000, lag_ms=12.0
)
ENTRIES = [
    JournalEntry(NOW - 5_000, FeedState.RECONNECTING, "Dropped; next attempt in 4.0 s"),
    JournalEntry(NOW - 6_000, None, "Refused CRYPTO:X: unknown"),
    JournalEntry(NOW - 86_400_000, FeedState.LIVE, ""),
]


def test_events_say_the_day_where_it_is_another_one() -> None:
    assert event_lines(ENTRIES) == [
        ("21:31:35.000", "reconnecting", "Dropped; next attempt in 4.0 s"),
        ("21:31:34.000", "", "Refused CRYPTO:X: unknown"),
        ("23 Nov 2025 21:31:40", "live", ""),
    ]
    assert event_lines([]) == []


def test_summary_has_every_count() -> None:
    said = dict(summary(STATUS, OFFERS, HEALTH, NOW))
    assert said["State"] == "reconnecting, attempt 2 since 21:31:35"
    assert said["Instruments"] == "17 wanted, 9 in rhythm, 1 frozen"
    assert said["Last message"] == "21:30:59.000, 41 s ago"
    assert said["Messages"] == "12,345, 0 repeated, 0 out of order"
    assert said["Clock"] == "messages arrive 12 ms after the exchange's times"
    never = FeedHealth(verdict=FeedVerdict.CONNECTING)
    assert dict(summary(STATUS, OFFERS, never, NOW))["Last message"] == "none yet"


def test_diagnostics_are_one_text() -> None:
    text = diagnostics(STATUS, OFFERS, HEALTH, ENTRIES, now_ms=NOW, version="0.1", system="Linux 6")
    lines = text.splitlines()
    assert lines[0] == "OpenAlgo Desktop 0.1 on Linux 6, 24 Nov 2025 21:31:40 IST"
    assert lines[1] == "Feed binance"
    assert "Offers: live data, depth of 5 levels, up to 1,000 instruments" in lines
    assert lines[-1] == "23 Nov 2025 21:31:40  live"
