"""The book keeper: fetches what the books want, tries again after failures, and leaves no task behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from adapters.binance.books import BookKeeper
from adapters.binance.events import DepthDiff, PartialDepth
from market.errors import FeedUnavailableError
from market.ticks import Depth, Level
from tests.doubles.waiting import until


class Bench:
    """A keeper whose snapshots come from a list: a number is an update id, None a failure."""

    def __init__(self) -> None:
        self.answers: list[int | None] = []
        self.fetched: list[str] = []
        self.published: list[tuple[str, Depth]] = []
        self.counters: Counter[str] = Counter()
        self.hold = asyncio.Event()
        self.hold.set()
        self.keeper = BookKeeper(
            self._fetch,
            lambda symbol, depth: self.published.append((symbol, depth)),
            self.counters,
            levels=5,
            retry_s=0.01,
        )

    async def _fetch(self, symbol: str) -> PartialDepth:
        self.fetched.append(symbol)
        await self.hold.wait()
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            raise FeedUnavailableError("no network")
        return PartialDepth(answer, [(100.0, 1.0)], [(101.0, 1.0)], symbol)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.keeper.close()
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("book-")] == []


def diff(first_id: int, last_id: int, price: float, symbol: str = "AB") -> DepthDiff:
    return DepthDiff(symbol, 0, first_id, last_id, [(price, 2.0)], [])


async def test_book_is_published_once_it_is_in_sync(bench: Bench) -> None:
    bench.answers = [10]
    bench.keeper.open("AB")
    bench.keeper.open("AB")
    await until(lambda: bench.published)
    assert bench.published == [("AB", Depth((Level(100.0, 1.0),), (Level(101.0, 1.0),)))]
    assert bench.fetched == ["AB"]


async def test_changes_during_the_fetch_are_applied(bench: Bench) -> None:
    bench.answers = [10]
    bench.hold.clear()
    bench.keeper.change(diff(9, 12, 100.5))
    await until(lambda: bench.fetched)
    assert bench.published == []
    bench.hold.set()
    await until(lambda: bench.published)
    assert bench.published[0][1].buy == (Level(100.5, 2.0), Level(100.0, 1.0))


async def test_failures_and_old_snapshots_are_tried_again(bench: Bench) -> None:
    bench.answers = [None, 3, 10]
    bench.keeper.change(diff(9, 12, 100.5))
    await until(lambda: bench.published)
    assert bench.counters == {"book_snapshot_failures": 1, "book_snapshots": 2}


async def test_gap_is_counted_and_mended(bench: Bench) -> None:
    bench.answers = [10, 30]
    bench.keeper.open("AB")
    await until(lambda: bench.published)
    bench.keeper.change(diff(20, 21, 100.5))
    assert bench.counters["book_gaps"] == 1
    await until(lambda: len(bench.published) == 2)
    assert bench.published[1][1].buy == (Level(100.0, 1.0),)


async def test_dropped_book_is_fetched_no_more(bench: Bench) -> None:
    bench.answers = [10]
    bench.hold.clear()
    bench.keeper.open("AB")
    await until(lambda: bench.fetched)
    bench.keeper.drop("AB")
    bench.hold.set()
    await asyncio.sleep(0.02)
    assert bench.published == []
    assert bench.keeper.book("AB") is None


async def test_book_dropped_and_opened_again_during_a_fetch_gets_its_own_snapshot(bench: Bench) -> None:
    bench.answers = [10]
    bench.hold.clear()
    bench.keeper.open("AB")
    await until(lambda: bench.fetched)
    bench.keeper.drop("AB")
    bench.keeper.open("AB")
    bench.hold.set()
    await until(lambda: bench.published)
    book = bench.keeper.book("AB")
    assert book is not None
    assert book.in_sync
    assert bench.fetched == ["AB", "AB"]
