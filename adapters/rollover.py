"""When Indian brokers end their sessions: every morning at an hour of Indian time. Pure: the clock is an argument."""

from __future__ import annotations

_IST_OFFSET_MS = 19_800_000
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


def next_rollover_ms(now_ms: float, hour_ist: float) -> float:
    """Return the next time after `now_ms` at which it is `hour_ist` (5.5: half past five) in India.

    Times in ms since 1970 UTC.
    """
    local = now_ms + _IST_OFFSET_MS
    midnight = local - local % _DAY_MS
    rollover = midnight + hour_ist * _HOUR_MS
    if rollover <= local:
        rollover += _DAY_MS
    return rollover - _IST_OFFSET_MS
