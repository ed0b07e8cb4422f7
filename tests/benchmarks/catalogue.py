"""The benchmarks by name."""

from __future__ import annotations

from importlib import import_module

from tests.benchmarks.results import Row

BENCHMARKS = (
    "decoding",
    "broker_decoding",
    "json_decoding",
    "masters",
    "core",
    "simulated",
    "fanout",
    "scaling",
    "latency",
    "embedded",
    "wrong_keys",
    "overload",
    "long_list",
    "grid",
    "scrolling",
    "visuals",
    "books",
    "window",
    "start",
    "search",
)


def measure(name: str, *, quick: bool) -> list[Row]:
    """Run the benchmark `name`; `quick` only proves that it runs."""
    rows: list[Row] = import_module(f"tests.benchmarks.{name}").run(quick=quick)
    return rows
