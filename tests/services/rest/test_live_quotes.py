"""Prices for those who ask: from memory when somebody watches, waited for when nobody did, and never an old one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable

import pytest

from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.router import FeedRouter
from services.market_data_service import MarketDataService
from services.rest.live_quotes import HOLDER, LiveQuotes, NoPrice, Patience
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, NIFTY, SBIN, book, tick_of
from tests.doubles.waiting import until

QUICK = Patience(first_s=0.15, rest_s=0.03, idle_s=0.2, most=3)


class Market:
    """A hub with one feed, and the quotes that are asked of it."""

    def __init__(self, patience: Patience, **feed: object) -> None:
        self.feed = FakeFeed(**feed)  # type: ignore[arg-type]
        hub = Hub()
        router = FeedRouter([self.feed], hub.publish)
        self.desk = Desk(hub, router)
        self.sink = router.sink_for(self.feed)
        self.ticks = MarketDataService()
        hub.add_sink(self.ticks.on_updates)
        self.quotes = LiveQuotes(self.desk, self.ticks, patience=patience)

    def tick(self, key: InstrumentKey, **fields: object) -> Tick:
        """Have the feed publish a tick of now."""
        fields = {"open": 1.0, "received_ms": time.time() * 1000.0} | fields
        tick = tick_of(key, **fields)  # type: ignore[arg-type]
        self.feed.publish(tick)
        return tick

    def held(self) -> list[Subscription]:
        return self.desk.subscriptions(HOLDER)

    async def ask(self, keys: Iterable[InstrumentKey], mode: Mode = Mode.QUOTE) -> dict[InstrumentKey, Tick | NoPrice]:
        return await self.quotes.of(keys, mode)


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    world = Market(QUICK)
    await world.feed.start(world.sink)
    yield world
    world.quotes.close()
    assert world.held() == []


async def test_a_price_that_nobody_watched_is_waited_for(market: Market) -> None:
    asking = asyncio.create_task(market.ask([SBIN, INFY]))
    await until(lambda: len(market.held()) == 2)
    assert market.feed.calls == [("subscribe", [Subscription(SBIN, Mode.QUOTE), Subscription(INFY, Mode.QUOTE)])]
    market.tick(SBIN, ltp=5.0)
    assert not asking.done()
    market.tick(INFY, ltp=7.0)
    answers = await asking
    assert [answers[key].ltp for key in (SBIN, INFY)] == [5.0, 7.0]  # type: ignore[union-attr]


async def test_a_second_question_is_answered_from_memory(market: Market) -> None:
    asking = asyncio.create_task(market.ask([SBIN]))
    await until(market.held)
    market.tick(SBIN)
    first = await asking
    second = market.ask([SBIN])
    with pytest.raises(StopIteration) as answer:  # it never waits
        second.send(None)
    assert answer.value.value == first


async def test_silence_is_an_answer_of_its_own_and_never_a_price(market: Market) -> None:
    answer = (await market.ask([SBIN]))[SBIN]
    assert isinstance(answer, NoPrice)
    assert answer == ("No price of NSE:SBIN arrived within 0.15 seconds", "BROKER_UNAVAILABLE")


async def test_a_price_from_before_the_watching_is_not_answered(market: Market) -> None:
    market.tick(SBIN, received_ms=time.time() * 1000.0 - 60_000)
    assert isinstance((await market.ask([SBIN]))[SBIN], NoPrice)


async def test_a_price_that_somebody_watches_is_answered_however_quiet_it_is(market: Market) -> None:
    market.desk.subscribe("window", [Subscription(SBIN, Mode.QUOTE)])
    old = market.tick(SBIN, received_ms=time.time() * 1000.0 - 60_000)
    assert (await market.ask([SBIN]))[SBIN] == old


async def test_a_price_of_a_feed_that_is_not_there_is_not_answered(market: Market) -> None:
    from market.feeds import FeedStatus

    market.desk.subscribe("window", [Subscription(SBIN, Mode.QUOTE)])
    market.tick(SBIN)
    market.sink.report(FeedStatus("fake", FeedState.RECONNECTING))
    answer = (await market.ask([SBIN]))[SBIN]
    assert isinstance(answer, NoPrice)
    assert answer.reason.endswith("; the fake feed is reconnecting")


async def test_the_last_price_alone_is_good_enough_after_a_while(market: Market) -> None:
    asking = asyncio.create_task(market.ask([NIFTY], Mode.DEPTH))
    await until(market.held)
    market.tick(NIFTY, ltp=24_300.0)
    answer = (await asking)[NIFTY]
    assert isinstance(answer, Tick)
    assert answer.depth is None


async def test_a_book_is_waited_for_where_depth_is_asked(market: Market) -> None:
    market.desk.subscribe("window", [Subscription(SBIN, Mode.LTP)])
    market.tick(SBIN)
    asking = asyncio.create_task(market.ask([SBIN], Mode.DEPTH))
    await until(market.held)
    market.tick(SBIN, depth=book(5))
    answer = (await asking)[SBIN]
    assert isinstance(answer, Tick)
    assert answer.depth == book(5)


async def test_an_unknown_instrument_is_refused_at_once() -> None:
    world = Market(QUICK, symbols=["SBIN"])
    await world.feed.start(world.sink)
    answer = (await world.ask([INFY]))[INFY]
    assert answer == NoPrice("Unknown instrument NSE:INFY", "INVALID_SYMBOLS")
    assert world.held() == []
    world.quotes.close()


async def test_what_is_not_asked_for_again_is_let_go(market: Market) -> None:
    await market.ask([SBIN])
    assert market.held()
    await until(lambda: not market.held(), within_s=2)
    assert market.feed.wished == []
    assert len(market.quotes) == 0


async def test_the_longest_unused_makes_room() -> None:
    world = Market(Patience(first_s=0.01, most=3))
    await world.feed.start(world.sink)
    others = [InstrumentKey(SBIN.exchange, name) for name in ("A", "B")]
    for keys in ([SBIN], others, [SBIN], [INFY]):
        await world.ask(keys)
    assert {wish.key for wish in world.held()} == {SBIN, others[1], INFY}
    world.quotes.close()


async def test_more_than_fit_are_refused_with_the_number(market: Market) -> None:
    keys = [InstrumentKey(SBIN.exchange, name) for name in "ABCD"]
    answers = await market.ask(keys)
    assert answers[keys[3]] == NoPrice("3 instruments are being watched, and no more can be", "CAPACITY_EXCEEDED")
    assert isinstance(answers[keys[0]], NoPrice)
    assert len(market.held()) == 3


async def test_what_is_being_waited_for_does_not_make_room(market: Market) -> None:
    keys = [InstrumentKey(SBIN.exchange, name) for name in "ABC"]
    asking = asyncio.create_task(market.ask(keys))
    await until(lambda: len(market.held()) == 3)
    answer = (await market.ask([SBIN]))[SBIN]
    assert isinstance(answer, NoPrice)
    assert answer.code == "CAPACITY_EXCEEDED"
    await asking


async def test_nobody_listens_while_nobody_waits(market: Market) -> None:
    await market.ask([SBIN])
    assert market.ticks.get_cache_metrics()["total_subscribers"] == 0


async def test_closing_ends_the_waiting() -> None:
    world = Market(Patience(first_s=60.0))
    await world.feed.start(world.sink)
    asking = asyncio.create_task(world.ask([SBIN]))
    await until(world.held)
    world.quotes.close()
    assert isinstance((await asyncio.wait_for(asking, 2))[SBIN], NoPrice)
    assert world.held() == []


async def test_asking_for_nothing_answers_nothing(market: Market) -> None:
    assert await market.ask([]) == {}
