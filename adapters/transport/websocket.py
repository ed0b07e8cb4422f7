"""A WebSocket connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from adapters.frames import Binary, FrameKind
from adapters.transport.limits import DEFAULT_LIMITS, Limits
from adapters.transport.refusals import translate
from adapters.transport.sessions import host_of, new_session
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, TokenExpiredError


class WebSocketConnection:
    """One open connection. Made by `open_websocket`; `close` must be called once it is no longer wanted."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse[bool],
        host: str,
        limits: Limits,
    ) -> None:
        self._session = session
        self._socket = socket
        self._host = host
        self._limits = limits

    async def receive(self) -> tuple[FrameKind, bytes]:
        """Return the next frame; text comes as UTF-8 bytes, unchecked. Pings are answered here.

        Raises:
            FeedUnavailableError: the connection is over; the sentence says how it ended.
            DecodeError: a message over the size limit, or bytes that are not WebSocket frames.
        """
        message = await self._socket.receive()
        kind = message.type
        if kind is aiohttp.WSMsgType.TEXT:
            return FrameKind.TEXT, message.data
        if kind is aiohttp.WSMsgType.BINARY:
            return FrameKind.BINARY, message.data
        if kind is aiohttp.WSMsgType.PING:
            await self._guarded(self._socket.pong(message.data))
            return FrameKind.CONTROL, b""
        if kind is aiohttp.WSMsgType.PONG:
            return FrameKind.CONTROL, b""
        if kind is aiohttp.WSMsgType.ERROR:
            raise DecodeError(f"{self._host} sent something that is not a WebSocket message: {message.data}")
        raise FeedUnavailableError(self._how_it_ended(message))

    async def send(self, message: bytes) -> None:
        """Send one message: `frames.Binary` as a binary frame, other bytes as text.

        Raises:
            FeedUnavailableError: the connection is over, or the peer does not read.
        """
        if isinstance(message, Binary):
            await self._guarded(self._socket.send_bytes(message))
        else:
            await self._guarded(self._socket.send_str(message.decode()))

    async def ping(self) -> None:
        """Ask for a sign of life; the pong arrives as a control frame.

        Raises:
            FeedUnavailableError: the connection is over, or the peer does not read.
        """
        await self._guarded(self._socket.ping())

    async def close(self) -> None:
        """Close the connection, politely if the peer answers in time. Safe to call twice."""
        try:
            await self._socket.close()
        finally:
            await self._session.close()

    async def _guarded(self, sending: Any) -> None:
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                await sending
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise translate(exc, self._host) from exc

    def _how_it_ended(self, message: Any) -> str:
        code = self._socket.close_code
        if code is None or code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE:
            return f"{self._host} dropped the connection"
        reason = message.extra if isinstance(message.extra, str) and message.extra else "no reason given"
        return f"{self._host} closed the connection: {int(code)} {reason[:120]}"


async def open_websocket(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    token_statuses: frozenset[int] = frozenset({401}),
) -> WebSocketConnection:
    """Open a WebSocket connection to `url` (ws or wss).

    `token_statuses` are those by which this peer says that the credentials are not good any more.

    Raises:
        FeedUnavailableError: no network, no answer in time, or the peer is out of order (5xx, rate limit).
        FeedRejectedError: the peer refused the handshake, its certificate is not valid, or `url` is no address.
        TokenExpiredError: the peer refused the credentials.
    """
    try:
        target = URL(url)
    except ValueError:
        raise FeedRejectedError("The address of the feed is not one") from None  # it may hold a token: not repeated
    session = new_session(target)
    try:
        async with asyncio.timeout(limits.open_timeout_s):
            socket = await session.ws_connect(
                target,
                headers=headers,
                autoping=False,
                decode_text=False,
                max_msg_size=limits.max_message,
                timeout=aiohttp.ClientWSTimeout(ws_close=limits.close_timeout_s),
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as exc:
        await session.close()
        if isinstance(exc, aiohttp.WSServerHandshakeError) and exc.status in token_statuses:
            raise TokenExpiredError(f"{host_of(target)} refused the credentials (HTTP {exc.status})") from exc
        raise translate(exc, host_of(target)) from exc
    except BaseException:
        await session.close()
        raise
    return WebSocketConnection(session, socket, host_of(target), limits)
