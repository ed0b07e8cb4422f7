"""Requests to one base address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from adapters.transport.limits import DEFAULT_LIMITS, Limits
from adapters.transport.refusals import refusal, translate
from adapters.transport.sessions import host_of, new_session
from market.errors import DecodeError

T = TypeVar("T")

_MOST_EXPLANATION = 65_536
_CHUNK = 262_144


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer under way: `status` is 200, or 206 where it goes on from the middle; `chunks` are its body."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class Looked(NamedTuple):
    """An answer seen from afar: status, how long it took, and the server's clock (ms since 1970 UTC) where it says."""

    status: int
    took_ms: float
    date_ms: float | None


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
        return host_of(URL(self._base))

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
        self, path: str, fields: Mapping[str, str] | str, *, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """POST `fields` as a form to `path` and return the body; text is a form already. Raises as `get` does."""
        given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        text = fields if isinstance(fields, str) else urlencode(fields)
        return await self._request("POST", path, headers=given, payload=text.encode())

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

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, *, headers: Mapping[str, str] | None = None, payload: object = None
    ) -> AsyncIterator[Streamed]:
        """GET `path`, or POST `payload` as JSON to it, and take the body in chunks, however long they all take.

        Each chunk has the time of a request to arrive. Raises as `get`, and 416 as a `RefusedError`.
        """
        session = self._opened()
        given = {**self._headers, **(headers or {})}
        body = None if payload is None else msgspec.json.encode(payload)
        if body is not None:
            given["Content-Type"] = "application/json"
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._limits.open_timeout_s)
        method = "GET" if body is None else "POST"
        try:
            async with session.request(
                method, self._base + path, data=body, headers=given, allow_redirects=False, timeout=timeout
            ) as answer:
                if answer.status not in (200, 206):
                    explained = await answer.content.read(_MOST_EXPLANATION)
                    raise refusal(answer.status, self.host, answer.headers.get("Retry-After"), explained)
                yield Streamed(answer.status, answer.headers, self._chunks(answer))
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise translate(exc, self.host) from exc

    async def _chunks(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        while True:
            async with asyncio.timeout(self._limits.request_timeout_s):
                chunk = await answer.content.read(_CHUNK)
            if not chunk:
                return
            yield chunk

    async def look(self, path: str = "/") -> Looked:
        """GET `path` only to see whether, how fast and at what time it is answered, whatever the status.

        Raises:
            FeedUnavailableError: no network, no answer in time.
            FeedRejectedError: the certificate is not valid.
        """
        session, began = self._opened(), asyncio.get_running_loop().time()
        try:
            async with (
                asyncio.timeout(self._limits.request_timeout_s),
                session.get(self._base + path, headers=self._headers, allow_redirects=False) as answer,
            ):
                took_s = asyncio.get_running_loop().time() - began
                return Looked(answer.status, took_s * 1000.0, _date(answer.headers.get("Date")))
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise translate(exc, self.host) from exc

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
        session = self._opened()
        given = {**self._headers, **(headers or {})}
        try:
            async with (
                asyncio.timeout(self._limits.request_timeout_s),
                session.request(
                    method, self._base + path, params=params, data=payload, headers=given, allow_redirects=False
                ) as answer,
            ):
                if answer.status != 200:
                    explained = await answer.content.read(_MOST_EXPLANATION)
                    raise refusal(answer.status, self.host, answer.headers.get("Retry-After"), explained)
                return await self._read_body(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise translate(exc, self.host) from exc

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = new_session(URL(self._base))
        return self._session

    async def _read_body(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in answer.content.iter_chunked(65536):
            body += chunk
            if len(body) > self._limits.max_body:
                raise DecodeError(f"{self.host} sent more than {self._limits.max_body} bytes")
        return bytes(body)


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() * 1000.0 if text else None
    except ValueError:
        return None


def decode_json(body: bytes, kind: type[T]) -> T:
    """Return the JSON text `body` as a `kind`, numbers written as text accepted.

    Raises:
        DecodeError: it is not such JSON.
    """
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(f"Unexpected JSON: {exc}", body) from exc
