"""AmiBroker's data plug-in as it behaves on the wire: one frame decoded per read, and a ping without its payload.

It has a fixed key, takes whatever a single recv brings as the answer, finds values by searching the text, and believes
that its keep-alive is a ping of four bytes while it sends none of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from dataclasses import dataclass, field

from tests.doubles.raw_client import masked_frame

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
_HANDSHAKE_BYTES, _ANSWER_BYTES, _POLL_BYTES, _LONGEST_FRAME = 1023, 1023, 16383, 16000


@dataclass
class AmiBroker:
    """The plug-in. `prices` are what its chart would have got; `swallowed` counts bytes that it never decoded."""

    host: str
    port: int
    prices: list[tuple[str, str, float, float]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    swallowed: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket()
        self._socket.setblocking(False)

    async def connect(self, api_key: str) -> str:
        """Shake hands, wait 200 ms, authenticate; returns the answer, or raises as the plug-in would give up."""
        await self._loop.sock_connect(self._socket, (self.host, self.port))
        request = (
            f"GET / HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await self._send(request.encode())
        head = (await self._receive(_HANDSHAKE_BYTES)).decode("latin-1")
        if head.find("101") <= 0 or "Switching Protocols" not in head or not head.endswith("\r\n\r\n"):
            raise ConnectionError(f"no handshake: {head!r}")
        await asyncio.sleep(0.2)
        await self.say(action="authenticate", api_key=api_key)
        answer = self._first_frame(await self._receive(_ANSWER_BYTES)) or ""
        if "success" not in answer or "error" in answer:
            raise ConnectionError(f"refused: {answer!r}")
        return answer

    async def say(self, **message: object) -> None:
        """Send a message as a masked text frame."""
        await self._send(masked_frame(json.dumps(message).encode()))

    async def subscribe(self, ticker: str) -> None:
        """Ask for `SYMBOL-EXCHANGE`, the way its tickers are written."""
        symbol, _, exchange = ticker.rpartition("-")
        await self.say(action="subscribe", symbol=symbol, exchange=exchange, mode=2)

    async def ping(self, and_then: bytes = b"") -> None:
        """The keep-alive of every 30 s: it announces four bytes of payload and sends only the mask."""
        await self._send(b"\x89\x84" + os.urandom(4) + and_then)

    async def poll(self, within_s: float = 5.0) -> None:
        """One recv, of which the first frame is looked at."""
        text = self._first_frame(await self._receive(_POLL_BYTES, within_s))
        if text is None:
            return
        if "market_data" in text:
            quantity = float(_value(text, "last_trade_quantity") or 0) or 1.0
            self.prices.append((_value(text, "symbol"), _value(text, "exchange"), float(_value(text, "ltp")), quantity))
        else:
            self.others.append(text)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    async def _send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._socket, data)

    async def _receive(self, size: int, within_s: float = 5.0) -> bytes:
        # In this task and no other: a turn of the loop later, a second frame could be there.
        async with asyncio.timeout(within_s):
            data = await self._loop.sock_recv(self._socket, size)
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def _first_frame(self, data: bytes) -> str | None:
        opcode, size, start = data[0] & 0x0F, data[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        if size == 127 or size > _LONGEST_FRAME or start + size > len(data):
            self.swallowed += len(data)
            return None
        self.swallowed += len(data) - start - size
        if opcode == 0x8:
            raise ConnectionError(f"closed with {int.from_bytes(data[2:4], 'big')}")
        if opcode != 0x1:
            return None
        return data[start : start + size].decode()


def _value(text: str, name: str) -> str:
    """What stands after the first `"name":` of the text; blanks are skipped, numbers end at the next comma or brace."""
    found = text.find(f'"{name}":')
    if found < 0:
        return ""
    rest = text[found + len(name) + 3 :].lstrip(" ")
    if rest.startswith('"'):
        return rest[1 : rest.index('"', 1)]
    return rest[: min(end for end in (rest.find(","), rest.find("}")) if end >= 0)]
