"""What gives way where room is short: facts of chips, long forms, facts; never a state word."""

from __future__ import annotations

from openalgo_desktop.presentation.feed_lines import Fact, FeedChip, Tone
from openalgo_desktop.presentation.strip_layout import Fitted, fit

CHIP = FeedChip("binance", "live", ("17 symbols", "196/s", "now"), Tone.GOOD, "")
FACTS = (Fact("in 196/s → shown 10 Hz · dropped 0", "in 196/s", "", "honesty"), Fact("ws://127.0.0.1:8765", "", ""))


def fitted(room: float, trouble: str | None = None) -> Fitted:
    return fit(room, [CHIP], FACTS, trouble, lambda text: 6.0 * len(text), lambda text: 6.0 * len(text))


def test_with_room_everything_is_shown() -> None:
    assert fitted(1000) == (("17 symbols · 196/s · now",), tuple(fact.text for fact in FACTS))


def test_less_and_less_is_shown_in_order() -> None:
    stages = list(dict.fromkeys(fitted(room) for room in range(1000, 0, -4)))
    facts = [stage.chips[0].count("·") + bool(stage.chips[0]) for stage in stages]
    assert facts[:4] == [3, 2, 1, 0]
    assert stages[4].facts == ("in 196/s", "ws://127.0.0.1:8765")
    assert stages[-1] == (("",), ("", ""))


def test_trouble_keeps_room_for_itself() -> None:
    assert fitted(560) != fitted(560, "the key was refused")
