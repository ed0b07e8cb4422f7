"""What leaves for other processes, whichever bus carries it: which modes of an update are worth sending, and as what.

The payload is the `data` object that clients of the WebSocket port get. Pure: the clock is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick, known_modes
from proxy.payloads import data_of, is_worth_sending
from proxy.registry import Channel
from proxy.trust import TrustBook

_DEPTH_LEVELS = 50
_encode = msgspec.json.Encoder().encode


class Wanted(Protocol):
    """What is asked of the desk."""

    def is_wanted(self, wish: Subscription) -> bool:
        """Whether anybody holds `wish`."""


class OutgoingMessages:
    """Chooses and encodes for the buses. `now_ms` is the time in ms since 1970 UTC."""

    def __init__(self, wanted: Wanted, trust: TrustBook, *, now_ms: Callable[[], float]) -> None:
        self._wanted = wanted
        self._trust = trust
        self.now_ms = now_ms

    def modes(self, tick: Tick, changed: int) -> list[Mode]:
        """The changed modes that somebody holds; for what is only passed through, the richest."""
        known = [mode for mode in Mode if changed & mode.bit and is_worth_sending(tick, mode)]
        held = [mode for mode in known if self._wanted.is_wanted(Subscription(tick.key, mode))]
        return held or ([_richest(tick, known)] if known else [])

    def payload(self, tick: Tick, mode: Mode, now_ms: float) -> bytes:
        """The JSON object that says `mode` of `tick`, as it stands at `now_ms`."""
        data = data_of(tick, Channel(mode, _DEPTH_LEVELS if mode is Mode.DEPTH else 0))
        data["age_ms"] = max(0, int(now_ms - tick.received_ms))
        data["state"] = self._trust.state(tick, now_ms).value
        data["broker"] = tick.source
        return _encode(data)


def _richest(tick: Tick, modes: Sequence[Mode]) -> Mode:
    """The one of `modes` that says all of `tick` and makes up nothing: readers take a missing number for a zero."""
    if Mode.DEPTH in modes and tick.depth is not None:
        return Mode.DEPTH
    if Mode.QUOTE in modes and known_modes(tick._replace(ltp=None)) & Mode.QUOTE.bit:
        return Mode.QUOTE
    return modes[0]
