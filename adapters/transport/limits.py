"""How patient a connection is, and how much it takes."""

from __future__ import annotations

from dataclasses import dataclass


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
