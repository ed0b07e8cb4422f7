"""A toy Binance: speaks the real bytes of the spot streams and of REST on one real port, and can misbehave.

By hand, a recording for the real application to connect to:

    python -m tests.doubles.toy_binance CAPTURE_DIR --port 9000 [--speed 10] [--loop]
    openalgo-desktop --feed binance --endpoint binance.ws=ws://127.0.0.1:9000 --endpoint binance.rest=http://127.0.0.1:9000
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable

from aiohttp import WSMsgType, web

MESSAGES_PER_S = 5
STREAMS_PER_CONNECTION = 1024


class ToyConnection:
    """One client's connection: what it subscribed to, and everything it said."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.socket = socket
        self.transport = transport
        self.streams: set[str] = set()
        self.said: list[dict[str, object]] = []
        self.said_at: list[float] = []
        self.pongs = 0


class ToyBinance:
    """The server. Attributes may be changed at any time; `url` has the scheme to be replaced: `ws` or `http`.

    Attributes:
        snapshots: bodies of `/api/v3/depth` by symbol; of several, each is served once and the last for ever.
        exchange_info, days, klines: other REST bodies; what is missing answers 404.
        rest_status: what every REST request is answered with, unless 200.
        hold_rest: if there is one, book snapshots wait for it.
        refuse_handshakes: an HTTP status that handshakes are refused with, or 0.
        errors_for_next: the `error` objects that the next SUBSCRIBEs are answered with.
        mute: whether the server says nothing, to anything, on connections that stay open.
        violations: what clients did that the real one would close them for.
    """

    def __init__(self) -> None:
        self.snapshots: dict[str, list[bytes]] = {}
        self.snapshot_source: Callable[[str], bytes | None] = self._scripted_snapshot
        self.exchange_info: bytes | None = None
        self.days: dict[str, bytes] = {}
        self.klines: list[list[object]] | None = None
        self.rest_status = 200
        self.hold_rest: asyncio.Event | None = None
        self.refuse_handshakes = 0
        self.errors_for_next: list[dict[str, object]] = []
        self.mute = False
        self.connections: list[ToyConnection] = []
        self.connections_made = 0
        self.requests: Counter[str] = Counter()
        self.violations: list[str] = []
        self.subscribed = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_get("/stream", self._serve_socket)
        app.router.add_get("/api/v3/{name:.*}", self._serve_rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Drop everybody and stop listening."""
        self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    def endpoints(self) -> dict[str, str]:
        """The base addresses to give to the feed."""
        return {"ws": f"ws://127.0.0.1:{self.port}", "rest": f"http://127.0.0.1:{self.port}"}

    async def send(self, frame: bytes) -> int:
        """Send a combined frame to those who subscribed to its stream; return how many they were."""
        stream = json.loads(frame)["stream"]
        readers = [connection for connection in self.connections if stream in connection.streams]
        for connection in readers:
            await self._say(connection, frame)
        return len(readers)

    async def send_to_all(self, text: bytes) -> None:
        """Send any text to everybody."""
        for connection in list(self.connections):
            await self._say(connection, text)

    async def ping(self) -> None:
        """Ping everybody, as the real one does every 20 seconds."""
        for connection in list(self.connections):
            await connection.socket.ping()

    def garble(self) -> None:
        """Send everybody bytes that are not WebSocket frames."""
        for connection in self.connections:
            connection.transport.write(b"\xff\xff\xff\xff\xff\xff\xff\xff")

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in self.connections:
            connection.transport.abort()

    async def close(self, code: int, reason: str) -> None:
        """Close every connection properly."""
        for connection in list(self.connections):
            await connection.socket.close(code=code, message=reason.encode())

    @property
    def streams(self) -> set[str]:
        """Everything that anybody is subscribed to."""
        return {stream for connection in self.connections for stream in connection.streams}

    async def _say(self, connection: ToyConnection, text: bytes) -> None:
        if not self.mute:
            with contextlib.suppress(ConnectionError):
                await connection.socket.send_str(text.decode())

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_handshakes:
            return web.Response(status=self.refuse_handshakes)
        socket = web.WebSocketResponse(autoping=False, timeout=0.2)
        await socket.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        connection = ToyConnection(socket, request.transport)
        self.connections.append(connection)
        self.connections_made += 1
        try:
            async for message in socket:
                if message.type is WSMsgType.PONG:
                    connection.pongs += 1
                elif message.type is WSMsgType.PING and not self.mute:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    await self._hear(connection, message.data)
        finally:
            self.connections.remove(connection)
        return socket

    async def _hear(self, connection: ToyConnection, text: str) -> None:
        now = time.monotonic()
        connection.said_at.append(now)
        if sum(now - at < 1.0 for at in connection.said_at) > MESSAGES_PER_S:
            self.violations.append("too many messages in a second")
        try:
            request = json.loads(text)
            request_id = request["id"]
            if type(request_id) is not int:
                raise ValueError("the id is not a whole number")
        except (ValueError, KeyError, TypeError):
            await connection.socket.close(code=1008, message=b"Invalid request")
            return
        connection.said.append(request)
        await self._carry_out(connection, request, request_id)

    async def _carry_out(self, connection: ToyConnection, request: dict[str, object], request_id: int) -> None:
        method, streams = request.get("method"), request.get("params", [])
        assert isinstance(streams, list)
        error = None
        if method == "SUBSCRIBE" and self.errors_for_next:
            error = self.errors_for_next.pop(0)
        elif method == "SUBSCRIBE":
            connection.streams.update(streams)
        elif method == "UNSUBSCRIBE":
            connection.streams.difference_update(streams)
        else:
            error = {"code": 2, "msg": f"Invalid request: unknown variant `{method}`"}
        if len(connection.streams) > STREAMS_PER_CONNECTION:
            self.violations.append("too many streams on a connection")
        answer = {"result": None, "id": request_id} if error is None else {"error": error, "id": request_id}
        await self._say(connection, json.dumps(answer).encode())
        if connection.streams and not self.mute:
            self.subscribed.set()

    async def _serve_rest(self, request: web.Request) -> web.Response:
        name, symbol = request.match_info["name"], request.query.get("symbol", "")
        self.requests[name] += 1
        if self.rest_status != 200:
            return web.Response(status=self.rest_status, headers={"Retry-After": "1"})
        body: bytes | None = None
        if name == "depth":
            if self.hold_rest is not None:
                await self.hold_rest.wait()
            body = self.snapshot_source(symbol)
        elif name == "exchangeInfo":
            body = self.exchange_info
        elif name == "ticker/24hr":
            body = self.days.get(symbol)
        elif name == "klines" and self.klines is not None:
            body = self._some_klines(request)
        return web.Response(status=404) if body is None else web.Response(body=body, content_type="application/json")

    def _scripted_snapshot(self, symbol: str) -> bytes | None:
        bodies = self.snapshots.get(symbol, [])
        if not bodies:
            return None
        return bodies.pop(0) if len(bodies) > 1 else bodies[0]

    def _some_klines(self, request: web.Request) -> bytes:
        end = int(request.query.get("endTime", str(10**15)))
        rows = [row for row in self.klines or [] if int(str(row[0])) <= end]
        return json.dumps(rows[-int(request.query.get("limit", "500")) :]).encode()


if __name__ == "__main__":
    from tests.doubles.toy_binance_replay import main

    sys.exit(main())
