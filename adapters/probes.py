"""Whether a host can be reached, and what is in the way: its name, the network, the certificate, the clock."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from adapters.transport import HttpClient, Limits, open_websocket
from market.errors import OpenAlgoError

_LIMITS = Limits(open_timeout_s=8.0, request_timeout_s=8.0)


class Probe(NamedTuple):
    """What was found of one address. `trouble` is a sentence, empty if it answers.

    `skew_ms` is how far this computer's clock is ahead of the server's (negative: behind), to about half a second;
    None where the server does not say.
    """

    host: str
    trouble: str = ""
    took_ms: float = 0.0
    skew_ms: float | None = None


async def probe(url: str) -> Probe:
    """Look at `url` (ws, wss, http, https) without a login. What it answers does not matter, only that it does."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = host if parts.port is None else f"{host}:{parts.port}"
    try:
        async with asyncio.timeout(_LIMITS.open_timeout_s):
            await asyncio.get_running_loop().getaddrinfo(host, parts.port or 443)
    except (OSError, TimeoutError):
        return Probe(shown, f"The name {host} cannot be resolved: no network, or no name server")
    web = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    http = HttpClient(f"{web}://{parts.netloc}", limits=_LIMITS)
    try:
        looked = await http.look(parts.path or "/")
    except OpenAlgoError as error:
        return Probe(shown, str(error))
    finally:
        await http.close()
    skew_ms = None if looked.date_ms is None else time.time() * 1000.0 - looked.took_ms / 2.0 - looked.date_ms - 500.0
    return Probe(shown, "", looked.took_ms, skew_ms)


async def probe_socket(url: str) -> Probe:
    """Open a WebSocket to `url` of a venue that needs no login, and close it."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    began = asyncio.get_running_loop().time()
    try:
        socket = await open_websocket(url, limits=_LIMITS)
    except OpenAlgoError as error:
        return Probe(host, str(error))
    await socket.close()
    return Probe(host, "", (asyncio.get_running_loop().time() - began) * 1000.0)
