"""What a session asks its connection to do. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from market.credentials import Secret
from market.instruments import InstrumentKey
from proxy.registry import Channel


@dataclass(frozen=True, slots=True)
class Send:
    """Send this JSON object."""

    reply: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SendSnapshot:
    """Send the last known value, if there is one."""

    key: InstrumentKey
    channel: Channel


@dataclass(frozen=True, slots=True)
class Verify:
    """Verify this key and call `verified` with the result; nothing more happens until then."""

    api_key: Secret


Action = Send | SendSnapshot | Verify
