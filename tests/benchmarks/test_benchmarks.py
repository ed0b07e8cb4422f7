"""That every benchmark still runs and counts what it should. Nothing here depends on how fast anything is."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.benchmarks.catalogue import BENCHMARKS, measure
from tests.benchmarks.results import Row, markdown, number, table, write_json
from tests.benchmarks.timing import percentile


@pytest.mark.parametrize("name", BENCHMARKS)
def test_benchmark_runs_and_nothing_is_lost(name: str) -> None:
    rows = measure(name, quick=True)
    assert rows
    for row in rows:
        assert row.benchmark == name
        assert math.isfinite(row.measured), row
        assert row.baseline is None or row.baseline > 0, row
        assert bool(row.budget) == (row.met is not None), row
        assert row.facts.get("delivered") == row.facts.get("expected"), row
        assert row.facts.get("finals") == row.facts.get("finals_of_stuck") == row.facts.get("expected_finals"), row
        assert all(value > 0 for value in row.facts.values()), row


ROW = Row(
    benchmark="b",
    what="w",
    measured=12_345.6,
    unit="/s",
    baseline=1000.0,
    baseline_what="peer",
    budget="≥ 12",
    met=True,
)


def test_a_row_is_readable_as_text_markdown_and_json(tmp_path: Path) -> None:
    head, _, line = table([ROW]).splitlines()
    assert head.split()[:2] == ["benchmark", "what"]
    assert "12,346 /s  1,000 /s (peer)" in line
    assert markdown([ROW]).splitlines()[2] == "| w | 12,346 /s | 1,000 /s (peer) | 12.3× | ≥ 12 | yes |"
    write_json([ROW], tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["rows"][0]["ratio"] == pytest.approx(12.3456)
    assert found["machine"]["cores"] > 0


def test_numbers_have_three_digits_that_mean_something() -> None:
    assert [number(value) for value in (1234.5, 123.4, 12.34, 0.01234)] == ["1,234", "123", "12.3", "0.0123"]


def test_percentile_at_its_boundaries() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([1.0], 99) == percentile([1.0], 0) == 1.0
    assert math.isnan(percentile([], 50))
