"""A list that is asked for: at once where none is kept, again when it is old, and never given up."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import date
from pathlib import Path

import pytest

from adapters.catalogue import Catalogue
from adapters.listing_keeper import ListingKeeper
from adapters.master_shelf import MasterShelf
from adapters.masters import Lack, Master
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


LACK = Lack("the options of ETH", "no answer", InstrumentKind.OPTION, "ETH-")


def _option(symbol: str, token: str, expiry: date) -> Instrument:
    key = InstrumentKey(Exchange.CRYPTO, symbol)
    return Instrument(key=key, kind=InstrumentKind.OPTION, token=token, expiry=expiry)


async def test_what_the_venue_cannot_give_today_is_kept_and_asked_for_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    later = date(2999, 1, 1)
    ether, bitcoin = _option("ETH01JAN992CE", "ETH-1", later), _option("BTC01JAN992CE", "BTC-1", later)
    expired = _option("ETH01JAN102CE", "ETH-2", date(2010, 1, 1))
    shelf, catalogue = MasterShelf(tmp_path), Catalogue()
    shelf.store("v", Master([BTC, ether, bitcoin, expired]), 1.0)
    answers = [Master([BTC], lacks=[LACK]), Master([BTC], lacks=[LACK]), Master([BTC, bitcoin])]
    seen: list[set[str]] = []

    async def venue() -> Master:
        seen.append({each.key.symbol for each in catalogue.instruments})
        return answers[len(seen) - 1]

    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, shelf, catalogue, retry_s=0.001).keep())
    await until(lambda: len(seen) == 3 and catalogue.version == 4)
    keeping.cancel()
    assert seen[1] == seen[2] == {"BTCUSDT", "ETH01JAN992CE"}, "the others have ended: nobody failed to tell"
    assert {each.key.symbol for each in catalogue.instruments} == {"BTCUSDT", "BTC01JAN992CE"}
    assert "The instruments of V go without the options of ETH: no answer" in caplog.messages


async def test_a_list_that_lacks_a_part_is_old_at_the_next_start(tmp_path: Path) -> None:
    async def venue() -> Master:
        return Master([BTC], lacks=[LACK])

    shelf, catalogue = MasterShelf(tmp_path), Catalogue()
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, shelf, catalogue).keep())
    await until(lambda: catalogue.is_loaded)
    keeping.cancel()
    shelved = shelf.load("v")
    assert shelved is not None
    assert (shelved.fetched_ms, shelved.master.instruments) == (0.0, [BTC])


@pytest.mark.expected_log("cannot be read")
async def test_a_reader_that_stumbles_is_called_again(tmp_path: Path) -> None:
    asked: list[int] = []

    async def venue() -> Master:
        asked.append(1)
        if len(asked) == 1:
            raise KeyError("instId")
        return Master([BTC])

    catalogue = Catalogue()
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, None, catalogue, retry_s=0.001).keep())
    await until(lambda: catalogue.is_loaded)
    keeping.cancel()


@pytest.mark.expected_log("used, but not kept")
async def test_a_list_that_cannot_be_kept_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    venue, catalogue = Venue(), Catalogue()
    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, MasterShelf(folder), catalogue).keep())
    await until(lambda: catalogue.is_loaded)
    assert (venue.asked, catalogue.find(BTC.key)) == (1, BTC)
    keeping.cancel()


async def test_an_answer_without_instruments_does_not_replace_the_list(tmp_path: Path) -> None:
    shelf, catalogue = MasterShelf(tmp_path), Catalogue()
    shelf.store("v", Master([BTC]), 1.0)
    asked: list[int] = []

    async def venue() -> Master:
        asked.append(1)
        return Master([])

    keeping = asyncio.ensure_future(ListingKeeper("v", "V", venue, shelf, catalogue, retry_s=0.001).keep())
    await until(lambda: len(asked) > 2)
    keeping.cancel()
    shelved = shelf.load("v")
    assert shelved is not None
    assert (catalogue.version, catalogue.find(BTC.key), shelved.master.instruments) == (1, BTC, [BTC])
