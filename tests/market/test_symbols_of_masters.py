"""Every contract of six real broker masters, mapped to the symbol standard, formatted, parsed and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from market.symbols import format_symbol, parse_symbol
from tests.doubles.master_rows import Row, angel, dhan, fyers, shoonya, upstox, zerodha

pytestmark = pytest.mark.recorded


@pytest.mark.parametrize(
    ("master", "least_mapped", "most_unmapped"),
    [
        (angel, 120_000, 6_500),
        (upstox, 110_000, 14_000),
        (zerodha, 43_000, 6_500),
        (dhan, 9_000, 14_000),
        (fyers, 2_500, 6_000),
        (shoonya, 3_000, 6_500),
    ],
)
def test_every_symbol_of_a_master_round_trips(
    recordings: Path, master: Callable[[Path], Iterator[Row]], least_mapped: int, most_unmapped: int
) -> None:
    mapped: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for row in master(recordings):
        if isinstance(row, str):
            unmapped[row] += 1
            continue
        parts, written, _ = row
        symbol = format_symbol(parts)
        assert parse_symbol(parts.exchange, symbol) == parts
        assert written is None or symbol == written
        mapped[f"{parts.exchange} {parts.kind}"] += 1
    print(master.__name__, mapped.total(), dict(mapped), unmapped.total(), unmapped.most_common(12))  # noqa: T201
    assert mapped.total() >= least_mapped
    assert unmapped.total() <= most_unmapped
