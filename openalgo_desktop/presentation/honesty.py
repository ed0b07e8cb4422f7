"""The honesty bar: what comes in against what is shown, in one line of true numbers."""

from __future__ import annotations

from openalgo_desktop.presentation.feed_lines import Fact, rate
from openalgo_desktop.presentation.shown_account import Shown

NAME = "honesty"


def honesty(per_second: float, rate_hz: float, shown: Shown, dropped: int) -> Fact:
    """Return the fact for `per_second` ticks from all feeds and `rate_hz` repaints a second."""
    first = f"in {rate(per_second)}/s → shown {round(rate_hz)} Hz"
    parts = [first, f"conflated {percent(shown.conflated)}", f"dropped {dropped:,}"]
    if shown.lag_p50_ms is not None and shown.lag_p99_ms is not None:
        parts.append(f"lag p50 {shown.lag_p50_ms:.0f} ms p99 {shown.lag_p99_ms:.0f} ms")
    return Fact(" · ".join(parts), first, explain(shown, dropped), NAME)


def percent(share: float) -> str:
    """Return a share as whole percent that says 100 % and 0 % only where it is so."""
    if 0.0 < share < 1.0:
        return f"{min(max(round(share * 100), 1), 99)} %"
    return f"{share * 100:.0f} %"


def explain(shown: Shown, dropped: int) -> str:
    """Return the sentences behind the numbers."""
    return "\n".join(
        (
            "in: ticks from all feeds in the last second; shown: repaints of numbers a second",
            f"conflated: of {shown.taken:,} ticks for rows in view, {shown.shown:,} were painted; the others were "
            "replaced by a newer one first. High, low and volume miss none of them",
            f"dropped: {dropped:,} messages since the start could not be read or handed on",
            "lag: from receipt to the end of painting, of the oldest tick that a repaint shows",
            "Click for the way of the selected row's last tick",
        )
    )
