"""The book: snapshot and changes meet without a gap, whatever the order they arrive in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance import book as book_module
from adapters.binance.book import Book, Step
from adapters.binance.events import DepthDiff, Levels, PartialDepth
from market.ticks import Depth, Level


def diff(first_id: int, last_id: int, bids: Levels | None = None, asks: Levels | None = None) -> DepthDiff:
    return DepthDiff("BTCUSDT", 1000 + last_id, first_id, last_id, bids or [], asks or [])


def snapshot(last_id: int, bids: Levels | None = None, asks: Levels | None = None) -> PartialDepth:
    return PartialDepth(last_id, bids or [(100.0, 1.0), (99.0, 2.0)], asks or [(101.0, 1.5), (102.0, 2.5)])


def test_snapshot_makes_a_book_best_level_first() -> None:
    book = Book()
    assert book.wants_snapshot
    assert book.take_snapshot(snapshot(10))
    assert not book.wants_snapshot
    assert book.depth() == Depth(
        (Level(100.0, 1.0), Level(99.0, 2.0)), (Level(101.0, 1.5), Level(102.0, 2.5)), timestamp=None
    )


def test_changes_before_the_snapshot_are_buffered_and_the_old_ones_dropped() -> None:
    book = Book()
    assert book.change(diff(7, 9, bids=[(50.0, 9.0)])) is Step.BUFFERED
    assert book.change(diff(10, 12, bids=[(100.0, 3.0)])) is Step.BUFFERED
    assert book.take_snapshot(snapshot(10))
    assert book.last_id == 12
    assert book.depth().buy == (Level(100.0, 3.0), Level(99.0, 2.0))
    assert book.depth().timestamp == 1012


def test_changes_set_add_and_delete_levels() -> None:
    book = Book()
    book.take_snapshot(snapshot(10))
    changes = diff(11, 11, bids=[(100.0, 0.0), (99.5, 4.0), (1.0, 0.0)], asks=[(101.0, 7.0)])
    assert book.change(changes) is Step.APPLIED
    assert book.depth().buy == (Level(99.5, 4.0), Level(99.0, 2.0))
    assert book.depth().sell[0] == Level(101.0, 7.0)


def test_gap_empties_the_book_and_starts_buffering() -> None:
    book = Book()
    book.take_snapshot(snapshot(10))
    assert book.change(diff(12, 13, bids=[(100.0, 8.0)])) is Step.GAP
    assert not book.in_sync
    assert book.wants_snapshot
    assert book.depth() == Depth((), ())
    assert book.take_snapshot(snapshot(12))
    assert book.depth().buy[0] == Level(100.0, 8.0)


def test_repeated_and_overlapping_changes_do_no_harm() -> None:
    book = Book()
    book.take_snapshot(snapshot(10))
    assert book.change(diff(8, 10, bids=[(100.0, 5.0)])) is Step.IGNORED
    assert book.change(diff(10, 11, bids=[(100.0, 6.0)])) is Step.APPLIED
    assert book.depth().buy[0] == Level(100.0, 6.0)


def test_snapshot_older_than_the_first_change_is_refused() -> None:
    book = Book()
    book.change(diff(20, 21))
    assert not book.take_snapshot(snapshot(18))
    assert not book.in_sync
    assert book.take_snapshot(snapshot(19))  # exactly adjoining


def test_gap_among_the_buffered_changes_is_found() -> None:
    book = Book()
    book.change(diff(10, 11))
    book.change(diff(13, 14, bids=[(100.0, 4.0)]))
    assert not book.take_snapshot(snapshot(10))
    assert book.wants_snapshot
    assert book.take_snapshot(snapshot(13))
    assert book.depth().buy[0] == Level(100.0, 4.0)


def test_buffer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "MOST_BUFFERED", 3)
    book = Book()
    for number in range(1, 9):
        book.change(diff(number, number))
    assert not book.take_snapshot(snapshot(3))
    assert book.take_snapshot(snapshot(5))
    assert book.last_id == 8


def test_only_the_wanted_levels_are_shown() -> None:
    book = Book(levels=3)
    book.take_snapshot(snapshot(1, [(100.0 - n, 1.0) for n in range(9)], [(101.0 + n, 1.0) for n in range(9)]))
    assert [level.price for level in book.depth().buy] == [100.0, 99.0, 98.0]
    assert [level.price for level in book.depth().sell] == [101.0, 102.0, 103.0]


def test_book_that_runs_out_of_known_levels_wants_a_snapshot_and_goes_on_meanwhile() -> None:
    book = Book(levels=2, snapshot_levels=4)
    book.take_snapshot(snapshot(1, [(100.0 - n, 1.0) for n in range(4)], [(101.0 + n, 1.0) for n in range(4)]))
    assert book.change(diff(2, 2, asks=[(101.0, 0.0)])) is Step.APPLIED
    assert not book.wants_snapshot
    assert book.change(diff(3, 3, asks=[(102.0, 0.0)])) is Step.APPLIED  # the second best is the last one known
    assert book.wants_snapshot
    assert book.in_sync
    assert book.change(diff(4, 4, asks=[(103.5, 6.0)])) is Step.APPLIED
    assert book.depth().sell == (Level(103.0, 1.0), Level(103.5, 6.0))
    assert not book.take_snapshot(snapshot(2))  # older than what is known, and the buffer does not reach back
    assert book.take_snapshot(snapshot(3, [(99.0, 1.0)], [(103.0, 1.0), (105.0, 2.0)]))
    assert book.depth().sell == (Level(103.0, 1.0), Level(103.5, 6.0))
    assert not book.wants_snapshot


@given(st.integers(0, 2**32), st.integers(0, 30), st.integers(0, 30))
def test_book_equals_a_plain_dictionary(seed: int, snapshot_at: int, taken_at: int) -> None:
    chance = random.Random(seed)
    truth: dict[str, dict[float, float]] = {"bids": {}, "asks": {}}
    book, taken = Book(levels=5), snapshot(0, [(1.0, 1.0)], [(2.0, 1.0)])
    truth = {"bids": {1.0: 1.0}, "asks": {2.0: 1.0}}
    snapshot_at, taken_at = min(snapshot_at, taken_at), max(snapshot_at, taken_at)
    last_id = 0
    for number in range(31):
        first, last_id = last_id + 1, last_id + chance.randint(1, 3)
        changes = [(float(chance.randint(1, 12)), float(chance.randint(0, 3))) for _ in range(chance.randint(0, 4))]
        side = chance.choice(["bids", "asks"])
        for price, quantity in changes:
            truth[side].pop(price, None)
            truth[side] |= {price: quantity} if quantity else {}
        book.change(diff(first, last_id, **{side: changes}))
        if number == snapshot_at:
            taken = snapshot(last_id)
            taken.bids, taken.asks = list(truth["bids"].items()), list(truth["asks"].items())
        if number == taken_at:
            assert book.take_snapshot(taken)
    assert book.depth().buy == tuple(Level(*level) for level in sorted(truth["bids"].items(), reverse=True)[:5])
    assert book.depth().sell == tuple(Level(*level) for level in sorted(truth["asks"].items())[:5])
    assert book.last_id == last_id
