"""What of the status strip is shown in how much room: the least useful goes first, state words never."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from openalgo_desktop.presentation.feed_lines import Fact, FeedChip

GAP = 14
_DOT, _WORD_GAP, _FACTS_GAP = 14, 6, 8
_TROUBLE_ROOM = 220
Width = Callable[[str], float]


class Fitted(NamedTuple):
    """The text of each chip's facts and of each fact; empty for what found no room."""

    chips: tuple[str, ...]
    facts: tuple[str, ...]


def fit(
    room: float, chips: Sequence[FeedChip], facts: Sequence[Fact], trouble: str | None, plain: Width, strong: Width
) -> Fitted:
    """Return what fits into `room` logical pixels; `plain` and `strong` measure texts in those fonts.

    What goes first are the last facts of chips, then the long forms of facts, then facts. A sentence about trouble
    keeps some room for itself.
    """
    trouble_room = min(strong(f"⚠ {trouble}"), _TROUBLE_ROOM) + GAP if trouble else 0.0
    names = sum(_DOT + strong(chip.name) + _WORD_GAP + plain(chip.word) + GAP for chip in chips)
    room -= names + trouble_room
    most = max((len(chip.facts) for chip in chips), default=0)
    choice = Fitted(("",) * len(chips), ("",) * len(facts))
    for texts in _forms(facts):
        for count in range(most, -1, -1):
            choice = Fitted(tuple(" · ".join(chip.facts[:count]) for chip in chips), texts)
            if _width(choice, plain) <= room:
                return choice
    return choice


def _forms(facts: Sequence[Fact]) -> list[tuple[str, ...]]:
    """Facts in full, then in their short forms, then fewer of those, the last one gone first."""
    brief = [fact.short or fact.text for fact in facts]
    fewer = [(*brief[:count], *("" for _ in facts[count:])) for count in range(len(facts), -1, -1)]
    return [tuple(fact.text for fact in facts), *fewer]


def _width(fitted: Fitted, plain: Width) -> float:
    chips = sum(_FACTS_GAP + plain(text) for text in fitted.chips if text)
    return chips + sum(GAP + plain(text) for text in fitted.facts if text)
