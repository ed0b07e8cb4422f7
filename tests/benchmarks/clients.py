"""Clients of the port that cost next to nothing: raw sockets in one process, frames counted and never parsed."""

from __future__ import annotations

import json
import re
import selectors
import socket
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.timing import now_us
from tests.benchmarks.workload import EXCHANGE, SYMBOLS

_MARK = b"market_data"
_CUT = len(_MARK) - 1
_SENT = re.compile(rb'"sent_us": ?(\d+)[,}]')
_FINAL = b'"final"'
_CHUNK = 1 << 18
# The server's limit of connections that authenticate with one key.
CLIENTS_OF_A_KEY = 20


def dial(url: str, key: str, *, receive_buffer: int = 0) -> socket.socket:
    """Return a socket that is connected, authenticated and subscribed to everything in Quote."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    sock = socket.socket()
    sock.settimeout(30)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect((parts.hostname, parts.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(
        f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: YmVuY2htYXJrIGNsaWVudA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    _hear(sock, b"\r\n\r\n")
    sock.sendall(_frame({"action": "authenticate", "api_key": key}))
    answer = _hear(sock, b"}")
    assert b"success" in answer, answer
    symbols = [{"symbol": symbol, "exchange": EXCHANGE.value} for symbol in SYMBOLS]
    sock.sendall(_frame({"action": "subscribe", "symbols": symbols, "mode": 2}))
    _hear(sock, b"Subscription processing complete")
    return sock


def _dial_all(url: str, keys: Sequence[str], count: int) -> list[socket.socket]:
    return [dial(url, keys[number // CLIENTS_OF_A_KEY]) for number in range(count)]


def _hear(sock: socket.socket, end: bytes) -> bytes:
    heard = b""
    while end not in heard:
        data = sock.recv(_CHUNK)
        assert data, f"the server hung up after {heard[-200:]!r}"
        heard += data
    return heard


def _frame(message: dict[str, Any]) -> bytes:
    payload = json.dumps(message).encode()
    length = len(payload)
    head = struct.pack("!BB", 0x81, 0x80 | length) if length < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, length)
    return head + b"\0\0\0\0" + payload  # a mask of zeros leaves it as it is


@contextmanager
def _reading(pipe: Connection, sockets: list[socket.socket]) -> Iterator[selectors.BaseSelector]:
    selector = selectors.DefaultSelector()
    for number, sock in enumerate(sockets):
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, number)
    selector.register(pipe, selectors.EVENT_READ)
    try:
        yield selector
    finally:
        selector.close()
        for sock in sockets:
            sock.close()


def _read_until_told(pipe: Connection, selector: selectors.BaseSelector, take: Callable[[int, bytes], None]) -> Any:
    """Give `take` everything that arrives, until the pipe has a message; returns it."""
    while True:
        for chosen, _ in selector.select():
            if chosen.data is None:
                return pipe.recv()
            try:
                data = chosen.fileobj.recv(_CHUNK)  # type: ignore[union-attr]
            except BlockingIOError:
                continue
            if not data:
                selector.unregister(chosen.fileobj)
                continue
            take(chosen.data, data)


def count_deliveries(pipe: Connection, progress: Any, url: str, keys: Sequence[str], count: int) -> None:
    """`count` clients; `progress[0]` is how many frames of prices they have got together, `progress[1]` the bytes."""
    sockets = _dial_all(url, keys, count)
    ends = [b""] * count

    def take(number: int, data: bytes) -> None:
        frames = data.count(_MARK)
        seam = ends[number] + data[:_CUT]
        if _MARK in seam:
            frames += 1
        ends[number] = data[-_CUT:] if len(data) >= _CUT else seam[-_CUT:]
        progress[1] += len(data)
        progress[0] += frames

    with _reading(pipe, sockets) as selector:
        pipe.send(("ready",))
        _read_until_told(pipe, selector, take)


def measure_ages(
    pipe: Connection, progress: Any, url: str, keys: Sequence[str], count: int, stuck: bool = False
) -> None:
    """`count` clients that note how old each value is when it arrives, and one more that never reads if `stuck`.

    Told `("ages",)` it answers with the ages in ms since the last time, and for each client how many final values it
    has; told `("unstick",)` the one that never read begins to, and its final values are the last of the list.
    """
    sockets = _dial_all(url, keys, count)
    # Room for some of the loopback's packets of 64 KB: with less the kernel drops them, and now and then stands still.
    mute = [dial(url, keys[-1], receive_buffer=512 << 10)] if stuck else []
    finals = [0] * (count + len(mute))
    ages = array("d")
    rests = [b""] * len(finals)

    def take(number: int, data: bytes) -> None:
        now = now_us()
        data = rests[number] + data
        end = 0
        for found in _SENT.finditer(data):
            end = found.end()
            if number < count:
                ages.append((now - int(found[1])) / 1000)
            progress[0] += 1
        finals[number] += data.count(_FINAL, 0, end)
        rests[number] = data[end:]

    with _reading(pipe, sockets) as selector:
        pipe.send(("ready",))
        while True:
            told = _read_until_told(pipe, selector, take)
            if told[0] == "ages":
                pipe.send((list(ages), list(finals)))
                ages = array("d")
            elif told[0] == "unstick":
                sockets.append(mute[0])
                mute[0].setblocking(False)
                selector.register(mute[0], selectors.EVENT_READ, count)
            else:
                for sock in mute:
                    sock.close()
                return
