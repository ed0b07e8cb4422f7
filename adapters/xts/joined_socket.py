"""A connection of an XTS broker: prices over a socket, subscriptions over REST, and to its owner one and the same.

The heartbeat of Engine.IO is kept here too, for its direction depends on the version that the server speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from adapters.frames import FrameKind
from adapters.transport import (
    HttpClient,
    Limits,
    RateLimitedError,
    RefusedError,
    RefusedTokenError,
    WebSocketConnection,
    open_websocket,
)
from adapters.xts import engine_io
from adapters.xts.calls import Answer, Call, answer
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, OpenAlgoError

VERSIONS = (3, 4)
_TOKEN_STATUSES = frozenset({401, 403})
_SLOW_DOWN = b"e-apirl-0004"
_SLOW_DOWN_S = 2.0
_LONGEST_PAUSE_S = 60.0
_MOST_WAITING = 1_000
_PING_EVERY_S = 10.0

_Heard = tuple[FrameKind, bytes] | OpenAlgoError


class JoinedSocket:
    """Fulfils `adapters.kept_connection.Socket`. Made by `open_joined`.

    Args:
        line: the open socket.
        http: makes the requests, below the prefix.
        headers: what requests carry; they hold the session's token.
        version: of Engine.IO.
        ping_every_s: how often a ping is sent, in version 3.
    """

    def __init__(
        self,
        line: WebSocketConnection,
        http: HttpClient,
        headers: Mapping[str, str],
        version: int,
        ping_every_s: float,
    ) -> None:
        self._line = line
        self._http = http
        self._headers = headers
        self._version = version
        self._heard: asyncio.Queue[_Heard] = asyncio.Queue(_MOST_WAITING)
        self._tasks = [asyncio.create_task(self._listen(), name="feed-xts-listener")]
        if version == 3:
            self._tasks.append(asyncio.create_task(self._ping(ping_every_s), name="feed-xts-pings"))

    async def receive(self) -> tuple[FrameKind, bytes]:
        """Return the next frame of the socket, or the `Answer` to a call."""
        heard = await self._heard.get()
        if isinstance(heard, OpenAlgoError):
            raise heard
        return heard

    async def send(self, message: bytes) -> None:
        """Make a `Call`, or send any other message over the socket.

        A call that cannot be made ends the connection: its owner asks for everything again on the next one.
        """
        if not isinstance(message, Call):
            await self._line.send(message)
            return
        try:
            await self._heard.put((FrameKind.TEXT, await self._answer(message)))
        except OpenAlgoError as exc:
            await self._heard.put(exc)

    async def ping(self) -> None:
        """Ask the socket for a sign of life."""
        await self._line.ping()

    async def close(self) -> None:
        """Close the socket; the session goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._line.close()

    async def _answer(self, call: Call) -> Answer:
        while True:
            answered = await self._asked(call)
            if isinstance(answered, Answer):
                return answered
            await asyncio.sleep(answered)

    async def _asked(self, call: Call) -> Answer | float:
        """The answer to a call, or how long to wait before it is made again, in seconds."""
        try:
            body = await self._http.post(
                "/instruments/subscription", msgspec.Raw(bytes(call)), headers=self._headers, method=call.method
            )
        except RateLimitedError as exc:
            return min(exc.retry_after_s, _LONGEST_PAUSE_S)
        except RefusedTokenError as exc:
            return answer(call, 401, exc.body or b"{}")
        except RefusedError as exc:
            return _SLOW_DOWN_S if _SLOW_DOWN in exc.body else answer(call, exc.status, exc.body)
        return answer(call, 200, body)

    async def _listen(self) -> None:
        """Pass on what the socket says until it ends; the end is passed on too."""
        try:
            while True:
                kind, frame = await self._line.receive()
                await self._heard.put(await self._taken(kind, frame))
        except OpenAlgoError as exc:
            await self._heard.put(exc)

    async def _taken(self, kind: FrameKind, frame: bytes) -> tuple[FrameKind, bytes]:
        """A frame as the owner hears it. Pings are answered here, and passed on as proof that the peer is there."""
        if kind is FrameKind.BINARY:
            return kind, engine_io.payload_of(frame, self._version)
        if kind is FrameKind.TEXT and frame[:1] == engine_io.PING and self._version == 4:
            await self._line.send(engine_io.PONG)
        return kind, frame

    async def _ping(self, every_s: float) -> None:
        with contextlib.suppress(FeedUnavailableError):  # the listener sees the same end
            while True:
                await asyncio.sleep(every_s)
                await self._line.send(engine_io.PING)


async def open_joined(
    url: str, query: Mapping[str, str], http: HttpClient, headers: Mapping[str, str], limits: Limits
) -> JoinedSocket:
    """Open the socket at `url`, in the older version of Engine.IO or, if the server refuses that, in the newer one.

    Raises as `transport.open_websocket` does.
    """
    for version in VERSIONS:
        asked = urlencode({**query, "transport": "websocket", "EIO": str(version)})
        try:
            line = await open_websocket(f"{url}?{asked}", limits=limits, token_statuses=_TOKEN_STATUSES)
        except RefusedError as exc:
            if exc.status != 400 or version == VERSIONS[-1]:
                raise
            continue
        try:
            return await _introduced(line, version, http, headers, limits)
        except BaseException:
            await line.close()
            raise
    raise FeedRejectedError("The server speaks no version of Engine.IO that is known here")


async def _introduced(
    line: WebSocketConnection, version: int, http: HttpClient, headers: Mapping[str, str], limits: Limits
) -> JoinedSocket:
    try:
        async with asyncio.timeout(limits.open_timeout_s):
            kind, packet = await line.receive()
    except TimeoutError:
        raise FeedUnavailableError("The server accepted the connection and then said nothing") from None
    if kind is not FrameKind.TEXT:
        raise DecodeError("The server did not open with an Engine.IO packet", packet)
    opening = engine_io.decode_opening(packet)
    if version == 4:
        await line.send(engine_io.CONNECT)
    return JoinedSocket(line, http, headers, version, _ping_every_s(opening))


def _ping_every_s(opening: engine_io.Opening) -> float:
    """Often enough for the server, and for noticing soon that it is gone."""
    asked_s = opening.ping_interval / 1000.0
    return min(max(asked_s, 0.1), _PING_EVERY_S)
