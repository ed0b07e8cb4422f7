"""The public REST requests of Binance's USD-M futures: instruments, open interest, and those of `base_rest`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from adapters.binance.base_rest import INTERVALS, BaseRest, Terms
from adapters.binance.events import Amount
from adapters.binance_futures.instruments import parse
from adapters.binance_futures.wire import SOURCE
from adapters.masters import Master
from adapters.transport import decode_json
from market.errors import FeedRejectedError
from market.instruments import Instrument
from market.ticks import Tick

# 2,400 weight a minute and address are allowed; a quarter is left to the user's other programs.
_TERMS = Terms(
    title="Binance futures",
    path="/fapi/v1",
    intervals=INTERVALS,
    most_candles=1500,
    candles_weight=10.0,
    snapshot_weight=20.0,
    weight_per_s=25.0,
    weight_burst=300.0,
)


class _OpenInterest(msgspec.Struct):
    """In coins."""

    openInterest: Amount


class BinanceFuturesRest(BaseRest):
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, _TERMS)

    async def instruments(self) -> Master:
        """Everything that is listed. Raises as `HttpClient.get` does."""
        return await asyncio.to_thread(parse, await self._get("exchangeInfo", {}, 1.0))

    async def open_interest(self, instruments: Sequence[Instrument]) -> AsyncIterator[Tick]:
        """Yield ticks with the open interest of `instruments`, in coins, one request each.

        Raises:
            FeedUnavailableError: no answer.
            DecodeError: the answer is no open interest.
        """
        for instrument in instruments:
            try:
                body = await self._get("openInterest", {"symbol": instrument.token}, 1.0)
            except FeedRejectedError:
                continue  # it is gone, which the list of instruments tells in its time; the others are still there
            yield Tick(instrument.key, time.time() * 1000.0, SOURCE, oi=decode_json(body, _OpenInterest).openInterest)
