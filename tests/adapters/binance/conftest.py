"""A toy Binance and a feed connected to it, with little patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from adapters.binance.feed import BinanceFeed
from adapters.binance.settings import BinanceSettings
from adapters.kept_connection import ConnectionPolicy
from adapters.transport import Limits
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.waiting import until

QUICK = BinanceSettings(
    connection=ConnectionPolicy(
        mute_after_s=5.0,
        dead_after_s=10.0,
        message_rate_per_s=3.0,
        message_burst=1.0,
        limits=Limits(open_timeout_s=2.0, close_timeout_s=0.1, request_timeout_s=5.0),
    ),
    reconnect_first_s=0.01,
    reconnect_cap_s=0.05,
    listing_retry_s=0.02,
    whole_listing=1,
)

OURS = ("binance-", "feed-", "book-")


class Stage:
    """The toy, the feed, and what the feed has said."""

    def __init__(self, toy: ToyBinance) -> None:
        self.toy = toy
        self.sink = RecordingSink()
        self.feed: BinanceFeed

    async def start(self, *wishes: Subscription, settings: BinanceSettings = QUICK) -> None:
        """Start a feed; if there are wishes, return when all are confirmed."""
        self.feed = BinanceFeed(self.toy.endpoints(), settings=settings)
        await self.feed.start(self.sink)
        self.feed.subscribe(wishes)
        if wishes:
            await until(lambda: set(self.sink.confirmed) >= set(wishes))

    async def lose(self, how: Callable[[], object]) -> None:
        """End the connection by `how` and return when there is another one."""
        made = self.toy.connections_made
        how()
        await until(lambda: self.toy.connections_made > made)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    toy = ToyBinance()
    await toy.start()
    stage = Stage(toy)
    yield stage
    await stage.feed.stop()
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith(OURS)] == []
    await until(lambda: not toy.connections)
    await toy.stop()
    assert toy.violations == []


def wish(symbol: str, mode: Mode) -> Subscription:
    """A subscription of a Binance symbol."""
    return Subscription(InstrumentKey(Exchange.CRYPTO, symbol), mode)
