"""The limits and addresses of the local server, as one value with the defaults of the protocol reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Times are in seconds, sizes in bytes. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8765
    max_connections: int = 200
    max_connections_per_key: int = 20
    max_subscriptions: int = 5_000
    max_frame_bytes: int = 1 << 20
    auth_grace_s: float = 15.0
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 20.0
    slow_client_s: float = 60.0
    handshake_timeout_s: float = 10.0
    max_handshakes: int = 200
    max_handshakes_per_address: int = 100
    inbound_rate: float = 200.0
    inbound_burst: float = 5_000.0
    write_high_water: int = 256 << 10
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    allowed_origins: frozenset[str] = field(default_factory=frozenset)
    paced_interval_s: float = 0.12
    tls_cert: Path | None = None
    tls_key: Path | None = None
    supported_brokers: tuple[str, ...] = ()
