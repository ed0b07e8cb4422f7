"""What a benchmark says: one row per measured number, with the baseline that was measured in the same run."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured number.

    `ratio` is measured over baseline. `met` is None where the budget is not on this number. `facts` are counts that
    must hold on any machine, however slow: tests check those, and never the times.
    """

    benchmark: str
    what: str
    measured: float
    unit: str
    baseline: float | None = None
    baseline_what: str = ""
    budget: str = ""
    met: bool | None = None
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Measured over baseline, or None without one."""
        return self.measured / self.baseline if self.baseline else None


def table(rows: Sequence[Row]) -> str:
    """Return `rows` as a table for people."""
    head = ("benchmark", "what", "measured", "baseline in the same run", "ratio", "budget", "met")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]])


def markdown(rows: Sequence[Row]) -> str:
    """Return `rows` as a table for a document."""
    head = ("what", "measured", "baseline in the same run", "ratio", "budget", "met")
    lines = [head, tuple("---" for _ in head), *(_cells(row)[1:] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_json(rows: Sequence[Row], path: Path) -> None:
    """Write `rows` and the machine they were measured on."""
    machine = {
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else [],
    }
    found = {"machine": machine, "rows": [asdict(row) | {"ratio": row.ratio} for row in rows]}
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    baseline = f"{number(row.baseline)} {row.unit} ({row.baseline_what})" if row.baseline is not None else ""
    ratio = f"{number(row.ratio)}×" if row.ratio is not None else ""
    met = {None: "", True: "yes", False: "NO"}[row.met]
    return row.benchmark, row.what, f"{number(row.measured)} {row.unit}", baseline, ratio, row.budget, met


def number(value: float) -> str:
    """Return `value` with three digits that mean something."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
