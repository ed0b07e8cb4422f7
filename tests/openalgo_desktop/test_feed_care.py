"""The feeds as their user sees them: what is lost is counted, what is told is kept, what can reconnect does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from market.exchanges import Exchange
from market.feed_pulse import FeedVerdict
from market.feeds import FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.liveness import Liveness
from market.modes import Mode
from market.sessions import SessionCalendar
from market.subscriptions import Subscription
from market.ticks import Tick, Update
from openalgo_desktop.feed_care import FeedCare
from proxy.hub import Hub
from proxy.router import FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY


def cared_for(*feeds: FakeFeed) -> tuple[FeedCare, Hub]:
    hub = Hub()
    router = FeedRouter(feeds, hub.publish)
    care = FeedCare(router, hub, SessionCalendar(forced_open=True))
    router.add_listener(care.on_event)
    for feed in feeds:
        care.add_feed(FeedStatus(feed.name, FeedState.STOPPED), feed.capabilities)
    return care, hub


def test_events_reach_the_journal_and_the_judgement() -> None:
    feed = FakeFeed()
    care, _hub = cared_for(feed)
    care.on_event(FeedStatus("fake", FeedState.MUTE, "Nothing has arrived for 26 s", 5.0))
    assert care.liveness.health("fake", 10.0).verdict is FeedVerdict.MUTE
    assert care.journal.entries("fake")[0].sentence == "Nothing has arrived for 26 s"


async def test_reconnecting_is_passed_on_and_written_down() -> None:
    feed = FakeFeed()
    care, _hub = cared_for(feed)
    assert not care.reconnect("fake"), "it is not started"
    assert not care.reconnect("nobody")
    assert not care.journal.entries("fake")
    await feed.start(FeedRouter([feed], lambda ticks: None).sink_for(feed))
    assert care.reconnect("fake")
    assert care.journal.entries("fake")[0].sentence == "You asked to reconnect"


def test_lost_messages_are_counted_wherever_they_went_astray() -> None:
    feed = FakeFeed()
    care, hub = cared_for(feed)
    assert care.lost() == 0
    feed.counters = {"malformed": 2, "ticks": 90}  # type: ignore[attr-defined]
    hub.counters["sink_errors"] += 1
    assert care.lost() == 3


def test_prices_that_stop_and_come_back_are_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FakeFeed()
    care, _hub = cared_for(feed)
    care.on_event(FeedStatus("fake", FeedState.LIVE, "", 1.0))
    care.liveness = Liveness(SessionCalendar(forced_open=True))
    care.add_feed(FeedStatus("fake", FeedState.LIVE), feed.capabilities)
    now = [1.764e12]
    monkeypatch.setattr("openalgo_desktop.feed_care.time.time", lambda: now[0] / 1000.0)

    def run(seconds: int, *, ticking: bool) -> None:
        for _ in range(seconds):
            now[0] += 1_000.0
            if ticking:
                care.liveness.on_updates([Update(Tick(INFY, now[0], "fake", ltp=1.0), 14)])
            care.attend()

    run(20, ticking=True)
    run(45, ticking=False)
    run(3, ticking=True)
    written = [entry.sentence for entry in care.journal.entries("fake")]
    assert written[:2] == ["Prices arrive again", "Connected, but no instrument has moved for 31 s"]
    assert len(written) == 3


def test_a_feed_that_is_connected_and_brings_nothing_is_connected_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FakeFeed()
    asked: list[float] = []
    monkeypatch.setattr(feed, "reconnect", lambda _reason: asked.append(now[0]) or True)
    care, _hub = cared_for(feed)
    care._router.report_from(FeedStatus("fake", FeedState.LIVE, "", 1.0))
    care.liveness = Liveness(SessionCalendar(forced_open=True))
    care.add_feed(FeedStatus("fake", FeedState.LIVE), feed.capabilities)
    start = 1.764e12
    now = [start]
    monkeypatch.setattr("openalgo_desktop.feed_care.time.time", lambda: now[0] / 1000.0)
    for second in range(420):
        now[0] = start + second * 1000.0
        if second < 20:
            care.liveness.on_updates([Update(Tick(INFY, now[0], "fake", ltp=1.0), 14)])
        care.attend()
    assert [(at - start) / 1000.0 for at in asked] == [109.0, 289.0]
    written = [entry.sentence for entry in care.journal.entries("fake")]
    assert written.count("No price although its exchanges trade: the connection is made anew") == 2


def test_what_others_stand_in_for_is_connected_anew_too_until_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FakeFeed("first"), FakeFeed("second")
    asked: list[float] = []
    monkeypatch.setattr(first, "reconnect", lambda _reason: asked.append(now[0]) or True)
    monkeypatch.setattr(second, "reconnect", lambda _reason: pytest.fail("it brings prices"))
    hub = Hub()
    router = FeedRouter([first, second], hub.publish)
    care = FeedCare(router, hub, SessionCalendar(forced_open=True))
    care.liveness = Liveness(SessionCalendar(forced_open=True), wanted=router.is_wanted)
    hub.add_sink(care.liveness.on_updates)
    router.add_listener(care.on_event)
    for feed in (first, second):
        care.add_feed(FeedStatus(feed.name, FeedState.STOPPED), feed.capabilities)
        router.report_from(FeedStatus(feed.name, FeedState.LIVE, "", 1.0))
    router.want([Subscription(INFY, Mode.LTP)])
    start = 1.764e12
    now = [start]
    monkeypatch.setattr("openalgo_desktop.feed_care.time.time", lambda: now[0] / 1000.0)

    def run(seconds: int, *feeds: FakeFeed) -> None:
        for _ in range(seconds):
            now[0] += 1000.0
            for feed in feeds:
                router.sink_for(feed).publish([Tick(INFY, now[0], feed.name, ltp=1.0)])
            care.attend()

    run(20, first, second)
    run(280, second)
    assert router.standing_in(INFY) is second
    assert [(at - start) / 1000.0 for at in asked] == [110.0, 290.0]
    run(600, first, second)
    assert router.standing_in(INFY) is None
    assert len(asked) == 2


class _Part:
    """A connection that carries some instruments."""

    def __init__(self, number: int, *symbols: str) -> None:
        self.title = f"connection {number} (ticker)"
        self.keys = [InstrumentKey(Exchange.NSE, symbol) for symbol in symbols]
        self.renewed = 0
        self.follows_ms: float | None = None

    def renew(self, reason: str) -> None:
        self.renewed += 1


def _always_open(feed: FakeFeed, monkeypatch: pytest.MonkeyPatch) -> tuple[FeedCare, list[float]]:
    """The care of a live feed whose exchanges never close, and its clock (ms)."""
    care, _hub = cared_for(feed)
    care._router.report_from(FeedStatus("fake", FeedState.LIVE, "", 1.0))
    care.liveness = Liveness(SessionCalendar(forced_open=True))
    care.add_feed(FeedStatus("fake", FeedState.LIVE), feed.capabilities)
    now = [1.764e12]
    monkeypatch.setattr("openalgo_desktop.feed_care.time.time", lambda: now[0] / 1000.0)
    return care, now


def test_one_connection_of_several_that_brings_nothing_is_made_anew_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FakeFeed()
    dead, alive = _Part(1, "A", "B", "C"), _Part(2, "D", "E", "F")
    feed.connections = [dead, alive]
    care, now = _always_open(feed, monkeypatch)
    for second in range(130):
        now[0] += 1_000.0
        keys = [*alive.keys, *(dead.keys if second < 30 else ())]
        care.liveness.on_updates([Update(Tick(key, now[0], "fake", ltp=1.0), 14) for key in keys])
        care.attend()
    assert (dead.renewed, alive.renewed) == (1, 0)
    assert any(entry.sentence.startswith("Connection 1 (ticker): No price") for entry in care.journal.entries("fake"))


def test_a_connection_of_books_that_stand_still_while_prices_move_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = FakeFeed()
    prices, books = _Part(1, "A", "B", "C"), _Part(1, "A")
    books.title = "connection 1 (depth50)"
    feed.connections = [prices, books]
    care, now = _always_open(feed, monkeypatch)
    for second in range(400):
        now[0] += 1_000.0
        if second < 200:
            books.follows_ms = now[0]
        care.liveness.on_updates([Update(Tick(key, now[0], "fake", ltp=1.0), 14) for key in prices.keys])
        care.attend()
        assert books.renewed == 0 or second > 280
    assert (prices.renewed, books.renewed) == (0, 1)
    assert any(entry.sentence.startswith("Connection 1 (depth50): No price") for entry in care.journal.entries("fake"))


def test_a_bus_whose_publishers_fell_silent_is_mute_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FakeFeed()
    feed._capabilities = replace(feed.capabilities, has_heartbeat=False)
    hub = Hub()
    router = FeedRouter([feed], hub.publish)
    care = FeedCare(router, hub, SessionCalendar(forced_open=True))
    care.liveness = Liveness(SessionCalendar(forced_open=True))
    router.add_listener(care.on_event)
    told: list[FeedStatus] = []
    router.add_listener(lambda event: told.append(event) if isinstance(event, FeedStatus) else None)
    care.add_feed(FeedStatus("fake", FeedState.STOPPED), feed.capabilities)
    router.report_from(FeedStatus("fake", FeedState.LIVE, "Publishers connect here", 1.0))
    now = [1.764e12]
    monkeypatch.setattr("openalgo_desktop.feed_care.time.time", lambda: now[0] / 1000.0)

    def run(seconds: int, *, ticking: bool) -> None:
        for _ in range(seconds):
            now[0] += 1_000.0
            if ticking:
                care.liveness.on_updates([Update(Tick(INFY, now[0], "fake", ltp=1.0), 14)])
            care.attend()

    run(20, ticking=True)
    run(60, ticking=False)
    assert [status.state for status in told] == [FeedState.LIVE, FeedState.MUTE]
    assert told[-1].detail.startswith("Nothing has arrived for 31 s")
    assert care.liveness.health("fake", now[0]).verdict is FeedVerdict.MUTE
    run(2, ticking=True)
    assert [status.state for status in told[2:]] == [FeedState.LIVE]
    assert care.liveness.health("fake", now[0]).verdict is FeedVerdict.LIVE
    run(60, ticking=False)
    router.report_from(FeedStatus("fake", FeedState.STOPPED))
    run(2, ticking=True)
    assert told[-1].state is FeedState.STOPPED, "what the feed says of itself stands"
    assert [entry.state for entry in care.journal.entries("fake")][-3:] == [
        FeedState.LIVE,
        FeedState.MUTE,
        FeedState.LIVE,
    ]
