"""The limits that Binance's USD-M futures set, and the life of a connection on which nothing is said."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from adapters.binance_futures.broker import BROKER, PER_CONNECTION, BinanceFuturesVenue
from adapters.binance_futures.conversation import MOST_STREAMS
from adapters.broker_feed import BrokerFeed
from adapters.catalogue import Catalogue
from adapters.venue import Lane
from market.feeds import FeedState
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from tests.adapters.binance_futures.bench import BINANCE_FUTURES, INSTRUMENTS
from tests.adapters.conformance.bench import Bench, QuickVenue
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_binance_futures import ToyBinanceFutures
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.waiting import until


@pytest.mark.parametrize("lane", BinanceFuturesVenue(BROKER.endpoints).lanes, ids=lambda lane: lane.name)
def test_limits_are_kept(lane: Lane) -> None:
    policy = lane.policy
    assert policy.message_rate_per_s + policy.message_burst + 1 < 10
    assert policy.renew_after_s is not None
    assert policy.renew_after_s < 24 * 3600
    assert policy.keepalive_every_s < policy.mute_after_s
    assert PER_CONNECTION * MOST_STREAMS <= 200


async def test_a_connection_on_which_nothing_is_wanted_is_not_mute() -> None:
    toy, sink = ToyBinanceFutures(), RecordingSink()
    await toy.start()
    venue = BinanceFuturesVenue(toy.endpoints())
    quick = [
        dataclasses.replace(
            lane,
            policy=dataclasses.replace(lane.policy, keepalive_every_s=0.05, mute_after_s=0.5, dead_after_s=1.0),
        )
        for lane in venue.lanes
    ]
    feed = BrokerFeed(QuickVenue(venue, quick), Catalogue(), ToySessions())  # type: ignore[arg-type]
    await feed.start(sink)
    async with asyncio.timeout(10):
        await until(lambda: feed.counters["heartbeats"] > 20)
    assert FeedState.MUTE not in sink.states
    assert toy.lines_made == 1
    await feed.stop()
    await toy.stop()
    assert toy.violations == []


async def test_open_interest_comes_with_the_next_tick() -> None:
    toy = ToyBinanceFutures()
    toy.interest = {"BTCUSDT": "10659.509"}
    await toy.start()
    bench = Bench(dialect=BINANCE_FUTURES, toy=toy)
    bitcoin, ether = INSTRUMENTS[:2]
    await bench.start()
    bench.feed.subscribe([Subscription(each.key, Mode.QUOTE) for each in (ether, bitcoin)])
    async with asyncio.timeout(10):
        while bench.sink.last.get(bitcoin.key, Tick(bitcoin.key, 0.0, "")).oi is None:
            await bench.toy.tick(bitcoin, ToyQuote(ltp=101.25))
            await asyncio.sleep(0.01)
    assert bench.sink.last[bitcoin.key].oi == 10_659.509
    assert bench.sink.last[bitcoin.key].ltp == 101.25
    assert sorted(toy.interest_asked) == ["BTCUSDT", "ETHUSDT"]
    await bench.feed.stop()
    await toy.stop()
