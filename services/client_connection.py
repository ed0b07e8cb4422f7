"""The socket of `WebSocketClient`: connect, authenticate, receive, and come back after every loss.

Runs on the client's own loop. Speaks the protocol of `docs/wire-protocol.md`, ours and OpenAlgo's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection as Socket
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from market.credentials import Secret
from market.errors import NotAuthenticatedError

CONNECTION_TIMEOUT = 10.0
AUTHENTICATION_TIMEOUT = 5.0
RECONNECTION_DELAY = 1.0
RECONNECTION_MAX_DELAY = 30.0
RECONNECTION_MAX_ATTEMPTS = 5

_MAX_FRAME = 16 * 2**20
_WRONG_KEY = frozenset({"AUTHENTICATION_ERROR", "AUTH_FAILED", "INVALID_API_KEY"})

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long to wait, in seconds. `attempts` is how often in a row to try again, None for ever."""

    connection: float = CONNECTION_TIMEOUT
    authentication: float = AUTHENTICATION_TIMEOUT
    delay: float = RECONNECTION_DELAY
    longest_delay: float = RECONNECTION_MAX_DELAY
    attempts: int | None = RECONNECTION_MAX_ATTEMPTS

    def before(self, attempt: int) -> float:
        """The wait before the attempt of that number, from 1: doubling, capped, and spread so clients do not march."""
        longest = min(self.delay * 2.0 ** min(attempt - 1, 30), self.longest_delay)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


class ConnectionLostError(Exception):
    """The connection cannot be used; a sentence says why."""


class ClientConnection:
    """One connection, made again whenever it is lost.

    Args:
        url: where to.
        api_key: whose subscriptions.
        resume: the frames that make a new connection hold what the old one held.
        on_frame: takes every frame, the answer to the authentication too.
        on_status: takes `connected`, `reconnecting`, `failed` or `disconnected`, the attempt, and a sentence.
    """

    def __init__(
        self,
        url: str,
        api_key: Secret,
        *,
        resume: Callable[[], Iterable[Frame]],
        on_frame: Callable[[Frame], None],
        on_status: Callable[[str, int, str], None],
        timing: Timing,
    ) -> None:
        self._url = url
        self._api_key = api_key
        self._resume = resume
        self._on_frame = on_frame
        self._on_status = on_status
        self._timing = timing
        self._socket: Socket | None = None
        self.undecodable = 0

    async def run(self, first: Future[str | None]) -> None:
        """Connect and receive until cancelled, refused or out of attempts.

        `first` gets the outcome of the first attempt, None or a sentence; when that fails there is no second.
        """
        attempt = 0
        while True:
            try:
                await self._session(first)
                reason = "The server closed the connection"
            except NotAuthenticatedError as error:
                self._give_up(first, attempt, str(error))
                return
            except (OSError, TimeoutError, WebSocketException, ConnectionLostError) as error:
                reason = self._sentence(error)
            finally:
                was_connected, self._socket = self._socket is not None, None
            attempt = 1 if was_connected else attempt + 1
            limit = self._timing.attempts
            if not first.done() or (limit is not None and attempt > limit):
                self._give_up(first, attempt, reason)
                return
            self._on_status("reconnecting", attempt, reason)
            await asyncio.sleep(self._timing.before(attempt))

    async def send(self, frame: Frame) -> None:
        """Send a frame.

        Raises:
            ConnectionLostError: there is no connection now.
        """
        socket = self._socket
        if socket is None:
            raise ConnectionLostError("Not connected to the WebSocket server")
        try:
            await socket.send(msgspec.json.encode(frame).decode())
        except (OSError, WebSocketException) as error:
            raise ConnectionLostError("The connection to the WebSocket server was lost") from error

    async def _session(self, first: Future[str | None]) -> None:
        async with connect(
            self._url,
            open_timeout=self._timing.connection,
            close_timeout=2,
            max_size=_MAX_FRAME,
            compression=None,
            proxy=None,
        ) as socket:
            try:
                async with asyncio.timeout(self._timing.authentication):
                    answer = await self._authenticate(socket)
            except TimeoutError as error:
                seconds = f"{self._timing.authentication:g} seconds"
                raise ConnectionLostError(f"The server did not answer the authentication within {seconds}") from error
            self._socket = socket
            for frame in self._resume():
                await self.send(frame)
            self._on_status("connected", 0, "")
            self._on_frame(answer)
            if not first.done():
                first.set_result(None)
            async for text in socket:
                received = self._decode(text)
                if received is not None:
                    self._on_frame(received)

    async def _authenticate(self, socket: Socket) -> Frame:
        request = {"action": "authenticate", "api_key": self._api_key.reveal()}
        await socket.send(msgspec.json.encode(request).decode())
        while True:
            frame = self._decode(await socket.recv())
            if frame is None:
                continue
            if frame.get("type") == "auth" and frame.get("status") == "success":
                return frame
            if frame.get("status") == "error":
                self._on_frame(frame)
                sentence = str(frame.get("message") or "Invalid API key or authentication failed")
                if frame.get("code") in _WRONG_KEY or frame.get("type") == "auth":
                    raise NotAuthenticatedError(sentence)
                raise ConnectionLostError(sentence)

    def _decode(self, text: str | bytes) -> Frame | None:
        try:
            frame: object = msgspec.json.decode(text)
        except msgspec.DecodeError:
            frame = None
        if isinstance(frame, dict):
            return frame
        self.undecodable += 1
        return None

    def _give_up(self, first: Future[str | None], attempt: int, reason: str) -> None:
        self._on_status("failed", attempt, reason)
        if not first.done():
            first.set_result(reason)

    def _sentence(self, error: BaseException) -> str:
        if isinstance(error, ConnectionLostError):
            return str(error)
        if isinstance(error, TimeoutError):
            return f"WebSocket connection timeout after {self._timing.connection:g} seconds"
        if isinstance(error, OSError):
            return f"No WebSocket server answers at {self._url}"
        return f"The connection to {self._url} was lost"
