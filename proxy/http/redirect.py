"""Waits on loopback for the browser to come back from a broker's login page. Lives for one login.

The address is fixed, for brokers want it registered: `http://127.0.0.1:PORT/callback`. What comes back is taken only
with the `state` that was sent along, so that no other page can log somebody else in; only once; and then it closes.
Some brokers hand no `state` back (`LoginForm.echoes_state`): there an answer without is taken, never one with another.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

DEFAULT_PORT = 8766
PATH = "/callback"

_PAGE = (
    "<!doctype html><meta charset=utf-8><title>OpenAlgo Desktop</title>"
    "<body style='font:16px sans-serif;margin:15vh auto;max-width:30em'><h1>{title}</h1><p>{text}</p>"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class RedirectListener:
    """Use it as `async with`: it listens inside, and has closed after.

    Args:
        port: of the address that is registered with the broker; 0 takes a free one.
        needs_state: whether an answer without any `state` is refused, as one with another always is.
    """

    def __init__(self, port: int = DEFAULT_PORT, *, needs_state: bool = True) -> None:
        self._port = port
        self._needs_state = needs_state
        self.state = secrets.token_urlsafe(24)
        self._runner: web.AppRunner | None = None
        self._answer: asyncio.Future[Mapping[str, str]] | None = None

    async def __aenter__(self) -> RedirectListener:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        self._answer = asyncio.get_running_loop().create_future()
        app = web.Application()
        app.router.add_get(PATH, self._serve)
        app.router.add_get("/", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address that the broker sends the browser to."""
        return f"http://127.0.0.1:{self._port}{PATH}"

    async def answer(self, *, within_s: float = 300.0) -> Mapping[str, str]:
        """Wait for the browser; returns the query that it came with.

        Raises:
            TimeoutError: nobody came.
        """
        assert self._answer is not None, "it listens inside `async with` only"
        async with asyncio.timeout(within_s):
            return await asyncio.shield(self._answer)

    async def _serve(self, request: web.Request) -> web.Response:
        assert self._answer is not None
        query = _query(request)
        if self._answer.done():
            return _page(410, "This login is over", "Close this page, and begin again in OpenAlgo Desktop.")
        if not self._is_ours(query):
            return _page(400, "This is not our login", "The page that sent you here was not opened by this login.")
        self._answer.set_result(query)
        return _page(200, "You can close this page", "OpenAlgo Desktop has what it needs and goes on.")

    def _is_ours(self, query: Mapping[str, str]) -> bool:
        if "state" not in query and not self._needs_state:
            return bool(query)
        return hmac.compare_digest(query.get("state", "").encode(), self.state.encode())


def pasted(text: str) -> Mapping[str, str]:
    """What a browser came back with, from the address that the user copied out of it by hand."""
    return dict(parse_qsl(urlsplit(text.strip()).query or text.strip().lstrip("?")))


def _query(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in request.query.items() if len(value) <= 4096}


def _page(status: int, title: str, text: str) -> web.Response:
    body = _PAGE.format(title=title, text=text)
    return web.Response(status=status, text=body, content_type="text/html", headers=_HEADERS)
