"""The application without a window: feeds, hub, server and services, started and stopped together. Qt-free.

The window and the headless command are two ways to keep an engine running.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import importlib.resources
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from adapters.broker_factory import feed_names
from adapters.publisher_factory import Publisher, PublisherSettings, create_publisher
from market.candles import Candle
from market.credentials import Secret
from market.errors import InvalidRequestError, NotAuthenticatedError, StorageError
from market.feeds import Feed, FeedEvent, FeedStatus, NatureKnown
from market.holidays import Holiday, parse_holidays
from market.instruments import InstrumentKey
from market.modes import Mode
from market.notices import Notice
from market.sessions import SessionCalendar
from openalgo_desktop.addresses import exposed, stored_addresses
from openalgo_desktop.bundled_lists import read_starter_lists
from openalgo_desktop.failures import StartupError, UsageError
from openalgo_desktop.feed_care import FeedCare
from openalgo_desktop.feed_sources import FeedSources
from openalgo_desktop.housekeeping import DirectoryFeeder, Housekeeping, Job
from openalgo_desktop.http_api import HttpApi
from openalgo_desktop.options import EngineOptions, with_stored
from openalgo_desktop.profile import InstanceLock, prepare_profile
from openalgo_desktop.remote_wishes import RemoteHolder
from openalgo_desktop.stored_sources import with_stored_sources
from openalgo_desktop.taken_ports import cannot_listen, is_own_address
from openalgo_desktop.users import LOCAL_USER
from proxy.bus import Bus
from proxy.config import ServerConfig
from proxy.desk import Desk
from proxy.http.config import HttpConfig
from proxy.hub import Hub
from proxy.router import FeedRouter
from proxy.server.listener import WebSocketServer
from proxy.session import Identity
from proxy.trust import TrustBook
from services import websocket_service
from services.api_keys import ApiKeys
from services.instruments import InstrumentDirectory
from services.market_data_service import MarketDataService
from services.rest.history import CandleFeed
from services.settings import Settings
from services.source_choices import SourceChoices
from services.storage.database import open_storage
from services.vault import open_vault
from services.watchlists import Watchlists

if TYPE_CHECKING:
    from services.storage.database import Storage

logger = logging.getLogger(__name__)

_IST = timezone(timedelta(hours=5, minutes=30))
_AFTER_CLOSE = timedelta(hours=8.5)
_KEYS_EVERY_S = 3
_SAVE_AGAIN_EVERY_S = 5
# What a window that cannot be used any more might be due to.
_VIEW = frozenset({"theme", "up_down_palette", "up_is_red", "density", "ui_scale", "columns", "keys", "text_rate_hz"})
_SWEEP_EVERY_S = 60


class Engine:
    """Everything but the window. Make it, `await start()`, and `await stop()` whatever happened in between."""

    def __init__(self, options: EngineOptions) -> None:
        """Open the profile; nothing listens yet. Blocks for as long as the disk takes.

        Raises:
            OpenAlgoError: the profile cannot be used, or a feed is not made so; the message is for the user.
        """
        self.options = options
        self.profile = prepare_profile(options.profile)
        self._lock = InstanceLock(self.profile)
        self._lock.acquire()
        with contextlib.ExitStack() as undo:
            undo.callback(self._lock.release)
            self._open(undo)
            undo.pop_all()

    def _open(self, undo: contextlib.ExitStack) -> None:
        self.calendar = SessionCalendar(read_holidays())
        self.storage: Storage = open_storage(self.profile)
        undo.callback(self.storage.close)
        vault = open_vault(self.profile)
        self.api_keys = ApiKeys(self.storage, vault)
        self.api_keys.default_key(LOCAL_USER)
        self.settings = Settings(self.storage, ignoring=_VIEW if self.options.safe else frozenset())
        self.watchlists = Watchlists(self.storage)
        self.notices = (*self.storage.notices, *vault.notices, *self.settings.notices)
        standing = self._take_stored()
        options = self.options
        self.hub = Hub()
        self.instruments = InstrumentDirectory(spot=self._known("ltp"), volume=self._known("volume"))
        self.watchlists.offer(read_starter_lists(), self.instruments, _trading_day)
        self.sources = FeedSources(options, self.profile, self.storage, vault)
        feeds = self.sources.make(SessionCalendar(read_holidays(), forced_open=True), datetime.now(_IST).date())
        self.router = FeedRouter(feeds, self.hub.publish)
        self.choices = SourceChoices(self.settings, self.router)
        self.desk = Desk(self.hub, self.router, notices=standing)
        self.market_data = MarketDataService(wanted=self.router.is_wanted)
        self.care = FeedCare(self.router, self.hub, self.calendar)
        self.trust = TrustBook(self.calendar, self.care.liveness)
        self.server = WebSocketServer(_server_config(options), self.desk, self.trust, self._verify)
        self.bus = Bus(options.zmq_host, options.zmq_pub_port, self.desk, self.trust, now_ms=self.server.now_ms)
        self.publishers = self._make_publishers(options)
        self.http = self._make_http(options)
        self._verifiers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keys")
        self._directory_feeder = DirectoryFeeder(self.router.feeds, self.instruments)
        self._closed_edges: set[str] = set()
        self._housekeeping: asyncio.Task[None] | None = None
        self._is_stopped = False

    def _take_stored(self) -> tuple[Notice, ...]:
        """Complete the options by the stored settings; returns what must be said as long as it lasts."""
        options = with_stored(self.options, self.settings.number)
        options, unusable = with_stored_sources(options, self.settings.text("feeds"))
        self.notices += unusable
        addresses, unused = stored_addresses(options, self.settings.text, is_own_address)
        self.options = options = dataclasses.replace(options, **addresses)  # type: ignore[arg-type]
        standing = (*exposed(options), *unused)
        self.notices += tuple(notice.sentence for notice in standing)
        return standing

    def _make_publishers(self, options: EngineOptions) -> list[Publisher]:
        settings = PublisherSettings(
            messages=self.bus.messages, last=self.desk.last, holder=RemoteHolder(self.desk), nats_url=options.nats_url
        )
        try:
            return [create_publisher(spec, settings) for spec in options.publish]
        except InvalidRequestError as error:
            raise UsageError(str(error)) from None

    def _make_http(self, options: EngineOptions) -> HttpApi:
        return HttpApi(
            self.desk,
            self.market_data,
            self.instruments,
            CandleFeed(self.history, self._offered_candles, self._all_offered_candles),
            self.calendar,
            read_holidays(),
            self._verify,
            profile=self.profile,
            config=HttpConfig(
                host=options.http_host,
                port=options.http_port,
                tls_cert=options.tls_cert,
                tls_key=options.tls_key,
                allowed_hosts=options.allowed_hosts,
            ),
        )

    async def start(self) -> None:
        """Listen, and start every feed; returns when everything listens, not when every feed is connected.

        Raises:
            StartupError: a port cannot be had; the message names it and its owner.
        """
        # First, so that whoever is told of a tick can ask how far to trust it.
        self.hub.add_sink(self.care.liveness.on_updates)
        self.hub.add_sink(self.market_data.on_updates)
        self.router.add_listener(self._on_feed_event)
        for status, capabilities in self.desk.feeds():
            self.care.add_feed(status, capabilities)
        websocket_service.bind(desk=self.desk, market_data=self.market_data, api_keys=self.api_keys)
        loop = asyncio.get_running_loop()

        def on_revoked(key_id: int) -> None:
            loop.call_soon_threadsafe(self.server.disconnect_key, key_id)

        self.api_keys.on_revoked(on_revoked)
        self.sources.start()
        for feed in self.router.feeds:
            await self._start_feed(feed)
        await self._listen()
        await self._directory_feeder.refresh()
        self.storage.on_failure(self._on_storage_failure)
        # What is alive now stays alive: collections that need not look at it again are short.
        gc.collect()
        gc.freeze()
        self._housekeeping = loop.create_task(self._make_housekeeping().run())

    async def stop(self) -> None:
        """Stop everything in the reverse order; safe to call twice, and after a failed start."""
        if self._is_stopped:
            return
        self._is_stopped = True
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        await self.http.close()
        await self.server.close()
        self.bus.close()
        await asyncio.gather(*(publisher.stop() for publisher in self.publishers))
        await self.sources.stop()
        results = await asyncio.gather(*(feed.stop() for feed in self.router.feeds), return_exceptions=True)
        for feed, result in zip(self.router.feeds, results, strict=True):
            if isinstance(result, BaseException):
                logger.error("The %s feed did not stop cleanly: %s", feed.name, result)
        websocket_service.unbind()
        await asyncio.to_thread(self._verifiers.shutdown)
        await asyncio.to_thread(self.storage.close)
        self._lock.release()

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        """Candles of `key` from the feed that serves it; see `market.feeds.Feed.history`.

        Raises:
            FeedError: the feed has none, or does not answer.
            UnknownInstrumentError: no feed knows `key`.
        """
        feed = self.router.choose(key)
        return await feed.history(key, interval_s, limit, start_ms=start_ms, end_ms=end_ms)

    def _known(self, field: str) -> Callable[[InstrumentKey], float | None]:
        """A reader of one field of last values, for searches: they run in other threads and must not wait."""

        def read(key: InstrumentKey) -> float | None:
            tick = self.hub.last(key)
            value: float | None = getattr(tick, field) if tick is not None else None
            return value

        return read

    def _offered_candles(self, key: InstrumentKey) -> tuple[int, ...]:
        return self.router.choose(key).capabilities.history_s

    def _all_offered_candles(self) -> list[tuple[int, ...]]:
        return [feed.capabilities.history_s for feed in self.router.feeds]

    @property
    def http_url(self) -> str:
        """Where the HTTP API is served; empty where it is not."""
        return "" if "http_port" in self._closed_edges else self.http.url

    def ready_line(self) -> str:
        """The line that tells other programs where we listen."""
        edges = [f"ws={self.server.url}"]
        if self.http_url:
            edges.append(f"http={self.http_url}")
        edges += [f"zmq={feed.endpoint}" for feed in self.router.feeds if hasattr(feed, "endpoint")]
        if "zmq_pub_port" not in self._closed_edges:
            edges.append(f"pub={self.bus.endpoint}")
        return " ".join(("ready", *edges))

    async def _listen(self) -> None:
        options = self.options
        try:
            await self.server.listen()
        except OSError as error:
            raise cannot_listen(error, options.ws_host, options.ws_port, "--ws-port") from None
        await self._listen_beside("http_port", self.http.listen)
        await self._listen_beside("zmq_pub_port", self._open_bus)
        for publisher in self.publishers:
            await publisher.start()
            self.hub.add_sink(publisher.on_updates)

    async def _listen_beside(self, name: str, listen: Callable[[], Awaitable[None]]) -> None:
        """Open an edge that is not the main one. Nobody asked for its usual port, so it may be missing, and is said."""
        try:
            await listen()
        except StartupError as error:
            if name not in self.options.unsaid:
                raise
            self._closed_edges.add(name)
            self.notices = (*self.notices, f"{error}. Until then that edge is not served")

    async def _open_bus(self) -> None:
        options = self.options
        try:
            self.bus.open()
        except OSError as error:
            raise cannot_listen(error, options.zmq_host, options.zmq_pub_port, "--zmq-pub-port") from None
        self.hub.add_sink(self.bus.on_updates)

    async def _start_feed(self, feed: Feed) -> None:
        try:
            await feed.start(self.router.sink_for(feed))
        except OSError as error:
            option = f"--{feed.name}-port"
            raise cannot_listen(error, self.options.zmq_host, self.options.zmq_port, option) from None

    async def _verify(self, key: Secret) -> Identity | None:
        loop = asyncio.get_running_loop()
        try:
            known = await loop.run_in_executor(self._verifiers, self.api_keys.verify, key)
        except NotAuthenticatedError:
            return None
        named = frozenset(mode for mode in Mode if mode.label.lower() in known.scopes)
        return Identity(
            known.user_id,
            known.key_id,
            known.name,
            modes=named or frozenset(Mode),
            expires_ms=known.expires_at.timestamp() * 1000.0 if known.expires_at else None,
        )

    def _on_storage_failure(self, sentence: str) -> None:
        logger.error("The profile could not be written: %s", sentence)

    def _on_feed_event(self, event: FeedEvent) -> None:
        self.care.on_event(event)
        if isinstance(event, FeedStatus):
            feed = next(feed for feed in self.router.feeds if feed.name == event.feed)
            self.market_data.on_feed_status(event, feed.capabilities.nature)
        elif isinstance(event, NatureKnown):
            self.market_data.on_nature(event)

    def _make_housekeeping(self) -> Housekeeping:
        return Housekeeping(
            Job(1, self.server.refresh_counters),
            Job(1, self.care.attend),
            Job(1, self._directory_feeder.refresh),
            Job(_KEYS_EVERY_S, self._notice_key_changes),
            Job(_SAVE_AGAIN_EVERY_S, self.watchlists.save_again),
            Job(_SAVE_AGAIN_EVERY_S, self.settings.save_again),
            Job(_SWEEP_EVERY_S, lambda: self.market_data.sweep(time.time() * 1000.0)),
        )

    async def _notice_key_changes(self) -> None:
        """Keys may be revoked by another process on this profile (`keys revoke`)."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._verifiers, self.api_keys.notice_changes)
        except StorageError as error:
            logger.warning("Revoked keys cannot be looked for: %s", error)


def _server_config(options: EngineOptions) -> ServerConfig:
    config = ServerConfig(
        host=options.ws_host,
        port=options.ws_port,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        supported_brokers=feed_names(),
        allowed_hosts=options.allowed_hosts,
    )
    return dataclasses.replace(config, **options.limits)


def _trading_day() -> date:
    """The day in India; after the close, when what expires today is of no more use, the next one."""
    return (datetime.now(_IST) + _AFTER_CLOSE).date()


def read_holidays() -> tuple[Holiday, ...]:
    """The exchange holidays that ship with the application."""
    text = importlib.resources.files("resources").joinpath("holidays.json").read_text(encoding="utf-8")
    return parse_holidays(json.loads(text))
