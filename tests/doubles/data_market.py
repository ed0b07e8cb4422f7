"""The data API over a hub with a fake feed that answers every subscription with a price, and candles on demand."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from market.candles import Candle, latest_within
from market.errors import UnknownInstrumentError
from market.holidays import Holiday
from market.instruments import InstrumentKey
from market.sessions import SessionCalendar
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.router import FeedRouter
from services.data_api import DataApi
from services.instruments import InstrumentDirectory
from services.market_data_service import MarketDataService
from services.rest.answers import Answer
from services.rest.history import CandleFeed
from services.rest.live_quotes import LiveQuotes, Patience
from tests.doubles.chains import market
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import full_tick

# 30 December 2025, 11:00 in India: the day on which the near chain expires.
NOW_MS = datetime(2025, 12, 30, 5, 30, tzinfo=UTC).timestamp() * 1000.0


class PricedFeed(FakeFeed):
    """Publishes a full tick for each wish, at the price that it is told, or none where it is told None."""

    def __init__(self) -> None:
        super().__init__(symbols=[instrument.key.symbol for instrument in market()])
        self.prices: dict[str, float | None] = {}

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        super().subscribe(wishes)
        for wish in wishes:
            price = self.prices.get(wish.key.symbol, 100.0)
            if price is not None:
                self.publish(full_tick(wish.key, ltp=price, received_ms=time.time() * 1000.0))


class FakeCandles:
    """Candles of any interval, cut to the range and the latest `limit`; `error` is raised instead.

    `asked` are the key, interval and limit of each request, `ranges` its start and end.
    """

    def __init__(self) -> None:
        self.candles: list[Candle] = []
        self.offered: tuple[int, ...] = (60, 300, 86_400)
        self.asked: list[tuple[InstrumentKey, int, int]] = []
        self.ranges: list[tuple[int | None, int | None]] = []
        self.error: Exception | None = None

    async def of(
        self, key: InstrumentKey, interval_s: int, limit: int, *, start_ms: int | None, end_ms: int | None
    ) -> Sequence[Candle]:
        self.asked.append((key, interval_s, limit))
        self.ranges.append((start_ms, end_ms))
        if self.error is not None:
            raise self.error
        return latest_within(self.candles, limit, start_ms=start_ms, end_ms=end_ms)

    def feed(self) -> CandleFeed:
        return CandleFeed(self.of, self._offered_for, lambda: [self.offered])

    def _offered_for(self, key: InstrumentKey) -> tuple[int, ...]:
        if isinstance(self.error, UnknownInstrumentError):
            raise self.error
        return self.offered


class DataMarket:
    """Everything behind the HTTP server. `ask` does what the server does for a request with a good key."""

    def __init__(self, holidays: Sequence[Holiday] = ()) -> None:
        self.feed = PricedFeed()
        self.candles = FakeCandles()
        hub = Hub()
        router = FeedRouter([self.feed], hub.publish)
        self.desk = Desk(hub, router)
        self.market_data = MarketDataService()
        hub.add_sink(self.market_data.on_updates)
        self._sink = router.sink_for(self.feed)
        directory = InstrumentDirectory()
        directory.add(market())
        patience = Patience(first_s=0.05, rest_s=0.02)
        self.api = DataApi(
            self.desk,
            self.market_data,
            directory,
            self.candles.feed(),
            SessionCalendar(holidays),
            holidays,
            clock=lambda: NOW_MS,
            live=LiveQuotes(self.desk, self.market_data, patience=patience),
        )
        self.endpoints = {endpoint.path: endpoint for endpoint in self.api.endpoints()}

    async def start(self) -> None:
        await self.feed.start(self._sink)

    async def ask(self, name: str, **fields: Any) -> Answer:
        """The answer of `/api/v1/name`."""
        endpoint = self.endpoints[f"/api/v1/{name}"]
        values, refused = endpoint.read({"apikey": "good", **fields})
        if refused is not None:
            return refused
        values.pop("apikey")
        return await endpoint.answer("trader1", values)

    async def data(self, name: str, **fields: Any) -> Any:
        """The body of a success."""
        answer = await self.ask(name, **fields)
        assert answer.status == 200, answer.body
        return answer.body

    async def error(self, name: str, **fields: Any) -> tuple[int, Any]:
        """Status and message of a failure."""
        answer = await self.ask(name, **fields)
        assert answer.body["status"] == "error"
        return answer.status, answer.body["message"]

    def price(self, **prices: float | None) -> None:
        """Set what instruments cost when they are next subscribed."""
        self.feed.prices |= prices

    def tick(self, tick: Tick) -> None:
        """Publish."""
        self.feed.publish(tick)
