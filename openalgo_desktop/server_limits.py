"""The limits of the local server that the environment may change, under OpenAlgo's names where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openalgo_desktop.failures import UsageError

# variable → field of ServerConfig, least, most; a field whose bounds are whole numbers takes whole numbers
NUMBERS: Mapping[str, tuple[str, float, float]] = {
    "WS_AUTH_GRACE_SECONDS": ("auth_grace_s", 1.0, 3_600.0),
    "WS_PING_INTERVAL": ("ping_interval_s", 1.0, 3_600.0),
    "WS_PING_TIMEOUT": ("ping_timeout_s", 1.0, 3_600.0),
    "WS_SLOW_CLIENT_SECONDS": ("slow_client_s", 1.0, 3_600.0),
    "WS_INBOUND_RATE": ("inbound_rate", 1.0, 1_000_000.0),
    "WS_INBOUND_BURST": ("inbound_burst", 1.0, 1_000_000.0),
    "WS_MAX_CONNECTIONS": ("max_connections", 1, 100_000),
    "WS_MAX_CONNECTIONS_PER_KEY": ("max_connections_per_key", 1, 100_000),
    "WS_MAX_HANDSHAKES": ("max_handshakes", 1, 100_000),
    "WS_MAX_HANDSHAKES_PER_ADDRESS": ("max_handshakes_per_address", 1, 100_000),
    "WS_MAX_SUBSCRIPTIONS": ("max_subscriptions", 1, 1_000_000),
    "WS_MAX_FRAME_BYTES": ("max_frame_bytes", 1_024, 1 << 30),
}
ORIGINS = "WS_ALLOWED_ORIGINS"


def limits_from(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of `proxy.config.ServerConfig` that `environment` changes.

    Raises:
        UsageError: a value that is no number, or is out of range; the sentence names the variable and the range.
    """
    limits: dict[str, Any] = {}
    for variable, (field, least, most) in NUMBERS.items():
        text = environment.get(variable, "").strip()
        if text:
            limits[field] = _number(variable, text, least, most)
    origins = [origin.strip().rstrip("/") for origin in environment.get(ORIGINS, "").split(",")]
    if any(origins):
        limits["allowed_origins"] = frozenset(origin for origin in origins if origin)
    return limits


def _number(variable: str, text: str, least: float, most: float) -> float:
    kind = int if isinstance(least, int) else float
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        whole = "whole " if kind is int else ""
        raise UsageError(f"{variable} {text} is not a {whole}number from {least:g} to {most:g}")
    return value
