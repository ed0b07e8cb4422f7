"""The only module that opens sockets for feeds: a WebSocket connection and an HTTP client, both over aiohttp.

A two-class seam: above it nobody sees the library. Certificates are always verified, every wait has a limit, and
neither query strings nor headers are ever logged or put into an error, because they hold tokens.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from adapters.frames import Binary, FrameKind
from market.errors import DecodeError, FeedError, FeedRejectedError, FeedUnavailableError, TokenExpiredError

T = TypeVar("T")

USER_AGENT = "OpenAlgo-Desktop"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_EXPLANATION = 65_536
_TOO_MANY_REQUESTS = frozenset({418, 429})


class RefusedError(FeedRejectedError):
    """The peer refused a request with `status`; `body` is what it said about it: for the adapter, not to be shown."""

    def __init__(self, sentence: str, status: int, body: bytes = b"") -> None:
        super().__init__(sentence)
        self.status = status
        self.body = body


class RefusedTokenError(TokenExpiredError):
    """The peer refused the credentials (401); `body` as in `RefusedError`."""

    def __init__(self, sentence: str, body: bytes = b"") -> None:
        super().__init__(sentence)
        self.body = body


class RateLimitedError(FeedUnavailableError):
    """The peer asks for a pause of `retry_after_s` seconds (HTTP 429, or 418 when it was not heeded)."""

    def __init__(self, sentence: str, retry_after_s: float) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait and how much to take. Times in seconds, sizes in bytes."""

    open_timeout_s: float = 10.0
    send_timeout_s: float = 10.0
    close_timeout_s: float = 1.0
    request_timeout_s: float = 30.0
    max_message: int = 4 * 1024 * 1024
    max_body: int = 64 * 1024 * 1024


