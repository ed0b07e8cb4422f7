"""A real HTTP server on a free port with the endpoints that a test gives it, and one way to ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from market.credentials import Secret
from market.modes import Mode
from proxy.http.config import HttpConfig
from proxy.http.ports import Endpoint
from proxy.http.server import HttpServer
from proxy.session import Identity
from services.rest.answers import Answer
from services.rest.answers import Endpoint as MadeEndpoint
from services.rest.fields import Field, text

GOOD_KEY, LTP_KEY = "good-key", "ltp-key"


class Heard(NamedTuple):
    """What came back."""

    status: int
    body: str
    headers: dict[str, str]


async def verify(key: Secret) -> Identity | None:
    """Two keys are good, one of them for last prices alone."""
    if key.matches(GOOD_KEY):
        return Identity("trader1", 7, "default")
    if key.matches(LTP_KEY):
        return Identity("trader1", 8, "ltp", modes=frozenset({Mode.LTP}))
    return None


class HttpServed:
    """The server and a client session."""

    def __init__(self, server: HttpServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def ask(self, path: str, method: str = "POST", **options: Any) -> Heard:
        """Send a request; `options` are aiohttp's."""
        async with self.session.request(method, self.server.url + path, **options) as response:
            return Heard(response.status, await response.text(), dict(response.headers))


@asynccontextmanager
async def http_served(*endpoints: Endpoint, **config: Any) -> AsyncIterator[HttpServed]:
    """A server that listens, and is closed afterwards."""
    clock: Callable[[], float] = config.pop("clock", asyncio.get_running_loop().time)
    verifier = config.pop("verifier", verify)
    server = HttpServer(HttpConfig(**({"port": 0} | config)), endpoints, verifier, clock=clock)
    await server.listen()
    try:
        async with aiohttp.ClientSession() as session:
            yield HttpServed(server, session)
    finally:
        await server.close()


def echo(path: str = "/echo", method: str = "POST", **fields: Any) -> MadeEndpoint:
    """An endpoint that answers the user and the fields it was given."""

    async def run(user_id: str, values: dict[str, Any]) -> Answer:
        return Answer(200, {"user": user_id, "given": values})

    schema = {"apikey": Field(text(1)), "word": Field(text(), is_required=False)}
    return MadeEndpoint(method, path, schema, run)._replace(**fields)


def running(work: Callable[[], Awaitable[Answer]], path: str = "/work") -> MadeEndpoint:
    """An open endpoint that does `work`."""

    async def run(user_id: str, values: dict[str, Any]) -> Answer:
        return await work()

    return MadeEndpoint("POST", path, {}, run, access="open")
