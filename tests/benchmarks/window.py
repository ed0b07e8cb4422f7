"""The whole window, started as a user starts it, with everything on: measured inside, by `--stats`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.children import started
from tests.benchmarks.grid_process import show
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.window_process import TICKS_PER_S, instruments
from tests.doubles.application import ROOT, environment

_SHARE, _FRAME_MS, _STALL_MS = 35.0, 16.0, 100.0


def run(*, quick: bool) -> list[Row]:
    """Let it run for a while and take what it says of itself, the first seconds left out; the best of rounds."""
    seconds, rounds, warm = (4, 1, 0) if quick else (14, 2, 4)
    found = [_said(seconds)[warm:] for _ in range(rounds)]
    with started(show, "peer", 0.2 if quick else 2.0, 0.3 if quick else 5.0) as child:
        peer = child.answer()
    best = min(found, key=lambda lines: median(line["cpu_pct"] for line in lines))
    load = f"{len(instruments())}-row list, ladder, chart, {TICKS_PER_S:,} ticks/s, the feed included"
    facts = {"lines": len(best), "ticks": sum(line["ticks_in"] for line in best), "frames": best[-1]["frames"]}
    share = median(line["cpu_pct"] for line in best)
    # A second has ten frames: where nine seconds in ten stay below, 99 frames in a hundred do.
    frame_ms = percentile([line["frame_p99_ms"] for line in best], 90)
    stall_ms = max(line["longest_stall_ms"] for line in best)
    peers = {
        "%": (peer["share"], "QTableWidget alone, an item per cell"),
        "frame": (max(peer["frames"]), "QTableWidget, painting alone"),
        "stall": (max(peer["stall_ms"], 0.001), "QTableWidget"),
    }
    return [
        Row(
            benchmark="window",
            what=f"whole window, {what}",
            measured=measured,
            unit=unit,
            baseline=peers[key][0],
            baseline_what=peers[key][1],
            budget=f"≤ {limit:g} {unit}",
            met=measured <= limit,
            facts=facts,
        )
        for what, key, measured, unit, limit in (
            (f"share of one core, {load} (best of {rounds})", "%", share, "%", _SHARE),
            ("time of a frame (writing and painting), p99", "frame", frame_ms, "ms", _FRAME_MS),
            ("longest stall of the event loop", "stall", stall_ms, "ms", _STALL_MS),
        )
    ]


def _said(seconds: int) -> list[dict[str, float]]:
    """The lines of statistics of `seconds` with the application, its start included."""
    with TemporaryDirectory() as folder:
        stats = Path(folder) / "stats.jsonl"
        line = [sys.executable, "-m", "tests.benchmarks.window_process", f"{folder}/new", str(stats), str(seconds)]
        subprocess.run(
            line,
            env=environment(QT_QPA_PLATFORM="offscreen"),
            cwd=ROOT,
            check=True,
            timeout=seconds + 60,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return [json.loads(text) for text in stats.read_text(encoding="utf-8").splitlines()]
