"""Sessions of the HTTP library: one for each address, without cookies, with certificates checked."""

from __future__ import annotations

import aiohttp
from yarl import URL

USER_AGENT = "OpenAlgo-Desktop"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def host_of(url: URL) -> str:
    """The host of `url`, with its port where that is not the usual one: safe to show."""
    default = url.port is None or url.is_default_port()
    return (url.host or "the feed") if default else f"{url.host}:{url.port}"


def new_session(url: URL) -> aiohttp.ClientSession:
    """A session of its own per address; the threaded resolver because aiodns cannot run on a Proactor loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT},
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=url.host not in _LOOPBACK,
    )
