"""A connection that is kept: opened again with backoff, watched for silence, renewed before it expires.

What is said over it belongs to its owner (`ConnectionOwner`), which speaks the broker's language.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from adapters.frames import FrameKind
from adapters.pacing import TokenBucket
from adapters.reconnect import Backoff
from adapters.transport import DEFAULT_LIMITS, Limits, open_websocket
from adapters.watchdog import Verdict, Watchdog
from market.errors import FeedError, FeedUnavailableError, OpenAlgoError
from market.feeds import FeedState

_log = logging.getLogger(__name__)

_INTERNAL_ERROR = "Internal error, see the log"


class Socket(Protocol):
    """What a connection must be able to do to be kept: `transport.WebSocketConnection`, or something like it."""

    async def receive(self) -> tuple[FrameKind, bytes]:
        """Return the next frame; raises an `OpenAlgoError` that says how the connection ended."""

    async def send(self, message: bytes) -> None:
        """Send one message, `frames.Binary` or text; raises `FeedUnavailableError` when the connection is over."""

    async def ping(self) -> None:
        """Ask for a sign of life."""

    async def close(self) -> None:
        """Close the connection."""


Opener = Callable[[], Awaitable[Socket]]


class ConnectionOwner(Protocol):
    """Whom a kept connection works for. All calls are made on the loop and return at once."""

    def opened(self) -> None:
        """A new connection is there: nothing said on an earlier one holds any more."""

    def received(self, frame: bytes, kind: FrameKind) -> None:
        """A data frame arrived."""

    def lost(self) -> None:
        """The connection is over."""

    def next_message(self) -> bytes | None:
        """Return the next message to send, or None; asked again after every `KeptConnection.poke`.

        Plain `bytes` go out as text, `frames.Binary` as a binary frame.
        """

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        """The connection is connecting, live, mute or reconnecting; `detail` is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPolicy:
    """How one source wants its connections treated. Times in seconds.

    `mute_after_s` and `dead_after_s` must exceed the source's heartbeat; `renew_after_s` is the age at which a
    connection is renewed on our own initiative; messages are paced by `message_rate_per_s` and `message_burst`.
    `keepalive` is a message that the source expects every `keepalive_every_s`, whatever else is said.
    """

    mute_after_s: float = 25.0
    dead_after_s: float = 40.0
    renew_after_s: float | None = None
    message_rate_per_s: float = 3.0
    message_burst: float = 2.0
    keepalive: bytes | None = None
    keepalive_every_s: float = 10.0
    limits: Limits = DEFAULT_LIMITS


