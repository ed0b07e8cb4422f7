"""A toy Binance and a feed connected to it, with little patience."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from adapters.binance.broker import POLICY, BinanceVenue
from adapters.binance.rest import BinanceRest
from adapters.broker_feed import BrokerFeed
from adapters.catalogue import Catalogue
from adapters.fleet import Patience
from adapters.kept_connection import ConnectionPolicy
from adapters.listing_keeper import ListingKeeper, asking
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from tests.adapters.conformance.bench import QUICK_LIMITS, QuickVenue
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.waiting import until

QUICK = dataclasses.replace(POLICY, mute_after_s=5.0, dead_after_s=10.0, limits=QUICK_LIMITS)
OURS = ("binance-", "feed-")


def make_feed(
    toy: ToyBinance,
    *,
    policy: ConnectionPolicy = QUICK,
    per_connection: int | None = None,
    refresh_s: float = 3600.0,
) -> BrokerFeed:
    """A feed as the application makes it, but for its patience."""
    venue, catalogue = BinanceVenue(toy.endpoints()), Catalogue()
    (lane,) = venue.lanes
    limit = per_connection or lane.per_connection
    lane = dataclasses.replace(lane, policy=policy, per_connection=limit, connect_gap_s=0.0)
    keeper = ListingKeeper(
        "binance",
        "Binance spot",
        asking(lambda: BinanceRest(toy.endpoints()["rest"])),
        None,
        catalogue,
        refresh_s=refresh_s,
        retry_s=0.02,
    )
    return BrokerFeed(
        QuickVenue(venue, [lane]),  # type: ignore[arg-type]  # it is one by delegation
        catalogue,
        keeping=keeper.keep,
        patience=Patience(first_s=0.01, cap_s=0.05, draw=lambda: 1.0),
    )


def row(symbol: str, **others: object) -> dict[str, object]:
    """A row of exchangeInfo."""
    filters = [
        {"filterType": "PRICE_FILTER", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "stepSize": "0.00001000"},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "filters": filters,
    } | others


def exchange_info(symbols: Iterable[str]) -> bytes:
    """An exchangeInfo that lists `symbols`."""
    return json.dumps({"symbols": [row(symbol) for symbol in symbols]}).encode()


class Stage:
    """The toy, the feed, and what the feed has said."""

    def __init__(self, toy: ToyBinance) -> None:
        self.toy = toy
        self.sink = RecordingSink()
        self.feed: BrokerFeed

    async def start(
        self,
        *wishes: Subscription,
        policy: ConnectionPolicy = QUICK,
        per_connection: int | None = None,
        refresh_s: float = 3600.0,
    ) -> None:
        """Start a feed; if there are wishes, return when all are confirmed.

        BTCUSDT, ETHUSDT and SOLUSDT and what is wished for are listed, unless the toy lists something already.
        """
        if self.toy.exchange_info is None:
            known = ("BTCUSDT", "ETHUSDT", "SOLUSDT", *(wish.key.symbol for wish in wishes))
            self.toy.exchange_info = exchange_info(dict.fromkeys(known))
        self.feed = make_feed(self.toy, policy=policy, per_connection=per_connection, refresh_s=refresh_s)
        await self.feed.start(self.sink)
        self.feed.subscribe(wishes)
        await until(lambda: list(self.feed.instruments()))
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
