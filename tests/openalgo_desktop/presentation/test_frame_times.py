"""A frame is its writing and the painting that follows, and ends where the next one begins."""

from __future__ import annotations

from openalgo_desktop.presentation.frame_times import FrameSummary, FrameTimes


def test_painting_belongs_to_the_frame_before_it() -> None:
    times = FrameTimes()
    times.painted(500.0)
    times.worked(1.0)
    times.painted(2.0)
    times.painted(0.5)
    times.worked(10.0)
    assert times.take() == FrameSummary(1, 3.5, 3.5, 3.5)
    times.painted(5.0)
    times.worked(1.0)
    assert times.take() == FrameSummary(1, 15.0, 15.0, 15.0)


def test_without_a_frame_everything_is_nothing() -> None:
    times = FrameTimes()
    times.worked(1.0)
    assert times.take() == FrameSummary(0, 0.0, 0.0, 0.0)


def test_percentiles_of_many_frames() -> None:
    times = FrameTimes()
    for number in range(101):
        times.worked(float(number))
    found = times.take()
    assert (found.frames, found.p50_ms, found.p99_ms, found.longest_ms) == (100, 49.0, 98.0, 99.0)
