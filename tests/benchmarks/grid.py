"""The market watch: what share of one core it takes, and how evenly, against a table with an item per cell."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.children import started
from tests.benchmarks.grid_process import IN_VIEW, ROWS, TICKS_PER_S, show
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile

_SHARE, _FRAME_MS, _STALL_MS = 8.0, 16.0, 100.0


def run(*, quick: bool) -> list[Row]:
    """Measure each in a process of its own, the same process with nothing to show subtracted; the best of rounds."""
    times = (0.1, 0.3) if quick else (2.0, 5.0)
    rounds = 1 if quick else 3
    found = {what: [_shown(what, *times) for _ in range(rounds)] for what in ("nothing", "ours", "peer")}
    idle = min(each["share"] for each in found["nothing"])
    ours, theirs = (min(found[what], key=lambda each: each["share"]) for what in ("ours", "peer"))
    load = f"{ROWS} rows, {IN_VIEW} in view, {TICKS_PER_S:,} ticks/s (best of {rounds})"
    facts = {"batches": ours["batches"], "frames": len(ours["frames"]), "peer_frames": len(theirs["frames"])}
    stall = min(each["stall_ms"] for each in found["ours"])
    return [
        Row(
            benchmark="grid",
            what=f"grid alone, share of one core, {load}",
            measured=max(ours["share"] - idle, 0.0),
            unit="%",
            baseline=theirs["share"] - idle,
            baseline_what="QTableWidget, an item per cell",
            budget=f"≤ {_SHARE:g} %",
            met=ours["share"] - idle <= _SHARE,
            facts=facts,
        ),
        *(_frame_row(percent, ours, theirs) for percent in (50, 99)),
        *(_lag_row(percent, limit_ms, ours) for percent, limit_ms in ((50, 60.0), (99, 120.0))),
        Row(
            benchmark="grid",
            what="grid, longest stall of the event loop",
            measured=stall,
            unit="ms",
            baseline=min(each["stall_ms"] for each in found["peer"]),
            baseline_what="QTableWidget",
            budget=f"≤ {_STALL_MS:g} ms",
            met=stall <= _STALL_MS,
            facts=facts,
        ),
    ]


def _frame_row(percent: int, ours: dict[str, Any], theirs: dict[str, Any]) -> Row:
    frame_ms = percentile(ours["frames"], percent)
    return Row(
        benchmark="grid",
        what=f"grid, time of a frame (texts and painting), p{percent}",
        measured=frame_ms,
        unit="ms",
        baseline=percentile(theirs["frames"], percent),
        baseline_what="QTableWidget, painting alone",
        budget=f"≤ {_FRAME_MS:g} ms" if percent == 99 else "",
        met=frame_ms <= _FRAME_MS if percent == 99 else None,
        facts={"frames": len(ours["frames"])},
    )


def _lag_row(percent: int, limit_ms: float, ours: dict[str, Any]) -> Row:
    lag_ms = percentile(ours["lags"], percent)
    return Row(
        benchmark="grid",
        what=f"tick → painted, at ten repaints a second, p{percent}",
        measured=lag_ms,
        unit="ms",
        budget=f"≤ {limit_ms:g} ms",
        met=lag_ms <= limit_ms,
        facts={"frames": len(ours["frames"])},
    )


def _shown(what: str, warm_s: float, seconds: float) -> dict[str, Any]:
    with started(show, what, warm_s, seconds) as child:
        found: dict[str, Any] = child.answer()
        return found
