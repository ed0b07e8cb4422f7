"""A list that is asked for: at once where none is kept, again when it is old, and never given up."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from adapters.catalogue import Catalogue
from adapters.listing_keeper import ListingKeeper
from adapters.master_shelf import MasterShelf
from adapters.masters import Master
from market.errors import FeedUnavailableError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from tests.doubles.waiting import until

BTC = Instrument(key=InstrumentKey(Exchange.CRYPTO, "BTCUSDT"), kind=InstrumentKind.SPOT)


class Venue:
    """Answers after `failures` times without an answer."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.asked = 0

    async def __call__(self) -> Master:
        self.asked += 1
        if self.asked <= self.failures:
            raise FeedUnavailableError("no answer")
        return Master([BTC])


async def test_it_is_tried_again_until_it_is_there(tmp_path: Path) -> None:
    venue, catalogue, shelf = Venue(failures=3), Catalogue(), MasterShelf(tmp_path)
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, shelf, catalogue, retry_s=0.001).keep())
    await until(lambda: catalogue.is_loaded)
    assert venue.asked == 4
    assert shelf.load("v") is not None
    keeping.cancel()


async def test_a_fresh_list_is_not_asked_for_and_an_old_one_is_used_meanwhile(tmp_path: Path) -> None:
    shelf = MasterShelf(tmp_path)
    shelf.store("v", Master([BTC]), time.time() * 1000.0)
    fresh, catalogue = Venue(), Catalogue()
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", fresh, shelf, catalogue).keep())
    await until(lambda: catalogue.is_loaded)
    assert fresh.asked == 0
    keeping.cancel()
    shelf.store("v", Master([BTC]), 1.0)
    old, catalogue = Venue(failures=1_000), Catalogue()
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", old, shelf, catalogue, retry_s=0.001).keep())
    await until(lambda: old.asked > 2)
    assert catalogue.version == 1
    keeping.cancel()