class KeptConnection:
    """Runs until cancelled; never more than one attempt or one socket at a time."""

    def __init__(
        self,
        url: Callable[[], str],
        owner: ConnectionOwner,
        policy: ConnectionPolicy,
        *,
        backoff: Backoff | None = None,
        opener: Opener | None = None,
    ) -> None:
        self._owner = owner
        self._policy = policy
        self._backoff = backoff or Backoff()
        self._open: Opener = opener or (lambda: open_websocket(url(), limits=policy.limits))
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._planned = False
        self._reason: str | None = None
        self._end: asyncio.Timeout | None = None
        self._watchdog = Watchdog(policy.mute_after_s, policy.dead_after_s, 0.0)
        self._state = FeedState.STOPPED

    def poke(self) -> None:
        """There may be something to send: `next_message` is asked soon."""
        self._wake.set()

    def renew(self, reason: str) -> None:
        """Replace the connection, on the source's request or ours; this is no fault, so it happens at once.

        Between two attempts it ends the wait for the next one.
        """
        self._planned, self._reason = True, reason
        self._hurry.set()
        self._interrupt()

    def give_up(self, reason: str) -> None:
        """The source does not want this connection: end it, and try again with backoff, as after a fault."""
        self._planned, self._reason = False, reason
        self._interrupt()

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        self._report(FeedState.CONNECTING, "Connecting")
        while True:
            self._planned, self._reason = False, None
            reason = await self._one_life()
            now = _now()
            planned = self._planned and self._backoff.is_stable(now)
            delay = self._backoff.next_delay(now)
            if planned:
                delay = 0.0
            self._report(
                FeedState.RECONNECTING, f"{reason}; next attempt in {delay:.1f} s", attempt=self._backoff.attempt
            )
            await self._wait(delay)

    async def _wait(self, delay_s: float) -> None:
        """Wait for the next attempt, or until somebody cannot."""
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._hurry.wait()

    async def _one_life(self) -> str:
        """Open, serve and close one connection; return the sentence that says why it ended."""
        try:
            socket = await self._open()
        except OpenAlgoError as exc:
            return str(exc)
        except Exception:  # noqa: BLE001 - an address that is none, a bug in the owner: it is tried again
            _log.exception("A connection cannot be made")
            return _INTERNAL_ERROR
        self._planned, self._reason = False, None  # whoever asked for a new connection meanwhile has it
        try:
            return await self._serve(socket)
        except OpenAlgoError as exc:
            return str(exc)
        except Exception:  # noqa: BLE001 - the edge of the feed: a bug in the owner must not end it
            _log.exception("A connection failed unexpectedly")
            return _INTERNAL_ERROR
        finally:
            self._owner.lost()
            await closed(socket)

    async def _serve(self, socket: Socket) -> str:
        opened_at = _now()
        self._backoff.connected(opened_at)
        self._watchdog = Watchdog(self._policy.mute_after_s, self._policy.dead_after_s, opened_at)
        self._owner.opened()
        self._report(FeedState.LIVE, "")
        self.poke()
        companions = [
            asyncio.create_task(self._write(socket), name="feed-writer"),
            asyncio.create_task(self._watch(socket, opened_at), name="feed-watchdog"),
        ]
        if self._policy.keepalive is not None:
            beat = self._keep_alive(socket, self._policy.keepalive)
            companions.append(asyncio.create_task(beat, name="feed-keepalive"))
        for task in companions:
            task.add_done_callback(self._companion_ended)
        try:
            async with asyncio.timeout(None) as self._end:
                await self._read(socket)
        except TimeoutError:
            silence_s = self._watchdog.silence(_now())
            return self._reason or f"Nothing arrived for {silence_s:.0f} s although the connection is open"
        finally:
            self._end = None
            for task in companions:
                task.cancel()
            await asyncio.wait(companions)
        return "The connection ended"

    async def _read(self, socket: Socket) -> None:
        while True:
            kind, frame = await socket.receive()
            self._watchdog.heard(_now())
            if self._state is FeedState.MUTE:
                self._report(FeedState.LIVE, "")
            if kind is not FrameKind.CONTROL:
                self._owner.received(frame, kind)

    async def _write(self, socket: Socket) -> None:
        bucket = TokenBucket(self._policy.message_rate_per_s, self._policy.message_burst)
        with contextlib.suppress(FeedUnavailableError):  # the reader sees the same end, and tells it
            while True:
                await self._wake.wait()
                self._wake.clear()
                while (message := self._owner.next_message()) is not None:
                    await asyncio.sleep(bucket.delay(_now()))
                    await socket.send(message)

    async def _keep_alive(self, socket: Socket, message: bytes) -> None:
        with contextlib.suppress(FeedUnavailableError):
            while True:
                await asyncio.sleep(self._policy.keepalive_every_s)
                await socket.send(message)

    async def _watch(self, socket: Socket, opened_at: float) -> None:
        step_s = min(1.0, self._policy.mute_after_s / 4.0)
        while True:
            await asyncio.sleep(step_s)
            now = _now()
            if self._policy.renew_after_s is not None and now - opened_at >= self._policy.renew_after_s:
                self.renew("The connection is renewed before it expires")
            verdict = self._watchdog.verdict(now)
            if verdict is Verdict.DEAD:
                self._interrupt()
            elif verdict is Verdict.MUTE and self._state is not FeedState.MUTE:
                self._report(FeedState.MUTE, f"Nothing has arrived for {self._watchdog.silence(now):.0f} s")
                with contextlib.suppress(FeedError):
                    await socket.ping()

    def _companion_ended(self, task: asyncio.Task[None]) -> None:
        """A writer or watchdog that failed takes the connection with it: without them it would be deaf or blind."""
        if not task.cancelled() and (exc := task.exception()) is not None:
            _log.error("The task %s failed", task.get_name(), exc_info=exc)
            self._reason = _INTERNAL_ERROR
            self._interrupt()

    def _interrupt(self) -> None:
        if self._end is not None and not self._end.expired():
            self._end.reschedule(_now())

    def _report(self, state: FeedState, detail: str, *, attempt: int = 0) -> None:
        self._state = state
        self._owner.state_changed(state, detail, attempt)


async def closed(socket: Socket) -> None:
    """Close `socket`, whatever state it is in."""
    with contextlib.suppress(OpenAlgoError, OSError):
        await socket.close()


def _now() -> float:
    return asyncio.get_running_loop().time()
