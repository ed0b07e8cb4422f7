"""The journal of feeds: newest first, bounded, confirmations are no news."""

from __future__ import annotations

from market.exchanges import Exchange
from market.feed_journal import KEPT, FeedJournal
from market.feeds import Confirmed, FeedState, FeedStatus, Rejected
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription

WISH = Subscription(InstrumentKey(Exchange.NSE, "SBIN"), Mode.QUOTE)


def test_changes_and_refusals_are_kept_newest_first() -> None:
    journal = FeedJournal()
    journal.note(FeedStatus("a", FeedState.LIVE, "", 5.0), 7.0)
    journal.note(Confirmed("a", (WISH,)), 8.0)
    journal.note(Rejected("a", WISH, "no such symbol"), 9.0)
    journal.note(FeedStatus("a", FeedState.STOPPED), 10.0)
    journal.write("a", "You asked to reconnect", 11.0)
    assert journal.entries("a") == (
        (11.0, None, "You asked to reconnect"),
        (10.0, FeedState.STOPPED, ""),
        (9.0, None, "Refused NSE:SBIN: no such symbol"),
        (5.0, FeedState.LIVE, ""),
    )
    assert journal.entries("b") == ()


def test_only_the_last_entries_of_each_feed_are_kept() -> None:
    journal = FeedJournal()
    journal.write("b", "kept", 0.0)
    for number in range(KEPT + 10):
        journal.write("a", str(number), float(number))
    assert [entry.sentence for entry in journal.entries("a")][::49] == [str(KEPT + 9), "10"]
    assert len(journal.entries("b")) == 1
