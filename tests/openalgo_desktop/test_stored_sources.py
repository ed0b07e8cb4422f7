"""Which sources of prices are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.errors import InvalidRequestError
from openalgo_desktop.failures import UsageError
from openalgo_desktop.options import Arguments, resolve
from openalgo_desktop.stored_sources import parse_sources, with_stored_sources


def names(text: str, **typed: object) -> tuple[list[str], tuple[str, ...]]:
    options = resolve(Arguments(profile="p", **typed), {})  # type: ignore[arg-type]
    options, said = with_stored_sources(options, text)
    return [spec.name for spec in options.feeds], said


def test_stored_sources_are_used_where_nothing_is_said() -> None:
    assert names("binance simulated") == (["binance", "simulated"], ())
    assert names("  ") == (["simulated"], ())


def test_the_command_line_wins(tmp_path: Path) -> None:
    assert names("binance", feeds=["zmq"]) == (["zmq"], ())


def test_safe_start_takes_the_demonstration() -> None:
    assert names("binance", safe=True) == (["simulated"], ())
    with pytest.raises(UsageError, match="leave out --feed"):
        names("", safe=True, feeds=["binance"])


def test_sources_that_do_not_exist_are_said_and_the_demonstration_runs() -> None:
    feeds, (said,) = names("binance nosuch")
    assert feeds == ["simulated"]
    assert "Unknown feed 'nosuch'" in said


def test_a_source_twice_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="twice"):
        parse_sources("zmq zmq=tcp://127.0.0.1:1")
