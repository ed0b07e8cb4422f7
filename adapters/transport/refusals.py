"""What can go wrong on the way, as errors of the market: the library's and the system's, and statuses of HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import aiohttp

from market.errors import DecodeError, FeedError, FeedRejectedError, FeedUnavailableError, TokenExpiredError

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
    """The peer asks for a pause of `retry_after_s` seconds (HTTP 429, or 418 when it was not heeded).

    `body` as in `RefusedError`: some peers refuse for good with this status, and say so there.
    """

    def __init__(self, sentence: str, retry_after_s: float, body: bytes = b"") -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s
        self.body = body


def translate(exc: Exception, host: str) -> FeedError | DecodeError:
    """Return the market error that stands for the library's or the system's error `exc`.

    Which refused handshakes are about the credentials is for the caller to know: here none is.
    """
    if isinstance(exc, aiohttp.WSServerHandshakeError):
        if exc.status == 401:
            return RefusedError(f"{host} refused the request (HTTP 401)", 401)
        retry_after = exc.headers.get("Retry-After") if exc.headers is not None else None
        return refusal(exc.status, host, retry_after)
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


def refusal(status: int, host: str, retry_after: str | None, body: bytes = b"") -> FeedError:
    """Return the error that the HTTP `status` stands for; `body` is what was said about it."""
    if status in _TOO_MANY_REQUESTS:
        pause_s = float(retry_after) if retry_after is not None and retry_after.isdigit() else 60.0
        return RateLimitedError(f"{host} asks for a pause of {pause_s:.0f} s (HTTP {status})", pause_s, body)
    if status == 401:
        return RefusedTokenError(f"{host} refused the credentials (HTTP 401)", body)
    if 300 <= status < 500:
        return RefusedError(f"{host} refused the request (HTTP {status})", status, body)
    return FeedUnavailableError(f"{host} is out of order (HTTP {status})")


def _plain_reason(exc: Exception) -> str:
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    return getattr(cause, "strerror", None) or type(cause).__name__
