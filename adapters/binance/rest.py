"""Binance spot's public REST requests: the list of symbols, 24-hour figures, and those of `base_rest`."""

from __future__ import annotations

import asyncio

from adapters.binance import base_rest
from adapters.binance.base_rest import BaseRest, Terms
from adapters.binance.instruments import parse
from adapters.binance.prices import Day
from adapters.masters import Master
from adapters.transport import decode_json

INTERVALS = {1: "1s", **base_rest.INTERVALS}
# 6,000 weight a minute and address are allowed; a fifth is left to the user's other programs.
_TERMS = Terms(
    title="Binance",
    path="/api/v3",
    intervals=INTERVALS,
    most_candles=1000,
    candles_weight=2.0,
    snapshot_weight=50.0,
    weight_per_s=80.0,
    weight_burst=800.0,
)


class BinanceRest(BaseRest):
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, _TERMS)

    async def instruments(self) -> Master:
        """Everything that is listed. Raises as `HttpClient.get` does."""
        return await asyncio.to_thread(parse, await self._get("exchangeInfo", {}, 20.0))

    async def day(self, symbol: str) -> Day:
        """The 24-hour figures of a symbol. Raises as `HttpClient.get` does."""
        return decode_json(await self._get("ticker/24hr", {"symbol": symbol}, 2.0), Day)
