"""The answer of every service function, and the one table from errors to codes and HTTP statuses.

Inside, services raise; at their edge `answered` turns what was raised into a `Result`. An exception that nobody
foresaw is logged with its traceback and answered with a general sentence, never with its own text.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, ParamSpec

from market.errors import (
    CapacityError,
    DecodeError,
    FeedError,
    InvalidModeError,
    InvalidRequestError,
    NotAuthenticatedError,
    OpenAlgoError,
    StorageError,
    UnknownInstrumentError,
    VaultLockedError,
)

P = ParamSpec("P")

_log = logging.getLogger(__name__)

GENERAL_SENTENCE = "Something went wrong inside the application; the log has the details"


class ErrorCode(StrEnum):
    """The stable names of what can go wrong, as callers compare them."""

    CONNECTION_TIMEOUT = "CONNECTION_TIMEOUT"
    AUTH_FAILED = "AUTH_FAILED"
    NO_API_KEY = "NO_API_KEY"
    INVALID_SYMBOLS = "INVALID_SYMBOLS"
    INVALID_MODE = "INVALID_MODE"
    INVALID_PARAMETERS = "INVALID_PARAMETERS"
    BROKER_UNAVAILABLE = "BROKER_UNAVAILABLE"
    NOT_SUBSCRIBED = "NOT_SUBSCRIBED"
    CAPACITY_EXCEEDED = "CAPACITY_EXCEEDED"
    STORAGE_ERROR = "STORAGE_ERROR"
    VAULT_LOCKED = "VAULT_LOCKED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.CONNECTION_TIMEOUT: 503,
    ErrorCode.AUTH_FAILED: 401,
    ErrorCode.NO_API_KEY: 401,
    ErrorCode.INVALID_SYMBOLS: 400,
    ErrorCode.INVALID_MODE: 400,
    ErrorCode.INVALID_PARAMETERS: 400,
    ErrorCode.BROKER_UNAVAILABLE: 503,
    ErrorCode.NOT_SUBSCRIBED: 404,
    ErrorCode.CAPACITY_EXCEEDED: 409,
    ErrorCode.STORAGE_ERROR: 503,
    ErrorCode.VAULT_LOCKED: 503,
    ErrorCode.INTERNAL_ERROR: 500,
}

# The first class of an error's ancestry that is listed decides.
_CODE_OF: Mapping[type[BaseException], ErrorCode] = {
    InvalidModeError: ErrorCode.INVALID_MODE,
    InvalidRequestError: ErrorCode.INVALID_PARAMETERS,
    NotAuthenticatedError: ErrorCode.AUTH_FAILED,
    UnknownInstrumentError: ErrorCode.INVALID_SYMBOLS,
    CapacityError: ErrorCode.CAPACITY_EXCEEDED,
    FeedError: ErrorCode.BROKER_UNAVAILABLE,
    DecodeError: ErrorCode.INVALID_PARAMETERS,
    StorageError: ErrorCode.STORAGE_ERROR,
    VaultLockedError: ErrorCode.VAULT_LOCKED,
}


def code_of(error: BaseException) -> ErrorCode | None:
    """Return the code that `error` is answered with, or None if nobody foresaw it."""
    for ancestor in type(error).__mro__:
        if ancestor in _CODE_OF:
            return _CODE_OF[ancestor]
    return None


def code_named(code: str | None) -> ErrorCode:
    """Return the code that `code` spells; one that a feed made up is `INTERNAL_ERROR`."""
    try:
        return ErrorCode(code or "")
    except ValueError:
        return ErrorCode.INTERNAL_ERROR


class Result(NamedTuple):
    """What a service function returns: a plain tuple `(success, data, status_code)`.

    `data` of a success is `{"status": "success", "data": …, "message": …}`, of a failure
    `{"status": "error", "message": …, "error_code": …}`.
    """

    success: bool
    data: dict[str, Any]
    status_code: int

    @classmethod
    def succeeded(
        cls, data: object = None, message: str = "Operation completed successfully", **beside: object
    ) -> Result:
        """Return a success; `beside` are the fields that stand next to `data`."""
        body = {"status": "success", "data": {} if data is None else data, "message": message}
        return cls(True, body | beside, 200)

    @classmethod
    def failed(cls, code: ErrorCode, message: str, **beside: object) -> Result:
        """Return a failure with its sentence; the status follows from `code`."""
        body = {"status": "error", "message": message, "error_code": str(code)}
        return cls(False, body | beside, STATUS[code])

    @classmethod
    def of(cls, error: OpenAlgoError) -> Result:
        """Return the failure that `error` stands for."""
        return cls.failed(code_of(error) or ErrorCode.INTERNAL_ERROR, str(error) or GENERAL_SENTENCE)


def answered(function: Callable[P, Result]) -> Callable[P, Result]:
    """Make `function` an edge: it returns a `Result` whatever is raised inside it."""

    @functools.wraps(function)
    def edge(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge of the services
            return _answer_to(error, function.__qualname__)

    return edge


def answered_async(function: Callable[P, Awaitable[Result]]) -> Callable[P, Coroutine[Any, Any, Result]]:
    """Make the coroutine `function` an edge, as `answered` does."""

    @functools.wraps(function)
    async def edge(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return await function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge of the services
            return _answer_to(error, function.__qualname__)

    return edge


def _answer_to(error: Exception, where: str) -> Result:
    if isinstance(error, OpenAlgoError):
        return Result.of(error)
    if isinstance(error, TimeoutError):
        return Result.failed(ErrorCode.CONNECTION_TIMEOUT, "The server did not answer in time")
    _log.error("Unforeseen error in %s", where, exc_info=error)
    return Result.failed(ErrorCode.INTERNAL_ERROR, GENERAL_SENTENCE)
