"""What the tests of the NATS feed and publisher share: impatient settings, and messages without a desk."""

from __future__ import annotations

import json
import time

from adapters.kept_connection import ConnectionPolicy
from adapters.nats.session import NatsSettings
from adapters.transport import Limits
from market.modes import Mode
from market.ticks import Tick

LIMITS = Limits(open_timeout_s=0.5, send_timeout_s=0.5, close_timeout_s=0.2)
QUICK = NatsSettings(
    ping_every_s=0.1,
    backoff_first_s=0.02,
    backoff_cap_s=0.05,
    connection=ConnectionPolicy(
        mute_after_s=0.3, dead_after_s=0.6, message_rate_per_s=1e9, message_burst=1e9, limits=LIMITS
    ),
)


class PlainMessages:
    """Fits `adapters.nats.publisher.Messages`: every mode that changed, as a small object."""

    padding = ""

    def modes(self, tick: Tick, changed: int) -> list[Mode]:
        return [mode for mode in Mode if changed & mode.bit]

    def payload(self, tick: Tick, mode: Mode, now_ms: float) -> bytes:
        return json.dumps({"ltp": tick.ltp, "age_ms": int(now_ms - tick.received_ms), "pad": self.padding}).encode()

    def now_ms(self) -> float:
        return time.time() * 1000.0
