"""The way out for other processes: a ZeroMQ publisher with the topics of OpenAlgo's bus, sent only if somebody listens.

Readers connect a SUB socket and subscribe to `EXCHANGE_SYMBOL_MODE` or any beginning of it; the payload is the `data`
object that clients of the WebSocket port get. Messages for a reader that does not keep up are dropped at its limit.
"""

from __future__ import annotations

import errno
import logging
from collections import Counter
from collections.abc import Callable, Sequence

import zmq

from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Update
from proxy.outgoing import OutgoingMessages, Wanted
from proxy.trust import TrustBook

logger = logging.getLogger(__name__)

_WAITING_PER_READER = 20_000


class Bus:
    """A sink of the hub. Used on the loop only; a send never waits."""

    def __init__(self, host: str, port: int, wanted: Wanted, trust: TrustBook, *, now_ms: Callable[[], float]) -> None:
        self._address = f"tcp://{host}:{port or '*'}"
        self.messages = OutgoingMessages(wanted, trust, now_ms=now_ms)
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._socket: zmq.Socket[bytes] | None = None
        self._prefixes: set[bytes] = set()
        self.endpoint = ""
        self.counters: Counter[str] = Counter()

    def open(self) -> None:
        """Bind.

        Raises:
            OSError: the address cannot be had.
        """
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.XPUB)
        self._socket.set(zmq.SNDHWM, _WAITING_PER_READER)
        self._socket.set(zmq.LINGER, 0)
        try:
            self._socket.bind(self._address)
        except zmq.ZMQError as error:
            self.close()
            # ZeroMQ has numbers of its own on some systems.
            number = errno.EADDRINUSE if error.errno == zmq.EADDRINUSE else error.errno
            raise OSError(number, str(error)) from None
        self.endpoint = self._socket.get_string(zmq.LAST_ENDPOINT)

    def close(self) -> None:
        """Unbind; safe to call twice."""
        socket, context = self._socket, self._context
        self._socket = self._context = None
        if socket is not None:
            socket.close(linger=0)
        if context is not None:
            context.term()

    def on_updates(self, updates: Sequence[Update]) -> None:
        """Send what readers have subscribed to."""
        if self._socket is None or not self._has_readers(self._socket):
            return
        now_ms = self.messages.now_ms()
        for tick, changed in updates:
            for mode in self.messages.modes(tick, changed):
                topic = topic_of(tick.key, mode)
                if topic.startswith(tuple(self._prefixes)):
                    self._send(self._socket, topic, self.messages.payload(tick, mode, now_ms))

    def _has_readers(self, socket: zmq.Socket[bytes]) -> bool:
        """Take note of readers that came or left; whether there are any."""
        while True:
            try:
                note = socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return bool(self._prefixes)
            if note[:1] == b"\x01":
                self._prefixes.add(note[1:])
            elif note[:1] == b"\x00":
                self._prefixes.discard(note[1:])

    def _send(self, socket: zmq.Socket[bytes], topic: bytes, payload: bytes) -> None:
        try:
            socket.send_multipart((topic, payload), zmq.NOBLOCK)
            self.counters["bus_messages"] += 1
        except zmq.Again:
            self.counters["bus_dropped"] += 1


def topic_of(key: InstrumentKey, mode: Mode) -> bytes:
    """The topic of a message: `NSE_INDEX_NIFTY_LTP`."""
    return f"{key.exchange.value}_{key.symbol}_{mode.name}".encode()
