"""Recorded exchanges of OpenAlgo's REST API: ours has the same statuses, keys and types."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from market.candles import Candle
from tests.doubles.data_market import DataMarket
from tests.doubles.http_served import GOOD_KEY, HttpServed, http_served

pytestmark = pytest.mark.recorded

RECORDED_KEY = "7c1f4e0a"


@pytest.fixture
async def served() -> AsyncIterator[HttpServed]:
    market = DataMarket()
    await market.start()
    market.price(NIFTY=24_985.15)
    # Five minutes before the close of 29 December 2025, in India.
    market.candles.candles = [Candle(1_767_001_800_000 + n * 300_000, 805.0, 807.0, 804.2, 806.1, 120) for n in (0, 1)]
    async with http_served(*market.api.endpoints(), rate=1.0 * 50) as world:
        yield world
    market.api.close()


def shape(value: Any) -> Any:
    """Keys and types; of a list that of its first element, numbers alike but for whole ones that must stay whole."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


# A price may be a whole number in a recording, and an interval in a list is told by its text.
LOOSE = {"intervals", "rate limited"}


def recorded(recordings: Path) -> list[dict[str, Any]]:
    lines = (recordings / "openalgo" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if entry["kind"] == "rest"]


async def test_every_recorded_exchange_has_our_statuses_keys_and_types(served: HttpServed, recordings: Path) -> None:
    entries = recorded(recordings)
    assert len(entries) >= 14
    for entry in entries:
        if entry["name"] in LOOSE:
            continue
        request = entry["request"]
        if str(request["apikey"]).startswith(RECORDED_KEY):
            request = request | {"apikey": GOOD_KEY}
        heard = await served.ask(entry["path"], entry["method"], json=request)
        assert heard.status == entry["http_status"], (entry["name"], heard.body)
        assert shape(json.loads(heard.body)) == shape(entry["response"]), entry["name"]
        if entry["http_status"] == 400:
            assert json.loads(heard.body) == entry["response"]


async def test_the_recorded_refusal_of_too_many_requests_is_ours(recordings: Path) -> None:
    (entry,) = [entry for entry in recorded(recordings) if entry["name"] == "rate limited"]
    async with http_served(rate=1.0, clock=lambda: 0.0) as world:
        await world.ask("/")
        heard = await world.ask("/")
    assert (heard.status, json.loads(heard.body)) == (entry["http_status"], entry["response"])


async def test_intervals_are_lists_under_the_recorded_names(served: HttpServed, recordings: Path) -> None:
    (entry,) = [entry for entry in recorded(recordings) if entry["name"] == "intervals"]
    heard = await served.ask(entry["path"], json={"apikey": GOOD_KEY})
    ours = json.loads(heard.body)["data"]
    assert list(ours) == list(entry["response"]["data"])
    assert all(isinstance(names, list) for names in ours.values())


async def test_the_order_of_a_chain_is_the_recorded_one(served: HttpServed, recordings: Path) -> None:
    (entry,) = [entry for entry in recorded(recordings) if entry["name"] == "optionchain"]
    heard = await served.ask(entry["path"], json=entry["request"] | {"apikey": GOOD_KEY})
    ours = json.loads(heard.body)
    assert list(ours) == list(entry["response"])
    assert list(ours["chain"][0]["ce"]) == list(entry["response"]["chain"][0]["ce"])
