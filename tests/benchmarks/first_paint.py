"""Runs the application as it is and says when its grid is first painted, and first painted with a price that moved.

`python -m tests.benchmarks.first_paint ARGUMENTS …`; prints `visible TIME` and `moving TIME`, times in seconds since
1970, then ends the application as a user would.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any


def main() -> int:
    from openalgo_desktop import cli
    from openalgo_desktop.widgets.quote_grid import QuoteGrid

    original = QuoteGrid.paintEvent
    seen: dict[Any, str] = {}
    said: set[str] = set()

    def say(word: str) -> None:
        if word not in said:
            said.add(word)
            sys.stdout.write(f"{word} {time.time()}\n")
            sys.stdout.flush()

    def painted(grid: QuoteGrid, event: Any) -> None:
        original(grid, event)
        say("visible")
        first, last = grid.visible_rows()
        for row in grid.board.rows[first:last]:
            if row.tick is None or row.tick.ltp is None:
                continue
            text = "|".join(row.texts)
            if seen.setdefault(row.key, text) != text and "moving" not in said:
                say("moving")
                os.kill(os.getpid(), signal.SIGTERM)

    QuoteGrid.paintEvent = painted  # type: ignore[method-assign]
    return cli.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
