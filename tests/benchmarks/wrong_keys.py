"""Somebody tries keys as fast as he is answered, on many connections: what the others notice of it."""

from __future__ import annotations

import json
import secrets
import selectors
import socket
import struct
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.children import counters, started
from tests.benchmarks.clients import measure_ages
from tests.benchmarks.latency import ages_of
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.worlds import application, traffic

_CLIENTS, _GUESSERS = 10, 50
_BUDGET_MS = 5.0


def run(*, quick: bool) -> list[Row]:
    """Measure in rounds, calm and under the flood by turns; for each keep the round with the least p99."""
    seconds, rounds = (0.3, 1) if quick else (2.0, 5)
    calm: list[list[float]] = []
    flooded: list[list[float]] = []
    guesses = counters(1)
    with application(_CLIENTS) as edges, traffic(edges, measure_ages, _CLIENTS) as flow:
        for _ in range(rounds):
            calm.append(ages_of(flow, seconds))
            with started(guess_keys, guesses, edges.url, _GUESSERS) as guesser:
                guesser.answer()
                flooded.append(ages_of(flow, seconds))
    best, base = (min(percentile(each, 99) for each in found) for found in (flooded, calm))
    return [
        Row(
            benchmark="wrong_keys",
            what=f"publisher → client while {_GUESSERS} connections try keys, p99 (best of {rounds} rounds)",
            measured=best,
            unit="ms",
            baseline=base,
            baseline_what="calm",
            budget=f"≤ {_BUDGET_MS:g} ms above calm",
            met=best <= base + _BUDGET_MS,
            facts={
                "delivered": float(sum(map(len, flooded))),
                "expected": float(rounds * round(seconds * 1_000) * _CLIENTS),
                "guesses": float(guesses[0]),
            },
        )
    ]


def guess_keys(pipe: Connection, guesses: Any, url: str, count: int) -> None:
    """Open `count` connections, and on each try another key as soon as there is an answer to the last one."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    selector = selectors.DefaultSelector()
    sockets = [_opened(parts.hostname, parts.port, parts.netloc) for _ in range(count)]
    for sock in sockets:
        selector.register(sock, selectors.EVENT_READ)
        sock.sendall(_guess())
        guesses[0] += 1
    selector.register(pipe, selectors.EVENT_READ)
    pipe.send("ready")
    is_over = False
    while not is_over:
        for chosen, _ in selector.select():
            source: Any = chosen.fileobj
            if source is pipe:
                is_over = True
            elif source.recv(65_536):
                source.sendall(_guess())
                guesses[0] += 1
            else:  # closed, for it did not authenticate in time
                selector.unregister(source)
    for sock in sockets:
        sock.close()
    selector.close()


def _opened(host: str, port: int, name: str) -> socket.socket:
    sock = socket.create_connection((host, port), timeout=30)
    sock.sendall(
        f"GET / HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: YmVuY2htYXJrIGNsaWVudA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += sock.recv(4_096)
    return sock


def _guess() -> bytes:
    payload = json.dumps({"action": "authenticate", "api_key": secrets.token_hex(32)}).encode()
    return struct.pack("!BB", 0x81, 0x80 | len(payload)) + b"\0\0\0\0" + payload
