"""A miniature, written by us, of how OpenAlgo's proxy sends: the baseline of every benchmark of the port.

One task receives from `zmq.asyncio` under a time limit, decodes, and for every message awaits a `gather` of one
`ws.send(json.dumps(…))` per client before it receives the next (`docs/wire-protocol.md`, ZeroMQ bus).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from multiprocessing.connection import Connection
from typing import Any

import websockets
import zmq
import zmq.asyncio
from websockets.asyncio.server import ServerConnection

_MODES = {"LTP": 1, "QUOTE": 2, "DEPTH": 3}


def serve_as_peer(pipe: Connection) -> None:
    """Serve until told to end; first says `(url, endpoint of the bus)`."""
    asyncio.run(_Peer().run(pipe))


class _Peer:
    def __init__(self) -> None:
        self._clients: dict[int, ServerConnection] = {}
        self._index: dict[tuple[str, str, int], set[int]] = {}

    async def run(self, pipe: Connection) -> None:
        context = zmq.asyncio.Context()
        bus = context.socket(zmq.SUB)
        bus.bind("tcp://127.0.0.1:*")
        bus.subscribe(b"")
        async with websockets.serve(self._serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            listening = asyncio.create_task(self._listen(bus))
            pipe.send((f"ws://127.0.0.1:{port}", bus.get_string(zmq.LAST_ENDPOINT)))
            await asyncio.to_thread(pipe.recv)
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            server.close(close_connections=False)
            for connection in list(self._clients.values()):
                connection.transport.abort()
        bus.close(linger=0)
        context.term()

    async def _serve(self, connection: ServerConnection) -> None:
        self._clients[id(connection)] = connection
        try:
            async for text in connection:
                message = json.loads(text)
                if message["action"] == "authenticate":
                    await connection.send(json.dumps({"type": "auth", "status": "success"}))
                    continue
                for item in message["symbols"]:
                    topic = (item["symbol"], item["exchange"], message["mode"])
                    self._index.setdefault(topic, set()).add(id(connection))
                await connection.send(json.dumps({"message": "Subscription processing complete"}))
        except websockets.ConnectionClosed:
            pass
        finally:
            del self._clients[id(connection)]

    async def _listen(self, bus: zmq.asyncio.Socket) -> None:
        while True:
            try:
                topic, payload = await asyncio.wait_for(bus.recv_multipart(), 0.3)
            except TimeoutError:
                continue
            exchange, symbol, mode_name = topic.decode().split("_")
            data, mode = json.loads(payload.decode()), _MODES[mode_name]
            sends = [
                self._send(client, {"type": "market_data", "symbol": symbol, "exchange": exchange, "mode": held,
                                    "data": data, "broker": "peer"})
                for held in range(1, mode + 1)
                for client in self._index.get((symbol, exchange, held), ())
            ]  # fmt: skip
            if sends:
                await asyncio.gather(*sends, return_exceptions=True)

    async def _send(self, client: int, message: dict[str, Any]) -> None:
        connection = self._clients.get(client)
        if connection is not None:
            await connection.send(json.dumps(message))
