"""Runs the application as it is, and says at the end how often its grid was painted, and how many ticks came in.

`python -m tests.benchmarks.painted_window ARGUMENTS …`; prints `painted COUNT` and `ticks COUNT` once it has ended.
"""

from __future__ import annotations

import sys
from typing import Any


def main() -> int:
    from openalgo_desktop import cli
    from openalgo_desktop.widgets.quote_grid import QuoteGrid
    from proxy.hub import Hub

    paint, publish = QuoteGrid.paintEvent, Hub.publish
    counts = {"painted": 0, "ticks": 0}

    def painted(grid: QuoteGrid, event: Any) -> None:
        paint(grid, event)
        counts["painted"] += 1

    def published(hub: Hub, ticks: Any) -> None:
        counts["ticks"] += len(ticks)
        publish(hub, ticks)

    QuoteGrid.paintEvent = painted  # type: ignore[method-assign]
    Hub.publish = published  # type: ignore[method-assign]
    status = cli.run(sys.argv[1:])
    for word, count in counts.items():
        sys.stdout.write(f"{word} {count}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
