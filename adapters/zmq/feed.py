"""The feed that listens on the bus: a SUB socket that binds, as OpenAlgo's does, so that its publishers work with us.

The loop reads it. Where a loop cannot wait for the socket (on Windows neither asyncio nor qasync can), a thread of its
own does, but it only rings: two threads that read and publish at once hand the interpreter's lock to and fro with every
message, which costs more than both. If the loop is behind, what waits is folded by instrument: memory is bounded and no
final value is lost.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
import time
from collections.abc import Sequence

import zmq

from adapters.backlog import Backlog
from adapters.base_adapter import BaseAdapter
from adapters.bus_messages import MAX_PAYLOAD_BYTES
from adapters.natures import NatureBook
from adapters.zmq import wire
from market.errors import DecodeError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedSink, FeedState
from market.instruments import InstrumentKey
from market.subscriptions import Subscription
from market.ticks import Tick

logger = logging.getLogger(__name__)

# Per turn of the loop: more is taken in than handed on, so that what waits ends up here, where it can be folded.
_TAKEN_PER_TURN = 400
_RECEIVE_LIMIT = 100_000
_LOG_EVERY_S = 60.0


class ZmqFeed(BaseAdapter):
    """Prices that programs on this machine publish to `tcp://host:port`.

    Any instrument can be wished: whether a publisher has it is not known. Messages that mean nothing are counted
    (`counters["malformed"]`) and skipped.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 5555, name: str = "zmq") -> None:
        # A heartbeat of the bus would say nothing of those who publish on it.
        capabilities = Capabilities(exchanges=frozenset(Exchange), depth_levels=(5, 20, 50), has_heartbeat=False)
        super().__init__(name, capabilities)
        self._host = host
        self._port = port
        self._endpoint = ""
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._thread: threading.Thread | None = None
        self._stop_signal: zmq.Socket[bytes] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: zmq.Socket[bytes] | None = None
        # Who reads the socket: the thread may poll it again once for each time that the loop has emptied it.
        self._emptied = threading.Semaphore(0)
        self._waiting = Backlog(self.counters)
        self._natures = NatureBook()
        self._is_due = False
        self._logged_at = -_LOG_EVERY_S

    @property
    def endpoint(self) -> str:
        """The address that publishers connect to, once started."""
        return self._endpoint

    async def start(self, sink: FeedSink) -> None:
        """Bind and begin to read.

        Raises:
            OSError: the address cannot be had.
        """
        self._attach(sink)
        self._loop = asyncio.get_running_loop()
        self._context = context = zmq.Context()
        bus = context.socket(zmq.SUB)
        bus.set(zmq.RCVHWM, _RECEIVE_LIMIT)
        bus.set(zmq.MAXMSGSIZE, 2 * MAX_PAYLOAD_BYTES)
        bus.set(zmq.LINGER, 0)
        try:
            bus.bind(f"tcp://{self._host}:{self._port or '*'}")
        except zmq.ZMQError as error:
            bus.close()
            context.term()
            self._context = None
            # ZeroMQ has numbers of its own on some systems.
            number = errno.EADDRINUSE if error.errno == zmq.EADDRINUSE else error.errno
            raise OSError(number, str(error)) from None
        self._endpoint = bus.get_string(zmq.LAST_ENDPOINT)
        bus.subscribe(b"")
        self._bus = bus
        try:
            self._loop.add_reader(bus.FD, self._arrive)
        except NotImplementedError:
            self._start_thread(context, bus)
        self._report_state(FeedState.LIVE, f"Publishers connect to {self._endpoint}")
        self._confirm(list(self.wishes))

    def _start_thread(self, context: zmq.Context[zmq.Socket[bytes]], bus: zmq.Socket[bytes]) -> None:
        listener, self._stop_signal = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        listener.bind("inproc://stop")
        self._stop_signal.connect("inproc://stop")
        self._emptied = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._watch, args=(bus, listener), name="zmq-feed", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        thread, context, signal, bus = self._thread, self._context, self._stop_signal, self._bus
        self._thread = self._context = self._stop_signal = self._bus = None
        if context is None or bus is None:
            return
        self._waiting.clear()
        if thread is not None and signal is not None:
            signal.send(b"")
            self._emptied.release()
            await asyncio.to_thread(thread.join)
            signal.close(linger=0)
        else:
            asyncio.get_running_loop().remove_reader(bus.FD)
            bus.close(linger=0)
        context.term()
        self._detach()

    def why_not(self, key: InstrumentKey) -> str | None:
        return None

    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        # Publishers decide what they publish; there is nobody to ask.
        self._confirm(wishes)

    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        pass

    # --- in the thread

    def _watch(self, bus: zmq.Socket[bytes], listener: zmq.Socket[bytes]) -> None:
        poller = zmq.Poller()
        poller.register(bus, zmq.POLLIN)
        poller.register(listener, zmq.POLLIN)
        emptied, loop = self._emptied, self._loop
        assert loop is not None
        try:
            while listener not in dict(poller.poll()):
                loop.call_soon_threadsafe(self._arrive)
                emptied.acquire()
        except RuntimeError:
            logger.debug("The loop closed while the bus was being read")
        finally:
            bus.close(linger=0)
            listener.close(linger=0)

    # --- on the loop

    def _arrive(self) -> None:
        """Take in what is there and hand on the oldest; again in the next turn as long as anything is left."""
        bus = self._bus
        if bus is None:
            return
        is_empty = self._drain(bus)
        ticks = self._waiting.take()
        if not is_empty or self._waiting:
            self._arrive_again()
        elif self._thread is not None:
            self._emptied.release()
        if ticks:
            self._publish(ticks)

    def _arrive_again(self) -> None:
        # Once per turn, however often the loop itself calls.
        if not self._is_due and self._loop is not None:
            self._is_due = True
            self._loop.call_soon(self._arrive_due)

    def _arrive_due(self) -> None:
        self._is_due = False
        self._arrive()

    def _drain(self, bus: zmq.Socket[bytes]) -> bool:
        """Decode what the socket has, up to `_TAKEN_PER_TURN`; whether that was everything."""
        taken: list[Tick] = []
        received_ms = time.time() * 1000.0
        is_empty = False
        for _ in range(_TAKEN_PER_TURN):
            try:
                frames = bus.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                is_empty = True
                break
            if frames and wire.is_private(frames[0]):
                self.counters["private"] += 1
                continue
            try:
                taken.append(wire.decode(frames, self.name, received_ms, self._natures))
            except DecodeError as error:
                self._malformed(error)
        self._tell_natures(self._natures.take())
        self._waiting.add(taken)
        return is_empty

    def _malformed(self, error: DecodeError) -> None:
        self.counters["malformed"] += 1
        now_s = time.monotonic()
        if now_s - self._logged_at >= _LOG_EVERY_S:
            self._logged_at = now_s
            logger.info("Skipped a message on the bus (%d so far): %s", self.counters["malformed"], error)
