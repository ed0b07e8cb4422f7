"""A real server on a free port with a fake feed, and a client to talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from market.credentials import Secret
from proxy.config import ServerConfig
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.router import FeedRouter
from proxy.server.listener import WebSocketServer
from proxy.session import Identity
from proxy.trust import TrustBook
from tests.doubles.fake_feed import FakeFeed

GOOD_KEY = "good-key"


class Served:
    """The server, its hub and its feed."""

    def __init__(self, feed: FakeFeed, **config: Any) -> None:
        self.hub = Hub()
        self.feed = feed
        self.router = FeedRouter([feed], self.hub.publish)
        self.desk = Desk(self.hub, self.router)
        self.trust = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: True))
        self.server = WebSocketServer(ServerConfig(port=0, **config), self.desk, self.trust, self.verify)
        self.verify_gate: asyncio.Event | None = None
        self.verify_error: Exception | None = None

    async def verify(self, key: Secret) -> Identity | None:
        if self.verify_gate is not None:
            await self.verify_gate.wait()
        if self.verify_error is not None:
            raise self.verify_error
        return Identity("trader1", 7, "default") if key.matches(GOOD_KEY) else None


@asynccontextmanager
async def served(feed: FakeFeed | None = None, **config: Any) -> AsyncIterator[Served]:
    """A server that listens, and is closed afterwards."""
    world = Served(feed or FakeFeed(), **config)
    await world.feed.start(world.router.sink_for(world.feed))
    await world.server.listen()
    try:
        yield world
    finally:
        await world.server.close()


async def dial(world: Served, **options: Any) -> ClientConnection:
    """A connected client that has said nothing yet."""
    return await websockets.connect(world.server.url, compression=None, **options)


async def say(client: ClientConnection, **message: Any) -> Any:
    """Send a message and return the next frame."""
    await client.send(json.dumps(message))
    return await hear(client)


async def hear(client: ClientConnection) -> Any:
    """Return the next frame as JSON."""
    return json.loads(await asyncio.wait_for(client.recv(), 5))


async def logged_in(world: Served, **options: Any) -> ClientConnection:
    """A client that has authenticated."""
    client = await dial(world, **options)
    answer = await say(client, action="authenticate", api_key=GOOD_KEY)
    assert answer["status"] == "success", answer
    return client


async def eventually(condition: Callable[[], object], *, within_s: float = 5.0) -> None:
    """Wait until `condition` holds, or fail."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        assert loop.time() < deadline, "the condition never held"
        await asyncio.sleep(0.005)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a raw connection and wait until it is closed: a loop that ends first would leave it open."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(writer.wait_closed(), 5)
