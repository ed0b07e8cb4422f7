"""A WebSocket client made of bytes, for what libraries would never send: broken frames, silence, no reading at all."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import Any

from tests.doubles.served import GOOD_KEY, Served

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


def handshake(key: str = "AAAAAAAAAAAAAAAAAAAAAA==", *, host: str = "127.0.0.1", more: str = "") -> bytes:
    """The request that opens a WebSocket."""
    return (
        f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    ).encode()


def masked_frame(payload: bytes, opcode: int = TEXT, *, is_final: bool = True) -> bytes:
    """One frame as clients send them."""
    first = (0x80 if is_final else 0) | opcode
    if len(payload) < 126:
        head = bytes((first, 0x80 | len(payload)))
    elif len(payload) < 1 << 16:
        head = bytes((first, 0xFE)) + len(payload).to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + len(payload).to_bytes(8, "big")
    mask = os.urandom(4)
    whole = mask * (len(payload) // 4 + 1)
    return head + mask + bytes(a ^ b for a, b in zip(payload, whole, strict=False))


class RawClient:
    """A socket on which a test decides every byte. `frames()` is only as patient as it is told to be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, world: Served, *, receive_buffer: int | None = None) -> RawClient:
        """A TCP connection on which nothing has been said."""
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.get_running_loop().sock_connect(sock, world.server.address)
        return cls(*await asyncio.open_connection(sock=sock))

    async def open(self, request: bytes | None = None) -> bytes:
        """Shake hands; returns the head of the answer."""
        self.writer.write(request or handshake())
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)

    @property
    def port(self) -> int:
        """Its own port, by which the server knows it."""
        return int(self.writer.get_extra_info("sockname")[1])

    def say(self, **message: Any) -> None:
        """Send a message."""
        self.writer.write(masked_frame(json.dumps(message).encode()))

    async def log_in(self) -> None:
        """Shake hands and authenticate."""
        assert b" 101 " in await self.open()
        self.say(action="authenticate", api_key=GOOD_KEY)
        opcode, payload = await self.frame()
        assert (opcode, json.loads(payload)["status"]) == (TEXT, "success")

    async def frame(self, within_s: float = 5.0) -> tuple[int, bytes]:
        """The next frame: its opcode and what is in it."""
        async with asyncio.timeout(within_s):
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            return first & 0x0F, await self.reader.readexactly(size)

    def stop_reading(self) -> None:
        """From now on what arrives stays in the socket."""
        transport: Any = self.writer.transport
        transport.pause_reading()

    def read_again(self) -> None:
        """The opposite of `stop_reading`."""
        transport: Any = self.writer.transport
        transport.resume_reading()

    async def closed(self) -> bool:
        """Wait until the other side has hung up; what is still said is thrown away."""
        try:
            async with asyncio.timeout(10):
                while await self.reader.read(1 << 16):
                    pass
        except ConnectionError:
            return True
        return True

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return
