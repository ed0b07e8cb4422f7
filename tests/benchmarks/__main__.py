"""Measure: `python -m tests.benchmarks [NAME …] [--quick] [--json FILE] [--markdown]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.catalogue import BENCHMARKS, measure
from tests.benchmarks.results import Row, markdown, table, write_json


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="short: to see that each runs, not how fast")
    parser.add_argument("--json", type=Path, default=Path("bench-result.json"), help="where the numbers go")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    for name in options.names or BENCHMARKS:
        sys.stderr.write(f"{name} …\n")
        rows += measure(name, quick=options.quick)
    write_json(rows, options.json)
    sys.stdout.write(f"{markdown(rows) if options.markdown else table(rows)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
