"""What can be set of the Binance feed: where it connects, and how patient it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.kept_connection import ConnectionPolicy
from market.errors import InvalidRequestError

DEFAULT_ENDPOINTS: Mapping[str, str] = {
    "ws": "wss://data-stream.binance.vision",
    "rest": "https://data-api.binance.vision",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BinanceSettings:
    """Times in seconds. The server pings every 20 s and ends a connection after 24 hours.

    Within a second Binance takes 5 messages of a client, pings and pongs included: burst and rate
    together stay below that.
    """

    connection: ConnectionPolicy = field(
        default_factory=lambda: ConnectionPolicy(
            mute_after_s=25.0,
            dead_after_s=40.0,
            renew_after_s=23.0 * 3600.0,
            message_rate_per_s=3.0,
            message_burst=1.0,
        )
    )
    reconnect_first_s: float = 1.0
    reconnect_cap_s: float = 30.0
    listing_retry_s: float = 5.0
    listing_refresh_s: float = 6.0 * 3600.0
    streams_per_connection: int = 1024
    depth_levels: int = 20
    whole_listing: int = 500
    """exchangeInfo lists well over a thousand symbols. A shorter list, as gateways and mirrors may serve, says nothing
    about the symbols that it leaves out."""


def endpoints_from(given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the base addresses `ws` and `rest`, those not given by default.

    Raises:
        InvalidRequestError: another key, or an address of another kind.
    """
    endpoints = dict(DEFAULT_ENDPOINTS) | {key: url.rstrip("/") for key, url in (given or {}).items()}
    for key, url in endpoints.items():
        schemes = {"ws": ("ws://", "wss://"), "rest": ("http://", "https://")}.get(key)
        if schemes is None:
            raise InvalidRequestError(f"The binance feed has no endpoint {key!r}; expected ws or rest")
        if not url.startswith(schemes):
            raise InvalidRequestError(f"The endpoint binance.{key} must start with {' or '.join(schemes)}")
    return endpoints
