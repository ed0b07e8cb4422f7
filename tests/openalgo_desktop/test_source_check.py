"""Trying a source: a real connection, a price, or a sentence."""

from __future__ import annotations

from datetime import date

from adapters.broker_factory import FeedSettings
from market.sessions import SessionCalendar
from openalgo_desktop.source_check import check_source
from tests.doubles.toy_binance import ToyBinance


def settings(**endpoints: str) -> FeedSettings:
    return FeedSettings(
        calendar=SessionCalendar(forced_open=True),
        today=date(2026, 1, 5),
        endpoints={f"binance.{name}": url for name, url in endpoints.items()},
    )


async def test_demonstration_is_well() -> None:
    assert await check_source("simulated", settings()) == ""


async def test_source_that_does_not_exist_is_said() -> None:
    assert "Unknown feed 'nosuch'" in await check_source("nosuch", settings())
    assert "is not a rate" in await check_source("simulated=fast", settings())


async def test_source_that_is_not_there_is_said_in_a_sentence() -> None:
    toy = ToyBinance()
    await toy.start(0)
    endpoints = toy.endpoints()
    await toy.stop()
    said = await check_source("binance", settings(**endpoints), patience_s=1.0)
    assert said.startswith("binance gave no prices within 1 seconds: ")
    assert "Traceback" not in said
