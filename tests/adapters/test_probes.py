"""What is in the way of a host, in a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
from aiohttp import web

from adapters.probes import probe, probe_socket


@pytest.fixture
async def clock() -> AsyncIterator[tuple[str, list[float]]]:
    """A server whose clock can be set: its address, and the seconds it is ahead of ours."""
    ahead, app = [0.0], web.Application()

    async def serve(request: web.Request) -> web.StreamResponse:
        if request.path == "/ws":
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.receive()
            return socket
        import time

        return web.Response(status=404, headers={"Date": formatdate(time.time() + ahead[0], usegmt=True)})

    app.router.add_get("/{tail:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}", ahead
    await runner.cleanup()


async def test_a_host_that_answers_anything_is_reached(clock: tuple[str, list[float]]) -> None:
    host, _ = clock
    for scheme in ("http", "ws"):
        found = await probe(f"{scheme}://{host}/any?token=secret")
        assert (found.host, found.trouble) == (host, "")
        assert found.skew_ms is not None
        assert abs(found.skew_ms) < 1_500


async def test_a_clock_that_is_wrong_is_measured(clock: tuple[str, list[float]]) -> None:
    host, ahead = clock
    ahead[0] = 60.0
    found = await probe(f"http://{host}")
    assert found.skew_ms is not None
    assert -62_000 < found.skew_ms < -58_000


async def test_nobody_at_home_and_no_such_name_are_told_apart() -> None:
    assert "cannot be reached" in (await probe("http://127.0.0.1:9")).trouble
    assert "cannot be resolved" in (await probe("wss://no-such-host.invalid/")).trouble


async def test_a_socket_is_opened_and_closed(clock: tuple[str, list[float]]) -> None:
    host, _ = clock
    assert (await probe_socket(f"ws://{host}/ws")).trouble == ""
    assert "refused the request (HTTP 404)" in (await probe_socket(f"ws://{host}/other")).trouble
