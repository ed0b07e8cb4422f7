"""The feed of all brokers against a venue without a network: logins that come and go, tokens, limits, two lanes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest

from adapters.base_venue import BaseVenue
from adapters.broker_feed import BrokerFeed
from adapters.catalogue import Catalogue
from adapters.fleet import Patience
from adapters.frames import FrameKind
from adapters.kept_connection import Socket
from adapters.venue import CandleRange, Event, Lane, Want
from market.candles import Candle
from market.errors import FeedUnavailableError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedState
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.waiting import until

KEYS = tuple(InstrumentKey(Exchange.NSE, f"SHARE{number}") for number in range(3))


def _share(key: InstrumentKey, token: str) -> Instrument:
    return Instrument(key=key, kind=InstrumentKind.EQUITY, token=token)


class Line:
    """A socket that says what is in `frames`, and takes a while to close if told so."""

    def __init__(self, session: BrokerSession | None, close_s: float) -> None:
        self.token = session.reveal("access_token") if session is not None else ""
        self.sent: list[str] = []
        self.is_closed = False
        self.frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._close_s = close_s

    async def receive(self) -> tuple[FrameKind, bytes]:
        frame = await self.frames.get()
        if frame is None:
            raise FeedUnavailableError("the network is gone")
        return FrameKind.BINARY, frame

    def break_off(self) -> None:
        """The connection is over."""
        self.frames.put_nowait(None)

    async def send(self, message: bytes) -> None:
        self.sent.append(message.decode())

    async def ping(self) -> None:
        """Nobody answers."""

    async def close(self) -> None:
        await asyncio.sleep(self._close_s)
        self.is_closed = True


class Plain:
    """A conversation that says `+token` and `-token`."""

    def __init__(self) -> None:
        self._tokens: dict[InstrumentKey, str] = {}
        self._due: list[str] = []

    def opened(self, session: BrokerSession | None) -> None:
        self._due = [f"+{token}" for token in self._tokens.values()]

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, _ in wants:
            if self._tokens.get(instrument.key) != instrument.token:
                self._tokens[instrument.key] = instrument.token
                self._due.append(f"+{instrument.token}")

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        self._due += [f"-{self._tokens.pop(key)}" for key in keys]

    def next_message(self) -> bytes | None:
        return self._due.pop(0).encode() if self._due else None

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        return [Tick(key, received_ms, "toy", ltp=1.0) for key in self._tokens] if frame == b"tick" else ()


class Scene(BaseVenue):
    """A venue with a login, and everything that was opened with it. `deep` is refused while `deep_is_refused`."""

    name = "toy"
    title = "Toy"
    capabilities = Capabilities(exchanges=frozenset({Exchange.NSE}))

    def __init__(self, *, per_connection: int | None = None, connections: int | None = 1) -> None:
        self.lines: list[Line] = []
        self.most_open = 0
        self.close_s = 0.0
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.asked = 0
        self.deep_is_refused = False
        self.lanes = (
            Lane(
                name="feed",
                conversation=Plain,
                opener=self._open,
                per_connection=per_connection,
                connections=connections,
            ),
            Lane(name="deep", conversation=Plain, opener=self._open_deep, follows=True),
        )
        self.sessions = ToySessions()
        self.sessions.log_in("toy", {"access_token": "one"})
        self.catalogue = Catalogue()
        self.list_with("1", "2", "3")
        self.sink = RecordingSink()
        self.feed = BrokerFeed(
            self, self.catalogue, self.sessions, patience=Patience(first_s=0.01, cap_s=0.02, draw=lambda: 1.0)
        )

    def list_with(self, *tokens: str) -> None:
        """There is a list in which the shares have these tokens."""
        self.catalogue.replace([_share(key, token) for key, token in zip(KEYS, tokens, strict=True)])

    def route(self, want: Want) -> Sequence[str]:
        return ("feed", "deep") if want.mode is Mode.DEPTH else ("feed",)

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        return ()

    async def close(self) -> None:
        """Nothing was opened."""

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if not line.is_closed]

    async def _open(self, session: BrokerSession | None) -> Socket:
        self.asked += 1
        await self.may_open.wait()
        self.lines.append(Line(session, self.close_s))
        self.most_open = max(self.most_open, len(self.open_lines))
        return self.lines[-1]

    async def _open_deep(self, session: BrokerSession | None) -> Socket:
        if self.deep_is_refused:
            raise FeedUnavailableError("no deep books today")
        return await self._open(session)


Scenes = list[Scene]


@pytest.fixture
async def scenes() -> AsyncIterator[Scenes]:
    scenes: Scenes = []
    yield scenes
    for scene in scenes:
        await scene.feed.stop()
        assert scene.open_lines == []


async def _started(scenes: Scenes, scene: Scene, *keys: InstrumentKey) -> Scene:
    scenes.append(scene)
    await scene.feed.start(scene.sink)
    scene.feed.subscribe([Subscription(key, Mode.LTP) for key in keys])
    return scene


async def test_a_logout_closes_the_connection_and_the_next_login_brings_everything_back(scenes: Scenes) -> None:
    scene = await _started(scenes, Scene(), KEYS[0])
    await until(lambda: scene.lines and scene.lines[0].sent == ["+1"])
    scene.sessions.log_out()
    await until(lambda: scene.sink.states[-1] is FeedState.FAILED)
    await until(lambda: not scene.open_lines)
    assert scene.sink.statuses[-1].detail == "Log in to Toy to get its prices"
    scene.sessions.log_in("toy", {"access_token": "two"})
    await until(lambda: [line.token for line in scene.open_lines] == ["two"])
    await until(lambda: scene.lines[-1].sent == ["+1"])
    assert len(scene.lines) == 2


@pytest.mark.parametrize("then", ["two", None])
async def test_a_login_that_changes_while_a_connection_opens_counts(scenes: Scenes, then: str | None) -> None:
    scene = Scene()
    scene.may_open.clear()
    await _started(scenes, scene, KEYS[0])
    await until(lambda: scene.asked)
    scene.sessions.log_out()
    if then is not None:
        scene.sessions.log_in("toy", {"access_token": then})
    scene.may_open.set()
    await until(lambda: [line.token for line in scene.lines] == (["one"] if then is None else ["one", then]))
    await until(lambda: scene.lines[0].is_closed)
    assert scene.lines[0].sent == []
    await until(lambda: scene.sink.states[-1] is (FeedState.FAILED if then is None else FeedState.LIVE))


async def test_what_has_another_token_in_a_new_list_is_asked_for_anew(scenes: Scenes) -> None:
    scene = await _started(scenes, Scene(), *KEYS)
    await until(lambda: scene.lines and sorted(scene.lines[0].sent) == ["+1", "+2", "+3"])
    scene.list_with("2", "1", "3")
    await until(lambda: len(scene.lines[0].sent) == 7)
    assert scene.lines[0].sent[3:] == ["-1", "-2", "+2", "+1"]
    scene.list_with("2", "1", "3")
    scene.feed.reconnect("As asked")
    await until(lambda: len(scene.lines) == 2 and len(scene.lines[1].sent) == 3)
    assert sorted(scene.lines[1].sent) == ["+1", "+2", "+3"]
    assert len(scene.lines[0].sent) == 7


async def test_the_token_of_what_is_gone_may_be_that_of_something_new(scenes: Scenes) -> None:
    scene = Scene()
    scene.catalogue.replace([_share(KEYS[0], "1"), _share(KEYS[1], "2")])
    await _started(scenes, scene, *KEYS)
    await until(lambda: scene.lines and sorted(scene.lines[0].sent) == ["+1", "+2"])
    assert [event.subscription.key for event in scene.sink.rejected] == [KEYS[2]]
    scene.catalogue.replace([_share(KEYS[0], "3"), _share(KEYS[2], "2")])
    await until(lambda: len(scene.lines[0].sent) == 6)
    assert scene.lines[0].sent[2:] == ["-2", "-1", "+3", "+2"]
    assert [event.subscription.key for event in scene.sink.rejected] == [KEYS[2], KEYS[1]]
    scene.list_with("4", "2", "1")
    await until(lambda: len(scene.lines[0].sent) == 11)
    assert scene.lines[0].sent[6:] == ["-3", "-2", "+4", "+1", "+2"]


async def test_there_are_never_more_sockets_than_the_broker_allows(scenes: Scenes) -> None:
    scene = Scene(per_connection=1, connections=2)
    scene.close_s = 0.05
    await _started(scenes, scene, *KEYS[:2])
    second = [Subscription(KEYS[1], Mode.LTP)]
    await until(lambda: len(scene.open_lines) == 2)
    for _ in range(3):
        scene.feed.unsubscribe(second)
        await asyncio.sleep(0.01)
        scene.feed.subscribe(second)
        await asyncio.sleep(0.01)
    await until(lambda: [line.sent for line in scene.open_lines] == [["+1"], ["+2"]])
    assert scene.most_open == 2


async def test_a_lane_that_carries_nothing_any_more_is_no_trouble_any_more(scenes: Scenes) -> None:
    scene = Scene()
    scene.deep_is_refused = True
    await _started(scenes, scene, KEYS[0])
    book = [Subscription(KEYS[0], Mode.DEPTH)]
    scene.feed.subscribe(book)
    await until(lambda: "no deep books today" in scene.sink.statuses[-1].detail)
    await until(lambda: scene.open_lines)
    scene.feed.unsubscribe(book)
    assert scene.sink.states[-1] is FeedState.LIVE


async def test_a_part_that_must_follow_prices_says_when_it_brought_something(scenes: Scenes) -> None:
    scene = Scene()
    await _started(scenes, scene)
    scene.feed.subscribe([Subscription(KEYS[0], Mode.DEPTH)])
    await until(lambda: len(scene.open_lines) == 2 and scene.sink.states[-1] is FeedState.LIVE)
    prices, books = scene.feed.parts()
    assert (prices.title, books.title) == ("connection 1 (feed)", "connection 1 (deep)")
    opened = books.follows_ms
    assert opened is not None
    for line in scene.open_lines:
        line.frames.put_nowait(b"heartbeat")
        await until(line.frames.empty)
    assert (prices.follows_ms, books.follows_ms) == (None, opened)
    for line in scene.open_lines:
        line.frames.put_nowait(b"tick")
    await until(lambda: len(scene.sink.ticks) == 2)
    assert prices.follows_ms is None
    assert books.follows_ms > opened


class Lists:
    """Keeps a scene's list: fails, then waits long for its next try; what it does next it is told."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tries = 0
        self.works = False
        scene.catalogue = Catalogue()
        patience = Patience(first_s=0.01, cap_s=0.02, draw=lambda: 1.0)
        scene.feed = BrokerFeed(scene, scene.catalogue, scene.sessions, keeping=self.keep, patience=patience)

    async def keep(self) -> None:
        self.tries += 1
        if self.works:
            self.scene.list_with("1", "2", "3")
        else:
            self.scene.catalogue.not_had("no network")
        await asyncio.Event().wait()


@pytest.mark.parametrize("how", ["the user asks", "the network is back"])
async def test_a_list_that_could_not_be_had_is_said_and_asked_for_at_once_when_that_may_help(
    scenes: Scenes, how: str
) -> None:
    scene = Scene()
    lists = Lists(scene)
    await _started(scenes, scene, KEYS[0])
    await until(lambda: scene.sink.states[-1] is FeedState.FAILED)
    assert scene.sink.statuses[-1].detail == "Its list of instruments is not there, and asked for again: no network"
    assert not scene.sink.statuses[-1].needs_login
    lists.works = True
    if how == "the user asks":
        assert scene.feed.reconnect("As asked")
    else:
        scene.lines[0].break_off()
    await until(lambda: scene.open_lines and scene.open_lines[-1].sent == ["+1"])
    await until(lambda: scene.sink.states[-1] is FeedState.LIVE)
