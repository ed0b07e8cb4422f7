"""The waterfall of one tick: bars on one scale, and what cannot be known is said."""

from __future__ import annotations

from openalgo_desktop.presentation.tick_journey import Journey, JourneyBook, took


def test_bars_begin_with_the_earliest_moment() -> None:
    book = JourneyBook()
    assert book.stages() == []
    book.take(Journey(1_000.0, 1_040.0, 1_040.5, 1_041.0, 1_100.0))
    assert [(stage.begin_ms, stage.end_ms) for stage in book.stages()] == [(0, 40), (40, 40.5), (40, 41), (40, 100)]
    assert [stage.note for stage in book.stages()] == ["40 ms", "0.50 ms", "1.00 ms", "60 ms"]


def test_what_cannot_be_known_is_said() -> None:
    book = JourneyBook()
    book.take(Journey(None, 1_040.0, 1_041.0))
    stages = book.stages()
    assert [stage.note for stage in stages] == [
        "this source gives no exchange time",
        "1.00 ms",
        "no connected program holds it",
        "not in view",
    ]
    assert stages[0].begin_ms is stages[0].end_ms is None
    assert book.typical(stages[0].name) == ""


def test_an_exchange_ahead_of_our_clock_is_no_negative_bar_without_a_word() -> None:
    book = JourneyBook()
    book.take(Journey(1_100.0, 1_040.0, 1_041.0, None, 1_050.0))
    first = book.stages()[0]
    assert first.note == "−60 ms: the exchange's clock is ahead of ours"
    assert first.begin_ms == 60.0


def test_typical_times_are_percentiles() -> None:
    book = JourneyBook()
    for number in range(100):
        book.take(Journey(None, 0.0, number + 1.0))
    assert book.typical("received → in the window") == "p50 50 ms · p99 99 ms"


def test_durations_keep_two_digits_that_mean_something() -> None:
    assert [took(ms) for ms in (0.004, 9.949, 9.951, 999.4, 999.6, 61_000.0)] == [
        "0.00 ms",
        "9.95 ms",
        "10 ms",
        "999 ms",
        "1.0 s",
        "61.0 s",
    ]
