"""The examples of `docs/wire-protocol.md`, read out of it and played against a server that listens.

An example is a fenced block of the language `exchange`. Its first line may name options: `signed-in` (the client has
authenticated), `bus` (the feed is the ZeroMQ bus, and a reader has joined), `subprotocol=NAME`, and any field of
`ServerConfig`. Then, a line each:

    → text         the client sends this                  ← {json}        the client is sent exactly this
    ⚡ NSE:SBIN {}  the feed says this of an instrument    ⚡ live          the feed is in this state now
    ✕ 4401 reason  the server closes the connection       # anything      a remark
    ⇒ TOPIC {}     a publisher sends this on the bus       ⇐ TOPIC {}      a reader of the bus gets this
    …              more may follow

In an answer, `"<integer>"`, `"<number>"`, `"<text>"`, `"<list>"` and `"<any>"` stand for values that differ from run to
run. The order of keys is part of the answer. At the end nothing else may have been said.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import zmq
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from adapters.broker_factory import feed_names
from adapters.zmq.feed import ZmqFeed
from market.feeds import FeedState, FeedStatus
from market.symbols import parse_key
from market.ticks import Depth, Level, Tick
from proxy.bus import Bus
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.served import GOOD_KEY, Served, dial, eventually, served

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "wire-protocol.md"
FEED = "zmq"
_BLOCK = re.compile(r"^```exchange *(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KINDS: Mapping[str, tuple[type, ...]] = {
    "<integer>": (int,),
    "<number>": (int, float),
    "<text>": (str,),
    "<list>": (list,),
}


@dataclass(frozen=True, slots=True)
class Example:
    """One block: its options, its lines and where it stands, for the name of the test."""

    options: Mapping[str, str]
    lines: tuple[str, ...]
    name: str


def examples_of(document: str) -> list[Example]:
    """Every example of `document`, named after the heading above it."""
    found: list[Example] = []
    for match in _BLOCK.finditer(document):
        above = document[: match.start()]
        heading = re.findall(r"^#+ (.*)$", above, re.MULTILINE)[-1]
        options = dict(word.partition("=")[::2] for word in match[1].split())
        lines = tuple(line for line in match[2].splitlines() if line.strip() and not line.startswith("#"))
        found.append(Example(options, lines, f"line {above.count(chr(10)) + 1}: {heading}"))
    return found


def difference(expected: Any, got: Any, where: str = "answer") -> str:
    """Say where `got` is not what `expected` shows, or nothing."""
    if expected == "<any>":
        return ""
    if isinstance(expected, str) and expected in _KINDS:
        is_it = isinstance(got, _KINDS[expected]) and not isinstance(got, bool)
        return "" if is_it else f"{where}: {got!r} is not {expected}"
    if isinstance(expected, dict) and isinstance(got, dict):
        if list(expected) != list(got):
            return f"{where}: keys {list(got)} instead of {list(expected)}"
        return next(filter(None, (difference(expected[k], got[k], f"{where}.{k}") for k in expected)), "")
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (difference(e, g, f"{where}[{n}]") for n, (e, g) in pairs)), "")
    return "" if type(expected) is type(got) and expected == got else f"{where}: {got!r} instead of {expected!r}"


def tick_said(name: str, said: Mapping[str, Any]) -> Tick:
    """The tick of a ⚡ line; what it says are the fields of `market.ticks.Tick`, received now."""
    fields = dict(said)
    if "depth" in fields:
        sides = {side: tuple(Level(*row) for row in rows) for side, rows in fields["depth"].items()}
        fields["depth"] = Depth(**sides)
    return Tick(key=parse_key(*name.split(":", 1)), received_ms=time.time() * 1000.0, source=FEED, **fields)


class Stage:
    """A server, its feed and a client, on which the lines of one example are played."""

    def __init__(self, world: Served, client: ClientConnection) -> None:
        self.world = world
        self.client = client
        self.is_over = False
        self.publisher: zmq.Socket[bytes] | None = None
        self.reader: zmq.Socket[bytes] | None = None

    async def play(self, lines: tuple[str, ...]) -> None:
        """Play every line, then make sure that nothing else was said."""
        signs = {"→": self._send, "←": self._hear, "⚡": self._feed, "✕": self._closed, "⇒": self._in, "⇐": self._out}
        for line in lines:
            if line == "…":
                self.is_over = True
            else:
                await signs[line[0]](line[1:].strip())
        if not self.is_over:
            await self._send('{"action":"ping","timestamp":"the end"}')
            last = await self._next()
            assert last.get("client_timestamp") == "the end", f"the document does not mention {last}"

    async def _send(self, text: str) -> None:
        if self.client.subprotocol is None:
            await self.client.send(text)
        else:
            await self.client.send(msgspec.msgpack.encode(json.loads(text)))

    async def _next(self) -> Any:
        raw = await asyncio.wait_for(self.client.recv(), 5)
        return json.loads(raw) if isinstance(raw, str) else msgspec.msgpack.decode(raw)

    async def _hear(self, text: str) -> None:
        told = difference(json.loads(text), await self._next())
        assert not told, told

    async def _feed(self, text: str) -> None:
        name, _, said = text.partition(" ")
        if not said:
            assert self.world.feed.sink is not None
            self.world.feed.sink.report(FeedStatus(FEED, FeedState(name), since_ms=time.time() * 1000.0))
        else:
            self.world.feed.publish(tick_said(name, json.loads(said)))

    async def _closed(self, text: str) -> None:
        code, _, reason = text.partition(" ")
        try:
            while True:
                assert not await self._next(), "said something before it closed"
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert (closed.rcvd.code, closed.rcvd.reason) == (int(code), reason)
        self.is_over = True

    async def _in(self, text: str) -> None:
        assert self.publisher is not None
        before = self.world.hub.counters["ticks_in"]
        await asyncio.to_thread(self.publisher.send_multipart, [part.encode() for part in text.split(" ", 1)])
        await eventually(lambda: self.world.hub.counters["ticks_in"] > before)

    async def _out(self, text: str) -> None:
        assert self.reader is not None
        assert await asyncio.to_thread(self.reader.poll, 5_000), "nothing arrived on the bus"
        topic, payload = self.reader.recv_multipart()
        expected_topic, _, expected = text.partition(" ")
        assert topic.decode() == expected_topic
        told = difference(json.loads(expected), json.loads(payload))
        assert not told, told


def _config(options: Mapping[str, str]) -> dict[str, Any]:
    own = ("signed-in", "bus", "subprotocol")
    config = {name: json.loads(value) for name, value in options.items() if name not in own}
    return {"supported_brokers": feed_names(), **config}


@asynccontextmanager
async def staged(example: Example) -> AsyncIterator[Stage]:
    """The server that `example` asks for, with its client connected."""
    feed: Any = ZmqFeed(port=0) if "bus" in example.options else FakeFeed(FEED)
    async with served(feed, **_config(example.options)) as world:
        world.router.add_listener(lambda event: world.trust.report(event) if isinstance(event, FeedStatus) else None)
        name = example.options.get("subprotocol")
        client = await dial(world, subprotocols=[Subprotocol(name)] if name else None)
        stage = Stage(world, client)
        if "signed-in" in example.options:
            await stage._send(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}))
            assert (await stage._next())["status"] == "success"
        try:
            if "bus" in example.options:
                async with _on_the_bus(stage, feed):
                    yield stage
            else:
                yield stage
        finally:
            await client.close()
            await feed.stop()


@asynccontextmanager
async def _on_the_bus(stage: Stage, feed: ZmqFeed) -> AsyncIterator[None]:
    world = stage.world
    bus = Bus("127.0.0.1", 0, world.desk, world.trust, now_ms=world.server.now_ms)
    bus.open()
    world.hub.add_sink(bus.on_updates)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    stage.publisher, stage.reader = context.socket(zmq.PUB), context.socket(zmq.SUB)
    stage.publisher.connect(feed.endpoint)
    stage.reader.connect(bus.endpoint)
    stage.reader.subscribe(b"")

    def joined() -> bool:
        assert stage.publisher is not None
        stage.publisher.send_multipart([b"are you there"])
        bus.on_updates([])
        return feed.counters["malformed"] > 0 and bool(bus._prefixes)

    try:
        await eventually(joined)
        yield
    finally:
        for socket in (stage.publisher, stage.reader):
            socket.close(linger=0)
        context.term()
        world.hub.remove_sink(bus.on_updates)
        bus.close()
