"""What happened to a feed, as rows to read and as a text to send to somebody who can help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from market.feed_journal import JournalEntry
from market.feed_pulse import FeedHealth
from market.feeds import Capabilities, FeedStatus
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.feed_lines import clocks, word_of


class EventLine(NamedTuple):
    """One entry of the journal as it is read."""

    time: str
    state: str
    sentence: str


def event_lines(entries: Sequence[JournalEntry]) -> list[EventLine]:
    """Return `entries`, newest first, with the day where it is not that of the newest."""
    if not entries:
        return []
    today = formats.ist_date(entries[0].at_ms)
    return [
        EventLine(
            formats.clock_ms(entry.at_ms)
            if formats.ist_date(entry.at_ms) == today
            else f"{formats.day(formats.ist_date(entry.at_ms))} {formats.clock(entry.at_ms)}",
            "" if entry.state is None else entry.state.value,
            entry.sentence,
        )
        for entry in entries
    ]


def summary(status: FeedStatus, offers: Capabilities, health: FeedHealth, now_ms: float) -> list[tuple[str, str]]:
    """Return names and values that say how a feed does, at `now_ms` since 1970 UTC."""
    word, _tone = word_of(status, offers.nature, health)
    # What is no state of the connection began with the last message.
    connection = health.verdict.value == status.state.value or health.last_ms is None
    since_ms = status.since_ms if connection else health.last_ms
    since = f" since {formats.clock(since_ms)}" if since_ms else ""
    last = "none yet"
    if health.last_ms is not None:
        last = f"{formats.clock_ms(health.last_ms)}, {formats.age(now_ms - health.last_ms)} ago"
    return [
        ("State", f"{word}{since}"),
        ("Instruments", f"{health.symbols:,} wanted, {health.lively:,} in rhythm, {health.frozen:,} frozen"),
        ("Last message", last),
        ("Messages", f"{health.ticks:,}, {health.duplicates:,} repeated, {health.out_of_order:,} out of order"),
        ("Clock", clocks(health).removeprefix("clock: ")),
    ]


def diagnostics(
    status: FeedStatus,
    offers: Capabilities,
    health: FeedHealth,
    entries: Sequence[JournalEntry],
    *,
    now_ms: float,
    version: str,
    system: str,
) -> str:
    """Return everything about one feed as plain text. It holds no address, key or name of the user."""
    head = (
        f"OpenAlgo Desktop {version} on {system}, {formats.day(formats.ist_date(now_ms))} {formats.clock(now_ms)} IST"
    )
    facts = [f"{name}: {value}" for name, value in summary(status, offers, health, now_ms)]
    limit = "no limit" if offers.max_instruments is None else f"up to {offers.max_instruments:,} instruments"
    offered = f"Offers: {offers.nature.value} data, depth of {', '.join(map(str, offers.depth_levels))} levels, {limit}"
    detail = [f"Says: {status.detail}"] if status.detail else []
    events = ["  ".join(part for part in line if part) for line in event_lines(entries)]
    return "\n".join([head, f"Feed {status.feed}", *facts, offered, *detail, "Events, newest first:", *events]) + "\n"
