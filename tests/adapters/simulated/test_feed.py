from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from adapters.simulated.feed import SimulatedFeed
from market.errors import FeedRejectedError, InvalidRequestError
from market.exchanges import Exchange
from market.feeds import Feed, FeedNature, FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.sessions import SessionCalendar
from market.subscriptions import Subscription, WishState
from market.ticks import Tick
from tests.adapters.simulated.conftest import MONDAY, Clock, ist, key
from tests.doubles.fake_sink import FakeSink
from tests.doubles.waiting import until

INFY = Subscription(key("NSE:INFY"), Mode.QUOTE)
INFY_DEPTH = Subscription(key("NSE:INFY"), Mode.DEPTH)
NIFTY = Subscription(key("NSE_INDEX:NIFTY"), Mode.LTP)
UNKNOWN = Subscription(InstrumentKey(Exchange.NSE, "XYZ"), Mode.LTP)


@pytest.fixture
async def sink(feed: SimulatedFeed) -> AsyncIterator[FakeSink]:
    sink = FakeSink()
    await feed.start(sink)
    yield sink
    await feed.stop()


async def turn() -> None:
    """Let what is due in the next turn of the loop happen, and nothing that waits for a timer."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.parametrize("rate", [0.0, 0.5, -1.0, 50_001.0, float("nan"), float("inf")])
def test_a_rate_out_of_range_is_refused_with_a_sentence(calendar: SessionCalendar, rate: float) -> None:
    with pytest.raises(InvalidRequestError, match="1 to 50,000 ticks a second, not"):
        SimulatedFeed(calendar=calendar, today=MONDAY, ticks_per_second=rate)


def test_the_feed_says_what_it_is(feed: SimulatedFeed) -> None:
    port: Feed = feed
    assert port.name == "simulated"
    assert port.capabilities.nature is FeedNature.SIMULATED
    assert port.capabilities.depth_levels == (5, 20, 50)
    assert [port.capabilities.depths(exchange) for exchange in (Exchange.NSE, Exchange.BSE)] == [(5, 20), (5,)]
    assert port.capabilities.modes == frozenset(Mode)
    assert port.capabilities.exchanges == {instrument.key.exchange for instrument in port.instruments()}


def test_why_not_says_which_instrument_is_unknown(feed: SimulatedFeed) -> None:
    assert feed.why_not(INFY.key) is None
    assert feed.why_not(UNKNOWN.key) == "Unknown instrument NSE:XYZ"
    assert feed.why_not(InstrumentKey(Exchange.NSE, "XYZ:20")) == "Unknown instrument NSE:XYZ:20"
    assert "no depth suffix" in (feed.why_not(InstrumentKey(Exchange.NSE, "INFY:50")) or "")


async def test_a_fresh_subscription_is_confirmed_with_a_complete_tick(feed: SimulatedFeed, sink: FakeSink) -> None:
    feed.subscribe([INFY_DEPTH, NIFTY])
    assert sink.ticks == []
    await turn()
    assert sink.confirmed() == [INFY_DEPTH, NIFTY]
    assert feed.wishes.state(INFY_DEPTH) is WishState.CONFIRMED
    infy, nifty = sink.ticks
    assert infy.key == INFY_DEPTH.key
    assert infy.source == "simulated"
    unknown = {name for name, value in zip(Tick._fields, infy, strict=True) if value is None}
    assert unknown == {"oi", "rolling_24h", "extra"}
    assert infy.depth is not None
    assert len(infy.depth.buy) == 20
    assert (nifty.ltp, nifty.volume) != (None, None)


async def test_times_are_those_of_the_clock(feed: SimulatedFeed, sink: FakeSink, clock: Clock) -> None:
    clock.move(0.75)
    feed.subscribe([INFY])
    await turn()
    clock.move(5000.0)
    feed.publish_due()
    clock.move(5000.0)
    feed.publish_due()
    assert len(sink.ticks) > 1
    for tick in sink.ticks:
        assert type(tick.timestamp) is int
        assert type(tick.ltt) is int
        assert tick.timestamp == int(tick.received_ms)
    assert sink.ticks[-1].received_ms == clock.now_ms


async def test_an_unknown_instrument_is_rejected_and_stays_so(feed: SimulatedFeed, sink: FakeSink) -> None:
    feed.subscribe([UNKNOWN, INFY])
    await turn()
    assert sink.rejected() == {UNKNOWN: "Unknown instrument NSE:XYZ"}
    assert feed.wishes.state(UNKNOWN) is WishState.REJECTED
    assert sink.confirmed() == [INFY]


async def test_wishes_made_before_the_start_are_served(feed: SimulatedFeed) -> None:
    sink = FakeSink()
    feed.subscribe([INFY])
    await feed.start(sink)
    await turn()
    assert sink.confirmed() == [INFY]
    assert sink.states() == [FeedState.LIVE]
    await feed.stop()


async def test_a_second_mode_upgrades_and_its_end_downgrades(feed: SimulatedFeed, sink: FakeSink, clock: Clock) -> None:
    async def seen_after(ms: float) -> list[bool]:
        await turn()
        sink.ticks.clear()
        feed.publish_due()
        clock.move(ms)
        feed.publish_due()
        return [tick.depth is not None for tick in sink.ticks]

    feed.subscribe([INFY])
    assert await seen_after(250.0) == [False]
    feed.subscribe([INFY_DEPTH])
    assert await seen_after(250.0) == [True]
    feed.unsubscribe([INFY_DEPTH])
    assert await seen_after(250.0) == [False]
    feed.unsubscribe([INFY])
    assert await seen_after(2000.0) == []


async def test_a_wish_withdrawn_before_its_turn_is_not_served(feed: SimulatedFeed, sink: FakeSink) -> None:
    feed.subscribe([INFY])
    feed.unsubscribe([INFY])
    await turn()
    assert sink.ticks == []
    assert sink.confirmed() == []


async def test_every_instrument_at_once_is_served_in_short_turns(feed: SimulatedFeed, sink: FakeSink) -> None:
    wishes = [Subscription(instrument.key, Mode.DEPTH) for instrument in feed.instruments()]
    feed.subscribe(wishes)
    await turn()
    assert 0 < len(sink.confirmed()) < len(wishes)
    await until(lambda: len(sink.confirmed()) == len(wishes))
    assert {tick.key for tick in sink.ticks} == {wish.key for wish in wishes}


async def test_the_timer_publishes_by_itself_in_real_time(calendar: SessionCalendar) -> None:
    forced = SessionCalendar(forced_open=True)
    feed, sink = SimulatedFeed(calendar=forced, today=MONDAY, ticks_per_second=2000.0), FakeSink()
    await feed.start(sink)
    feed.subscribe([INFY, NIFTY])
    await until(lambda: len(sink.ticks) > 500)
    await feed.stop()
    count = len(sink.ticks)
    await turn()
    assert len(sink.ticks) == count
    assert feed.counters["ticks"] == count


async def test_a_closed_session_gives_a_snapshot_only_unless_it_is_forced_open(holidays: tuple[object, ...]) -> None:
    for forced in (False, True):
        clock, sink = Clock(ist("2026-11-22 03:00")), FakeSink()
        feed = SimulatedFeed(calendar=SessionCalendar(forced_open=forced), today=MONDAY, clock=clock)
        await feed.start(sink)
        feed.subscribe([INFY])
        await turn()
        for _ in range(40):
            feed.publish_due()
            clock.move(100.0)
        assert (len(sink.ticks) > 1) is forced
        assert sink.ticks[0].bid_price is not None
        await feed.stop()


async def test_at_a_given_seed_the_feed_repeats_itself(calendar: SessionCalendar) -> None:
    async def play(seed: int) -> list[Tick]:
        clock, sink = Clock(ist("2026-11-23 11:00")), FakeSink()
        feed = SimulatedFeed(calendar=calendar, today=MONDAY, ticks_per_second=400.0, seed=seed, clock=clock)
        await feed.start(sink)
        feed.subscribe([INFY_DEPTH, NIFTY])
        await turn()
        for _ in range(50):
            feed.publish_due()
            clock.move(20.0)
        await feed.stop()
        return sink.ticks

    assert await play(5) == await play(5)
    assert await play(5) != await play(6)


async def test_stop_is_safe_twice_and_leaves_no_tasks(feed: SimulatedFeed) -> None:
    sink = FakeSink()
    before = asyncio.all_tasks()
    await feed.start(sink)
    await feed.start(sink)
    feed.subscribe([INFY])
    await feed.stop()
    await feed.stop()
    assert asyncio.all_tasks() == before
    await turn()
    assert sink.ticks == []
    assert sink.states() == [FeedState.LIVE, FeedState.STOPPED]


async def test_a_stopped_feed_starts_again_with_its_wishes(feed: SimulatedFeed, sink: FakeSink) -> None:
    feed.subscribe([INFY])
    await turn()
    await feed.stop()
    await feed.start(sink)
    await turn()
    assert sink.confirmed() == [INFY, INFY]


@pytest.mark.expected_log("could not publish")
async def test_a_sink_that_raises_does_not_stop_the_market(calendar: SessionCalendar) -> None:
    class Moody(FakeSink):
        def publish(self, ticks: object) -> None:
            super().publish(ticks)  # type: ignore[arg-type]
            if 5 < len(self.ticks) < 50:
                raise RuntimeError("not now")

    feed, sink = (
        SimulatedFeed(calendar=SessionCalendar(forced_open=True), today=MONDAY, ticks_per_second=500.0),
        Moody(),
    )
    await feed.start(sink)
    feed.subscribe([INFY])
    await until(lambda: len(sink.ticks) > 100)
    await feed.stop()
    assert feed.counters["failures"] > 0


async def test_history_ends_with_the_price_that_is_quoted(feed: SimulatedFeed, sink: FakeSink) -> None:
    candles = await feed.history(INFY.key, 300, 50)
    feed.subscribe([INFY])
    await turn()
    assert len(candles) == 50
    assert candles[-1].close == sink.ticks[0].ltp
    assert all(one.start_ms < other.start_ms for one, other in pairwise(candles))
    assert await feed.history(INFY.key, 300, 50) == candles
    assert await feed.history(INFY.key, 300, 0) == []


@pytest.mark.parametrize("interval_s", [0, 1, 30, 90, 172_800, -60])
async def test_history_of_an_interval_it_does_not_have_is_refused(feed: SimulatedFeed, interval_s: int) -> None:
    with pytest.raises(FeedRejectedError, match="whole minutes up to a day"):
        await feed.history(INFY.key, interval_s, 10)


async def test_history_of_an_unknown_instrument_is_refused(feed: SimulatedFeed) -> None:
    with pytest.raises(FeedRejectedError, match="Unknown instrument NSE:XYZ"):
        await feed.history(UNKNOWN.key, 60, 10)
