"""A client that only counts frames and keeps the newest of each symbol: as fast as Python can read, and no faster."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from tests.doubles.raw_client import handshake, masked_frame
from tests.doubles.served import GOOD_KEY, Served, eventually


class CountingClient(asyncio.Protocol):
    """`newest` has the last payload of each symbol and mode, `frames` counts all of them."""

    def __init__(self) -> None:
        self.frames = 0
        self.newest: dict[tuple[bytes, bytes], bytes] = {}
        self.others: list[bytes] = []
        self.is_closed = False
        self._data = b""
        self._has_shaken = False
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def member(cls, world: Served) -> CountingClient:
        """A client that has authenticated."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(cls, *world.server.address)
        client._write(handshake())
        await eventually(lambda: client._has_shaken)
        client.say(action="authenticate", api_key=GOOD_KEY)
        await eventually(lambda: client.others)
        return client

    def say(self, **message: Any) -> None:
        """Send a message."""
        self._write(masked_frame(json.dumps(message).encode()))

    def price(self, symbol: str, mode: int) -> float | None:
        """The newest price of `symbol` as told to holders of `mode`."""
        payload = self.newest.get((symbol.encode(), str(mode).encode()))
        return None if payload is None else json.loads(payload)["data"]["ltp"]

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True

    def data_received(self, data: bytes) -> None:
        data = self._data + data
        at = 0
        if not self._has_shaken:
            at = data.find(b"\r\n\r\n") + 4
            self._has_shaken = at > 3
        while len(data) - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            if len(data) - at < head + size or (head == 4 and len(data) - at < 4):
                break
            self._take(data[at + head : at + head + size])
            at += head + size
        self._data = data[at:]

    def _take(self, payload: bytes) -> None:
        if not payload.startswith(b'{"type":"market_data"'):
            self.others.append(payload)
            return
        self.frames += 1
        # {"type":"market_data","symbol":"S1","exchange":"NSE","mode":1,"data":…
        parts = payload.split(b'"', 15)
        self.newest[parts[7], parts[14][1:2]] = payload
