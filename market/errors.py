"""One tree for everything that can go wrong, so that each edge needs one table to map it.

OpenAlgoError
├── InvalidRequestError          the caller asked for something malformed
│   └── InvalidModeError         a mode that is not LTP, Quote or Depth
├── NotAuthenticatedError        no key, unknown key, revoked or expired key
├── UnknownInstrumentError       no feed knows this symbol on this exchange
├── CapacityError                a limit of a feed or of a client is reached
├── FeedError                    a feed cannot do what it was asked
│   ├── FeedUnavailableError     not connected, or the network is down
│   ├── FeedRejectedError        the broker or the exchange said no
│   └── TokenExpiredError        the broker session is over
├── DecodeError                  bytes or text from outside that do not mean anything
├── StorageError                 the database or the profile folder cannot be used
│   └── ProfileInUseError        another instance runs on this profile
└── VaultLockedError             the master secret is not available

Each carries a sentence that can be shown to a user; `code` is stable and for programs.
"""

from __future__ import annotations


class OpenAlgoError(Exception):
    """Base of all errors that carry a sentence for the user."""

    code = "INTERNAL_ERROR"


class InvalidRequestError(OpenAlgoError):
    """The caller asked for something malformed."""

    code = "INVALID_PARAMETERS"


class InvalidModeError(InvalidRequestError):
    """A subscription mode that is not LTP, Quote or Depth."""

    code = "INVALID_MODE"


class NotAuthenticatedError(OpenAlgoError):
    """No key, or one that is unknown, revoked or expired."""

    code = "AUTH_FAILED"


class UnknownInstrumentError(OpenAlgoError):
    """No feed knows this symbol on this exchange."""

    code = "INVALID_SYMBOLS"


class CapacityError(OpenAlgoError):
    """A limit of a feed or of a client is reached; the sentence has both numbers."""

    code = "CAPACITY_EXCEEDED"


class FeedError(OpenAlgoError):
    """A feed cannot do what it was asked."""

    code = "BROKER_UNAVAILABLE"


class FeedUnavailableError(FeedError):
    """The feed is not connected, or the network is down."""


class FeedRejectedError(FeedError):
    """The broker or the exchange refused the request."""


class TokenExpiredError(FeedError):
    """The broker session is over and needs a new login."""


class DecodeError(OpenAlgoError):
    """Bytes or text from outside that do not mean anything; names the first bytes."""

    code = "DECODE_ERROR"

    def __init__(self, reason: str, frame: bytes | str = b"") -> None:
        head = frame[:16].hex(" ") if isinstance(frame, bytes) else repr(frame[:48])
        super().__init__(f"{reason} ({head})" if frame else reason)


class StorageError(OpenAlgoError):
    """The database or the profile folder cannot be used."""

    code = "STORAGE_ERROR"


class ProfileInUseError(StorageError):
    """Another instance runs on this profile."""


class VaultLockedError(OpenAlgoError):
    """The master secret is not available, so encrypted values cannot be read."""

    code = "VAULT_LOCKED"
