"""Choices of sources: an instrument's wins over its list's, and both are there after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.router import FeedRouter
from services.settings import Settings
from services.source_choices import SETTING, SourceChoices, SourceView
from services.storage.database import open_storage
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN


class Bench:
    """A router of two feeds, and choices kept in a profile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.first, self.second = FakeFeed("first"), FakeFeed("second", symbols=["SBIN", "INFY"])
        self.router, self.choices = self.started()

    def started(self) -> tuple[FeedRouter, SourceChoices]:
        """Another start on the same profile."""
        router = FeedRouter((self.first, self.second), lambda _ticks: None)
        return router, SourceChoices(self.settings, router)

    def serving(self, key: InstrumentKey) -> str:
        return self.router.choose(key).name


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    storage = open_storage(tmp_path)
    yield Bench(Settings(storage))
    storage.close()


def test_without_a_choice_the_first_that_can_serves(bench: Bench) -> None:
    assert bench.serving(SBIN) == "first"
    assert bench.choices.candidates(SBIN) == bench.choices.names() == ["first", "second"]


def test_a_choice_is_applied_and_kept(bench: Bench) -> None:
    assert bench.choices.choose([SBIN], "second")[0]
    assert bench.serving(SBIN) == "second"
    assert bench.choices.of_instrument(SBIN) == "second"
    router, choices = bench.started()
    assert router.choose(SBIN).name == "second"
    assert choices.of_instrument(SBIN) == "second"
    choices.choose([SBIN], "")
    assert router.choose(SBIN).name == "first"
    assert bench.settings.text(SETTING) == ""


def test_the_choice_of_a_list_applies_to_what_it_holds(bench: Bench) -> None:
    bench.choices.choose_for_list(3, "second", [SBIN])
    assert (bench.serving(SBIN), bench.serving(INFY)) == ("second", "first")
    _, again = bench.started()
    assert again.of_list(3) == "second"
    # Another list that holds it too has no choice.
    bench.choices.show_list(4, [SBIN, INFY])
    assert (bench.serving(SBIN), bench.serving(INFY)) == ("first", "first")
    bench.choices.show_list(3, [SBIN, INFY])
    assert bench.serving(INFY) == "second"


def test_the_choice_of_an_instrument_wins_over_its_list(bench: Bench) -> None:
    bench.choices.choose([SBIN], "first")
    bench.choices.choose_for_list(3, "second", [SBIN])
    assert bench.serving(SBIN) == "first"
    bench.choices.choose([SBIN], "")
    assert bench.serving(SBIN) == "second"


def test_a_view_has_whose_price_it_is_and_a_second_one(bench: Bench) -> None:
    assert bench.choices.view(SBIN) == SourceView("")
    bench.router.want([Subscription(SBIN, Mode.QUOTE)])
    assert bench.choices.view(SBIN) == SourceView("first")
    bench.choices.compare([SBIN], "second")
    assert bench.choices.compared_with(SBIN) == "second"
    bench.router.sink_for(bench.second).publish([Tick(SBIN, 7.0, "second", 100.5)])
    assert bench.choices.view(SBIN) == SourceView("first", False, "second", 100.5, 7.0)
    bench.choices.compare([SBIN], "")
    assert bench.choices.view(SBIN) == SourceView("first")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"instruments": 3}', '{"instruments": {"NOWHERE:X": "second", "bad": "a"}}']
)
def test_what_cannot_be_read_is_no_choice(bench: Bench, text: str) -> None:
    bench.settings.set(SETTING, text)
    router, choices = bench.started()
    assert router.choose(SBIN).name == "first"
    assert choices.of_list(1) == ""
