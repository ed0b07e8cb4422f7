"""The limits and the address of the HTTP server, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from market.credentials import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """Times are in seconds, sizes in bytes. Port 0 takes a free one. Nobody can prove to know an empty `secret`."""

    host: str = "127.0.0.1"
    port: int = 5000
    secret: Secret = field(default_factory=lambda: Secret(""))
    max_body_bytes: int = 1 << 20
    rate: float = 50.0
    retry_after_s: int = 60
    max_addresses: int = 1_000
    handshake_timeout_s: float = 10.0
    max_waiting: int = 200
    max_waiting_per_address: int = 100
    close_timeout_s: float = 1.0
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    allowed_origins: frozenset[str] = field(default_factory=frozenset)
    tls_cert: Path | None = None
    tls_key: Path | None = None
