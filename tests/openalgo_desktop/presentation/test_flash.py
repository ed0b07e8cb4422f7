"""A flash is full for 120 ms, gone at 450 ms, and rests a quarter second."""

from __future__ import annotations

from openalgo_desktop.presentation import flash


def test_strength_over_its_life() -> None:
    assert [flash.strength(ms) for ms in (0.0, 120.0, 450.0, 10_000.0)] == [flash.STEPS, flash.STEPS, 0, 0]
    fading = [flash.strength(float(ms)) for ms in range(121, 450)]
    assert fading == sorted(fading, reverse=True)
    assert fading[-1] == 1


def test_may_start_after_its_rest() -> None:
    assert not flash.may_start(249.9)
    assert flash.may_start(250.0)
