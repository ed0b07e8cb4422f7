"""Windows come back to a screen that is there."""

from __future__ import annotations

from openalgo_desktop.presentation.window_places import clamped

ONE, TWO = (0, 0, 1920, 1040), (1920, 0, 2560, 1400)


def test_window_that_can_be_seen_stays() -> None:
    assert clamped((100, 100, 1400, 860), [ONE, TWO]) == (100, 100, 1400, 860)
    assert clamped((2000, 100, 1400, 860), [ONE, TWO]) == (2000, 100, 1400, 860)


def test_window_of_a_screen_that_is_gone_comes_back_whole() -> None:
    assert clamped((2000, 100, 1400, 860), [ONE]) == (520, 100, 1400, 860)
    assert clamped((50_000, 50_000, 1400, 860), [ONE]) == (520, 180, 1400, 860)
    assert clamped((-500, -300, 1400, 860), [ONE]) == (0, 0, 1400, 860)


def test_window_larger_than_the_screen_is_made_smaller() -> None:
    assert clamped((2000, 100, 2500, 1390), [ONE]) == (0, 0, 1920, 1040)


def test_screen_that_shows_most_of_it_wins() -> None:
    assert clamped((1900, 10, 600, 400), [ONE, TWO]) == (1920, 10, 600, 400)


def test_no_screen_changes_nothing() -> None:
    assert clamped((1, 2, 3, 4), []) == (1, 2, 3, 4)
