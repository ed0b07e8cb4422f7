"""A program that publishes on the ZeroMQ bus: as fast as deliveries allow, or at a steady rate."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from typing import Any

import zmq

from tests.benchmarks.timing import now_us
from tests.benchmarks.workload import SYMBOLS, WINDOW, quote_message, topics

_STUCK_S = 10.0


def publish(pipe: Connection, progress: Any, endpoint: str, clients: int) -> None:
    """Obey `("warm up",)`, `("settle",)`, `("saturate", seconds)`, `("pace", per_second, seconds)`, `("finish",)`, ….

    `progress[0]` is how many deliveries have arrived at all clients together.
    """
    context = zmq.Context()
    socket = context.socket(zmq.PUB)
    socket.set(zmq.SNDHWM, 1000)
    socket.set(zmq.LINGER, 0)
    socket.connect(endpoint)
    publisher = _Publisher(socket, progress, clients)
    try:
        while True:
            told = pipe.recv()
            if told[0] == "end":
                return
            pipe.send(getattr(publisher, told[0].replace(" ", "_"))(*told[1:]))
    finally:
        socket.close()
        context.term()


class _Publisher:
    def __init__(self, socket: zmq.Socket[bytes], progress: Any, clients: int) -> None:
        self._socket = socket
        self._progress = progress
        self._clients = clients
        self._topics = topics()
        self._number = 0

    def _send(self, extra: bytes = b"") -> None:
        number = self._number
        self._number += 1
        self._socket.send_multipart((self._topics[number % len(self._topics)], quote_message(number, extra)))

    def warm_up(self) -> int:
        """Send until deliveries arrive, then wait until no more do; a publisher's first messages are always lost."""
        deadline = time.monotonic() + _STUCK_S
        while not self._progress[0]:
            assert time.monotonic() < deadline, "no delivery ever arrived"
            self._send(b',"sent_us":%d' % now_us())
            time.sleep(0.01)
        return self.settle()

    def settle(self) -> int:
        """Wait until no more deliveries arrive; returns how many there have been."""
        seen = -1
        while seen != self._progress[0]:
            seen = self._progress[0]
            time.sleep(0.2)
        return seen

    def saturate(self, seconds: float) -> tuple[int, float]:
        """Send for `seconds` with never more than `WINDOW` under way; returns how many, and the time all had arrived.

        The time is in seconds from the first send to the last delivery.
        """
        before, progress, clients = self._progress[0], self._progress, self._clients
        began = time.perf_counter()
        sent = 0
        while time.perf_counter() - began < seconds:
            room = WINDOW - sent + (progress[0] - before) // clients
            if room <= 0:
                time.sleep(0.0001)
                continue
            for _ in range(room):
                self._send()
            sent += room
        arrived = self.wait(before + sent * clients)
        return sent, arrived - began

    def wait(self, expected: int) -> float:
        """Wait until there have been `expected` deliveries, but not for ever; returns the time."""
        deadline = time.perf_counter() + _STUCK_S
        while self._progress[0] < expected and time.perf_counter() < deadline:
            time.sleep(0.0005)
        return time.perf_counter()

    def pace(self, per_second: int, seconds: float) -> int:
        """Send `per_second` for `seconds`, each with the time it was sent; returns how many."""
        began = time.perf_counter()
        total = round(per_second * seconds)
        for sent in range(total):
            wait = began + sent / per_second - time.perf_counter()
            if wait > 0.0002:
                time.sleep(wait)
            self._send(b',"sent_us":%d' % now_us())
        return total

    def finish(self) -> int:
        """Send the last value of every symbol, marked as such; returns how many."""
        for _ in SYMBOLS:
            self._send(b',"final":1,"sent_us":%d' % now_us())
        return len(SYMBOLS)
