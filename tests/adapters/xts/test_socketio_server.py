"""A real Socket.IO server as the oracle: python-socketio 4 speaks the older version of Engine.IO, 5 the newer one.

Runs with whichever is installed; the two cannot share an environment.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.transport import HttpClient, Limits
from adapters.xts import engine_io
from adapters.xts.joined_socket import open_joined

PING_S = 0.4
# Version 4 awaits coroutines as `asyncio.wait` took them once.
_SERVER = """
import asyncio, sys
plain_wait = asyncio.wait
async def wait(things, **options):
    return await plain_wait([asyncio.ensure_future(each) for each in things], **options)
asyncio.wait = wait
import socketio
from aiohttp import web
ping = float(sys.argv[1])
server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=ping, ping_timeout=ping * 1.5)
app = web.Application()
server.attach(app, socketio_path="apimarketdata/socket.io")
@server.event
async def connect(sid, environ, *credentials):
    async def talk():
        await asyncio.sleep(0.05)
        await server.emit("joined", "welcome", room=sid)
        while True:
            await server.emit("1512-json-full", "{}", room=sid)
            await server.emit("xts-binary-packet", b"0123456789", room=sid)
            await asyncio.sleep(ping / 4)
    server.start_background_task(talk)
async def main():
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.sdk
async def test_a_real_server_keeps_our_connection_beyond_its_patience(tmp_path: Path) -> None:
    pytest.importorskip("socketio")
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _SERVER, str(PING_S)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=tmp_path,
    )
    assert server.stdout is not None
    port = int(await server.stdout.readline())
    http = HttpClient(f"http://127.0.0.1:{port}/apimarketdata")
    socket = await open_joined(f"ws://127.0.0.1:{port}/apimarketdata/socket.io/", {}, http, {}, Limits())
    seen: Counter[bytes] = Counter()
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - began < PING_S * 6:
        _, frame = await socket.receive()
        seen[b"beats" if frame in engine_io.BEATS else frame] += 1
    await socket.close()
    await http.close()
    server.kill()
    await server.wait()
    assert seen[b'42["joined","welcome"]'] == 1
    assert seen[b'42["1512-json-full","{}"]'] > 5
    assert seen[b"0123456789"] > 5
    assert seen[b"beats"] >= 4
