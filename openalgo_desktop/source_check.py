"""Tries a source of prices before it is used: connects, waits for a price, and says in a sentence what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.broker_factory import FeedSettings, create_feed, parse_spec
from market.errors import OpenAlgoError
from market.exchanges import Exchange
from market.feeds import FeedEvent, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick

PATIENCE_S = 15.0
# What nearly every source of its kind has and what moves all day. Others are well when they are connected.
_PROBES = {
    "binance": InstrumentKey(Exchange.CRYPTO, "BTCUSDT"),
    "simulated": InstrumentKey(Exchange.NSE_INDEX, "NIFTY"),
}


class _Ear:
    """Hears whether the source is well."""

    def __init__(self, probe: InstrumentKey | None) -> None:
        self._probe = probe
        self.well = asyncio.Event()
        self.failed = asyncio.Event()
        self.detail = ""

    def publish(self, ticks: Sequence[Tick]) -> None:
        if any(tick.key == self._probe for tick in ticks):
            self.well.set()

    def report(self, event: FeedEvent) -> None:
        if not isinstance(event, FeedStatus):
            return
        self.detail = event.detail or self.detail
        if event.state is FeedState.FAILED:
            self.failed.set()
        elif event.state is FeedState.LIVE and self._probe is None:
            self.well.set()


async def check_source(text: str, settings: FeedSettings, *, patience_s: float = PATIENCE_S) -> str:
    """Return what is wrong with the source `text` (as `--feed` takes it), or an empty text if prices come."""
    try:
        spec = parse_spec(text)
        feed = create_feed(spec, settings)
    except OpenAlgoError as error:
        return str(error)
    probe = _PROBES.get(spec.name)
    ear = _Ear(probe)
    if probe is not None:
        feed.subscribe([Subscription(probe, Mode.LTP)])
    try:
        await feed.start(ear)
        waiting = [asyncio.ensure_future(event.wait()) for event in (ear.well, ear.failed)]
        await asyncio.wait(waiting, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
    except OSError as error:
        return f"{spec.name} cannot be used here: {error.strerror or type(error).__name__}"
    finally:
        await feed.stop()
    if ear.well.is_set():
        return ""
    why = ear.detail or "no price came"
    return f"{spec.name} gave no prices within {patience_s:.0f} seconds: {why}"
