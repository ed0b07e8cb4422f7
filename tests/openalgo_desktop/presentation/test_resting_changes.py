"""Pulling and stacking: what rests at a price against five seconds ago."""

from __future__ import annotations

from openalgo_desktop.presentation.ladder_rows import Rung
from openalgo_desktop.presentation.resting_changes import WINDOW_MS, RestingChanges

THEN = {10: Rung(100, 2), 9: Rung(50, 1), 7: Rung(10, 1)}
NOW = {10: Rung(130, 3), 8: Rung(5, 1), 7: Rung(10, 1), 6: Rung(99, 1)}


def test_changes_are_against_the_beginning_of_the_window() -> None:
    changes = RestingChanges()
    assert changes.change(10, NOW) is None
    changes.watch(THEN, 0.0)
    assert [changes.change(row, NOW) for row in (10, 9, 8, 7)] == [30, -50, 5, 0]


def test_rows_that_were_out_of_sight_are_not_compared() -> None:
    changes = RestingChanges()
    changes.watch(THEN, 0.0)
    assert changes.change(6, NOW) is None
    assert changes.change(11, NOW) is None


def test_the_window_moves_on() -> None:
    changes = RestingChanges()
    changes.watch(THEN, 0.0)
    changes.watch(NOW, 600.0)
    changes.watch(NOW, 599.0 + WINDOW_MS)
    assert changes.change(10, NOW) == 30
    changes.watch(NOW, 600.0 + WINDOW_MS)
    assert changes.change(10, NOW) == 0
