"""A simulated market at a moment that the test moves by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import resources
from adapters.simulated.feed import SimulatedFeed
from adapters.simulated.listing import Listing
from adapters.simulated.simulation import Simulation
from adapters.simulated.universe import build_listings
from market.exchanges import Exchange
from market.holidays import Holiday, parse_holidays
from market.instruments import InstrumentKey
from market.sessions import SessionCalendar

IST = timezone(timedelta(hours=5, minutes=30))
MONDAY = date(2026, 11, 23)


def ist(text: str) -> float:
    """The time in ms since 1970 UTC at which clocks in India show `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000.0


def key(text: str) -> InstrumentKey:
    """The key written as `NSE:INFY`."""
    exchange, _, symbol = text.partition(":")
    return InstrumentKey(Exchange(exchange), symbol)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_ms: float) -> None:
        self.now_ms = now_ms

    def __call__(self) -> float:
        return self.now_ms

    def move(self, ms: float) -> None:
        self.now_ms += ms


@pytest.fixture(scope="session")
def holidays() -> tuple[Holiday, ...]:
    text = Path(resources.__file__).with_name("holidays.json").read_text(encoding="utf-8")
    return parse_holidays(json.loads(text))


@pytest.fixture(scope="session")
def listings(holidays: tuple[Holiday, ...]) -> dict[InstrumentKey, Listing]:
    return {each.instrument.key: each for each in build_listings(MONDAY, SessionCalendar(holidays))}


@pytest.fixture
def calendar(holidays: tuple[Holiday, ...]) -> SessionCalendar:
    return SessionCalendar(holidays)


@pytest.fixture
def clock() -> Clock:
    return Clock(ist("2026-11-23 11:00"))


@pytest.fixture
def new_simulation(listings: dict[InstrumentKey, Listing], calendar: SessionCalendar) -> Callable[..., Simulation]:
    def make(*, seed: int = 1, rate: float | None = None) -> Simulation:
        return Simulation(listings.values(), calendar, "simulated", seed, rate)

    return make


@pytest.fixture
def feed(calendar: SessionCalendar, clock: Clock) -> SimulatedFeed:
    return SimulatedFeed(calendar=calendar, today=MONDAY, clock=clock)