DEFAULT_LIMITS = Limits()


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
        FeedRejectedError: the peer refused the handshake, or its certificate is not valid.
        TokenExpiredError: the peer refused the credentials.
    """
    target = URL(url)
    session = _new_session(target)
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
            raise TokenExpiredError(f"{_host_of(target)} refused the credentials (HTTP {exc.status})") from exc
        raise translate(exc, _host_of(target)) from exc
    except BaseException:
        await session.close()
        raise
    return WebSocketConnection(session, socket, _host_of(target), limits)


class HttpClient:
    """Requests to one base address. Opens on first use; `close` when done. Redirects are not followed."""

    def __init__(
        self, base_url: str, *, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """The host (and port) of the base address: safe to show."""
        return _host_of(URL(self._base))

    async def get(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """GET `path` and return the body. `headers` are added to those of the client.

        Raises:
            FeedUnavailableError: no network, no answer in time, 5xx; `RateLimitedError` on 429 and 418.
            FeedRejectedError: any other refusal, a `RefusedError`; the sentence has the status.
            TokenExpiredError: 401, a `RefusedTokenError`.
        """
        return await self._request("GET", path, params=params, headers=headers)

    async def post(
        self,
        path: str,
        payload: object,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> bytes:
        """POST (or `method`) `payload` as JSON to `path` and return the body. Raises as `get` does."""
        given = {"Content-Type": "application/json", **(headers or {})}
        return await self._request(method, path, params=params, headers=given, payload=msgspec.json.encode(payload))

    async def post_form(
        self, path: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """POST `fields` as a form to `path` and return the body. Raises as `get` does."""
        given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return await self._request("POST", path, headers=given, payload=urlencode(fields).encode())

    async def get_json(
        self,
        path: str,
        kind: type[T],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """GET `path` and return its JSON body as a `kind`, numbers written as text accepted.

        Raises:
            DecodeError: the body is not such JSON.
        """
        return decode_json(await self.get(path, params=params, headers=headers), kind)

    async def post_json(
        self,
        path: str,
        payload: object,
        kind: type[T],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """POST `payload` as JSON to `path` and return the JSON answer as a `kind`. Raises as `get_json` does."""
        return decode_json(await self.post(path, payload, params=params, headers=headers), kind)

    async def close(self) -> None:
        """Close every connection. Safe to call twice; a later request opens anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        payload: bytes | None = None,
    ) -> bytes:
        if self._session is None:
            self._session = _new_session(URL(self._base))
        given = {**self._headers, **(headers or {})}
        try:
            async with (
                asyncio.timeout(self._limits.request_timeout_s),
                self._session.request(
                    method, self._base + path, params=params, data=payload, headers=given, allow_redirects=False
                ) as answer,
            ):
                if answer.status != 200:
                    explained = await answer.content.read(_MOST_EXPLANATION)
                    raise _refusal(answer.status, self.host, answer.headers.get("Retry-After"), explained)
                return await self._read_body(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise translate(exc, self.host) from exc

    async def _read_body(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_chunked(65536):
            body += chunk
            if len(body) > self._limits.max_body:
                raise DecodeError(f"{self.host} sent more than {self._limits.max_body} bytes")
        return bytes(body)


def decode_json(body: bytes, kind: type[T]) -> T:
    """Return the JSON text `body` as a `kind`, numbers written as text accepted.

    Raises:
        DecodeError: it is not such JSON.
    """
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(f"Unexpected JSON: {exc}", body) from exc


def translate(exc: Exception, host: str) -> FeedError | DecodeError:
    """Return the market error that stands for the library's or the system's error `exc`."""
    if isinstance(exc, aiohttp.WSServerHandshakeError):
        retry_after = exc.headers.get("Retry-After") if exc.headers is not None else None
        return _refusal(exc.status, host, retry_after)
    return next(build(host, exc) for kinds, build in _TRANSLATIONS if isinstance(exc, kinds))


def _certificate(host: str, exc: Exception) -> FeedError:
    return FeedRejectedError(f"The certificate of {host} could not be verified")


def _late(host: str, exc: Exception) -> FeedError:
    return FeedUnavailableError(f"{host} did not answer in time")


def _unreachable(host: str, exc: Exception) -> FeedError:
    return FeedUnavailableError(f"{host} cannot be reached: {_plain_reason(exc)}")


def _broken(host: str, exc: Exception) -> FeedError:
    return FeedUnavailableError(f"The connection to {host} broke off")


def _impossible(host: str, exc: Exception) -> FeedError:
    return FeedRejectedError("The address of the feed is not a valid URL")


_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], Callable[[str, Exception], FeedError]], ...] = (
    ((aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError), _certificate),
    ((TimeoutError,), _late),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), _impossible),
    ((aiohttp.ClientConnectorError, ConnectionRefusedError), _unreachable),
    ((Exception,), _broken),
)


def _refusal(status: int, host: str, retry_after: str | None, body: bytes = b"") -> FeedError:
    if status in _TOO_MANY_REQUESTS:
        pause_s = float(retry_after) if retry_after is not None and retry_after.isdigit() else 60.0
        return RateLimitedError(f"{host} asks for a pause of {pause_s:.0f} s (HTTP {status})", pause_s)
    if status == 401:
        return RefusedTokenError(f"{host} refused the credentials (HTTP 401)", body)
    if 300 <= status < 500:
        return RefusedError(f"{host} refused the request (HTTP {status})", status, body)
    return FeedUnavailableError(f"{host} is out of order (HTTP {status})")


def _plain_reason(exc: Exception) -> str:
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    return getattr(cause, "strerror", None) or type(cause).__name__


def _host_of(url: URL) -> str:
    default = url.port is None or url.is_default_port()
    return (url.host or "the feed") if default else f"{url.host}:{url.port}"


def _new_session(url: URL) -> aiohttp.ClientSession:
    """A session of its own per address; the threaded resolver because aiodns cannot run on a Proactor loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT},
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=url.host not in _LOOPBACK,
    )
