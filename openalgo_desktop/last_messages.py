"""The market-data message that a client of the local server would get now, made as the server makes it."""

from __future__ import annotations

from collections.abc import Callable

from market.instruments import InstrumentKey
from market.modes import Mode
from proxy.hub import Hub
from proxy.payloads import encode_tick, is_worth_sending
from proxy.registry import Channel
from proxy.trust import TrustBook


def last_message(hub: Hub, trust: TrustBook, now_ms: Callable[[], float]) -> Callable[[InstrumentKey, Mode], str]:
    """Return what reads the last message of an instrument as JSON text; empty where there is none."""

    def read(key: InstrumentKey, mode: Mode) -> str:
        tick = hub.last(key)
        if tick is None or not is_worth_sending(tick, mode):
            return ""
        levels = max(len(tick.depth.buy), len(tick.depth.sell)) if tick.depth is not None else 0
        channel = Channel(mode, levels if mode is Mode.DEPTH else 0)
        now = now_ms()
        return encode_tick(tick, channel, trust.state(tick, now), now).decode()

    return read
