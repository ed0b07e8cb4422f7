"""The watchdog: silence of any kind is judged by its length alone."""

from __future__ import annotations

import pytest

from adapters.watchdog import Verdict, Watchdog


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (100.0, Verdict.ALIVE),
        (124.9, Verdict.ALIVE),
        (125.0, Verdict.MUTE),
        (139.9, Verdict.MUTE),
        (140.0, Verdict.DEAD),
    ],
)
def test_verdict_follows_the_length_of_the_silence(now: float, verdict: Verdict) -> None:
    assert Watchdog(25.0, 40.0, 100.0).verdict(now) is verdict


def test_any_frame_ends_the_silence() -> None:
    watchdog = Watchdog(25.0, 40.0, 0.0)
    assert watchdog.verdict(30.0) is Verdict.MUTE
    watchdog.heard(30.0)
    assert watchdog.verdict(54.0) is Verdict.ALIVE
    assert watchdog.silence(54.0) == 24.0


@pytest.mark.parametrize("times", [(0.0, 1.0), (2.0, 2.0), (3.0, 2.0)])
def test_times_out_of_order_are_refused(times: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="mute before it is dead"):
        Watchdog(*times, 0.0)
