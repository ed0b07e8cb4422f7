"""Binance spot as a feed: joins the pure parts (wire, streams, prices, books) to sockets and to the hub."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from adapters.background import BackgroundTasks
from adapters.base_adapter import BaseAdapter, Renewable
from adapters.binance.books import BookKeeper
from adapters.binance.events import Ack, AggTrade, BookTicker, DepthDiff, Refusal, ServerShutdown, Ticker, Unknown
from adapters.binance.instruments import Listing, is_plausible
from adapters.binance.prices import Prices
from adapters.binance.rest import INTERVALS, BinanceRest
from adapters.binance.settings import BinanceSettings, endpoints_from
from adapters.binance.shard import Shard
from adapters.binance.streams import StreamCounts, is_depth, is_ticker, streams_of, symbol_of
from adapters.binance.wire import decode
from adapters.reconnect import Backoff
from adapters.sharding import assign
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, OpenAlgoError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedSink, FeedState
from market.instruments import Instrument, InstrumentKey
from market.subscriptions import Subscription, WishState
from market.ticks import Depth

_log = logging.getLogger(__name__)

_GARBAGE_LOG_INTERVAL_S = 60.0
# A connection that is added to live ones does not make their prices stale: hence connecting comes last.
_WORST_FIRST = (FeedState.RECONNECTING, FeedState.MUTE, FeedState.LIVE, FeedState.CONNECTING)


class BinanceFeed(BaseAdapter):
    """The feed `binance`: public market data of Binance spot, under the exchange code CRYPTO.

    Args:
        endpoints: base addresses `ws` and `rest`; those not given are Binance's market data hosts.
        settings: how patient to be.
        draw: the source of randomness of the reconnect delays, between 0 and 1.
    """

    def __init__(
        self,
        endpoints: Mapping[str, str] | None = None,
        *,
        settings: BinanceSettings | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings or BinanceSettings()
        levels = tuple(sorted({5, self._settings.depth_levels}))
        exchanges = frozenset({Exchange.CRYPTO})
        super().__init__("binance", Capabilities(exchanges=exchanges, depth_levels=levels, history_s=tuple(INTERVALS)))
        self._endpoints = endpoints_from(endpoints)
        self._draw = draw
        self._tasks = BackgroundTasks()
        self._rest = BinanceRest(self._endpoints["rest"], limits=self._settings.connection.limits)
        self._prices = Prices(self.name)
        self._listing: Listing | None = None
        self._counts = StreamCounts()
        self._placed: dict[str, int] = {}
        self._shards: dict[int, Shard] = {}
        self._to_look_at: dict[str, None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._garbage_logged_at = float("-inf")
        self._books = BookKeeper(
            self._rest.snapshot, self._publish_depth, self.counters, levels=self._settings.depth_levels
        )
        self._handlers: dict[type, Callable[[Any, Shard, float], None]] = {
            AggTrade: lambda event, _, now_ms: self._publish((self._prices.of_trade(event, now_ms),)),
            Ticker: lambda event, _, now_ms: self._publish((self._prices.of_ticker(event, now_ms),)),
            BookTicker: lambda event, _, now_ms: self._publish((self._prices.of_book_ticker(event, now_ms),)),
            DepthDiff: self._take_diff,
            Ack: self._take_ack,
            Refusal: self._take_refusal,
            ServerShutdown: self._take_shutdown,
        }

    async def start(self, sink: FeedSink) -> None:
        self._attach(sink)
        self._report_state(FeedState.CONNECTING, "Connecting")
        self._shard(0)
        self._tasks.spawn(self._keep_listing(), "binance-listing")
        self._admit(list(self.wishes))

    async def stop(self) -> None:
        await self._tasks.close()
        await self._books.close()
        await self._rest.close()
        self._shards.clear()
        self._placed.clear()
        self._to_look_at.clear()
        self._counts = StreamCounts()
        self._prices.restart()
        self._looking = None
        self._detach()

    def _connections(self) -> Iterable[Renewable]:
        return self._shards.values()

    def why_not(self, key: InstrumentKey) -> str | None:
        if key.exchange is not Exchange.CRYPTO:
            return f"Binance serves the exchange code CRYPTO, not {key.exchange}"
        if not is_plausible(key.symbol):
            return f"{key.symbol[:32]!r} cannot be a Binance symbol"
        if self._listing is None:
            return None
        if key.symbol not in self._listing.halted and len(self._listing) < self._settings.whole_listing:
            return None
        return self._listing.why_not(key.symbol)

    def instruments(self) -> Iterable[Instrument]:
        return self._listing.instruments.values() if self._listing is not None else ()

    def listing(self, key: InstrumentKey) -> Instrument | None:
        return self._listing.instruments.get(key.symbol) if self._listing is not None else None

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        reason = self.why_not(key)
        if reason is not None:
            raise FeedRejectedError(reason)
        if self._sink is None:
            raise FeedUnavailableError("The binance feed is not started")
        return await self._rest.candles(key.symbol, interval_s, limit, start_ms=start_ms, end_ms=end_ms)

    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        self._admit(wishes)

    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        self._let_go(wishes)

    # wishes → streams → connections

    def _admit(self, wishes: Sequence[Subscription]) -> None:
        """Ask for the streams of `wishes`, and refuse those that nothing can be asked for."""
        admitted = []
        for wish in wishes:
            reason = self.why_not(wish.key)
            if reason is None:
                admitted.append(wish)
            else:
                self._let_go([wish])
                self._reject(wish, reason)
        self._place(self._counts.add(admitted))
        self._confirm_acknowledged(admitted)

    def _place(self, fresh: Sequence[str]) -> None:
        if not fresh:
            return
        self._placed = assign(self._counts, self._placed, self._settings.streams_per_connection).placed
        by_shard: dict[int, list[str]] = {}
        for stream in fresh:
            by_shard.setdefault(self._placed[stream], []).append(stream)
        for number, streams in by_shard.items():
            self._shard(number).want(streams)
        self._look_at(symbol_of(stream) for stream in fresh)

    def _let_go(self, wishes: Sequence[Subscription]) -> None:
        by_shard: dict[int, list[str]] = {}
        for stream in self._counts.remove(wishes):
            by_shard.setdefault(self._placed.pop(stream), []).append(stream)
            if is_depth(stream):
                self._books.drop(symbol_of(stream))
            elif is_ticker(stream):
                self._prices.forget(symbol_of(stream))
        for number, streams in by_shard.items():
            self._shards[number].let_go(streams)

    def _shard(self, number: int) -> Shard:
        shard = self._shards.get(number)
        if shard is None:
            policy = self._settings.connection
            if policy.renew_after_s is not None:  # not all at the same time
                policy = dataclasses.replace(policy, renew_after_s=policy.renew_after_s * (0.9 + 0.1 * self._draw()))
            backoff = Backoff(
                first_s=self._settings.reconnect_first_s, cap_s=self._settings.reconnect_cap_s, draw=self._draw
            )
            shard = Shard(number, lambda: self._endpoints["ws"] + "/stream", self, policy, backoff)
            self._shards[number] = shard
            self._tasks.spawn(shard.run(), f"binance-connection-{number}")
        return shard

    def _confirm_acknowledged(self, candidates: Iterable[Subscription]) -> None:
        acked: set[str] = set()
        for shard in self._shards.values():
            acked |= shard.control.acknowledged
        pending = [wish for wish in candidates if self.wishes.state(wish) is WishState.PENDING]
        confirmed = [wish for wish in pending if acked.issuperset(streams_of(wish))]
        if confirmed:
            self._confirm(confirmed)

    # what the connections tell

    def shard_opened(self, shard: Shard) -> None:
        if shard.connections_made == 1:
            return
        self.counters["reconnects"] += 1
        self.wishes.reopen()
        self._admit(list(self.wishes))

    def shard_lost(self, shard: Shard) -> None:
        for stream in shard.control.wanted:
            self._prices.forget(symbol_of(stream))
            if is_depth(stream):
                self._books.drop(symbol_of(stream))

    def shard_state_changed(self) -> None:
        worst = min(self._shards.values(), key=lambda shard: _WORST_FIRST.index(shard.state))
        detail = worst.detail
        if detail and len(self._shards) > 1:
            detail = f"Connection {worst.number + 1} of {len(self._shards)}: {detail}"
        self._report_state(worst.state, detail, attempt=worst.attempt)

    def shard_received(self, shard: Shard, frame: bytes) -> None:
        try:
            event = decode(frame)
        except DecodeError as exc:
            self._note_garbage(exc)
            return
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, shard, time.time() * 1000.0)
        elif isinstance(event, Unknown):
            self.counters["unknown_events"] += 1
        else:
            self.counters["ignored_events"] += 1

    def _take_diff(self, diff: DepthDiff, shard: Shard, received_ms: float) -> None:
        if f"{diff.symbol.lower()}@depth@100ms" in self._counts:
            self._books.change(diff)

    def _take_ack(self, ack: Ack, shard: Shard, received_ms: float) -> None:
        for stream in shard.control.acknowledge(ack.request_id):
            if is_depth(stream):
                self._books.open(symbol_of(stream))
        self._confirm_acknowledged(self.wishes)

    def _take_refusal(self, refusal: Refusal, shard: Shard, received_ms: float) -> None:
        self.counters["refusals"] += 1
        refused = set(shard.control.refuse(refusal.request_id))
        for wish in list(self.wishes):
            if refused.intersection(streams_of(wish)):
                self._let_go([wish])
                self._reject(wish, f"Binance refused the subscription: {refusal.reason[:120]}")

    def _take_shutdown(self, event: ServerShutdown, shard: Shard, received_ms: float) -> None:
        shard.renew("Binance is about to close this connection")

    def _note_garbage(self, exc: DecodeError) -> None:
        self.counters["decode_errors"] += 1
        now = time.monotonic()
        if now - self._garbage_logged_at >= _GARBAGE_LOG_INTERVAL_S:
            self._garbage_logged_at = now
            _log.warning("Undecodable frame from Binance (%d so far): %s", self.counters["decode_errors"], exc)

    def _publish_depth(self, symbol: str, depth: Depth) -> None:
        self._publish((self._prices.of_depth(symbol, depth, time.time() * 1000.0),))

    # what is fetched

    def _look_at(self, symbols: Iterable[str]) -> None:
        """Fetch the 24-hour figures of `symbols` once, so that one that nobody trades has a price too."""
        self._to_look_at |= dict.fromkeys(symbols)
        if self._to_look_at and (self._looking is None or self._looking.done()):
            self._looking = self._tasks.spawn(self._look(), "binance-first-look")

    async def _look(self) -> None:
        while self._to_look_at:
            symbol = next(iter(self._to_look_at))
            del self._to_look_at[symbol]
            if self._prices.has_day(symbol) or f"{symbol.lower()}@ticker" not in self._counts:
                continue
            try:
                day = await self._rest.day(symbol)
            except OpenAlgoError as exc:
                self.counters["first_look_failures"] += 1
                _log.debug("No 24-hour figures of %s: %s", symbol, exc)
                continue
            self._publish((self._prices.of_day(day, time.time() * 1000.0),))

    async def _keep_listing(self) -> None:
        """Fetch the list of symbols, again and again until it is there, and then a few times a day."""
        backoff = Backoff(first_s=self._settings.listing_retry_s, cap_s=300.0, draw=lambda: 0.5 + 0.5 * self._draw())
        while True:
            try:
                self._listing = await self._rest.listing()
            except OpenAlgoError as exc:
                self.counters["listing_failures"] += 1
                _log.info("The list of Binance's symbols is not available: %s", exc)
                await asyncio.sleep(backoff.next_delay(asyncio.get_running_loop().time()))
                continue
            self._check_wishes()
            await asyncio.sleep(self._settings.listing_refresh_s)

    def _check_wishes(self) -> None:
        """The list is new: refuse what does not exist, and try again what was refused and exists now."""
        wishes = list(self.wishes)
        unknown = [wish for wish in wishes if self.why_not(wish.key) is not None]
        refused = [wish for wish in wishes if self.wishes.state(wish) is WishState.REJECTED]
        self._admit([wish for wish in unknown if wish not in refused])
        self._admit(self.wishes.add([wish for wish in refused if wish not in unknown]))
