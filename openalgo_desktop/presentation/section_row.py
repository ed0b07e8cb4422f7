"""The title of a section as a row of the market watch: how many instruments it has, and how they do on average."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.list_lines import SectionKey
from openalgo_desktop.presentation.quote_row import QuoteRow

AVERAGE_EVERY_MS = 1_000.0


class SectionRow:
    """One title. `average` is the mean of the changes in percent of its `members` that are known, shown or folded."""

    __slots__ = ("average", "changed_cells", "collapsed", "flushed_in", "key", "members", "name", "next_ms", "text")

    def __init__(self, key: SectionKey) -> None:
        self.key = key
        self.name = ""
        self.collapsed = False
        self.members: list[QuoteRow] = []
        self.average: float | None = None
        self.text = ""
        self.next_ms = 0.0
        self.flushed_in = -1
        self.changed_cells: list[int] = []

    @property
    def size(self) -> str:
        """How many instruments there are, as text."""
        return str(len(self.members))

    @property
    def direction(self) -> int:
        """The sign of the average as it reads."""
        rounded = round(self.average, 2) if self.average is not None else 0.0
        return (rounded > 0) - (rounded < 0)

    def refresh(self, now_ms: float) -> bool:
        """Take the average anew, at most once a second; returns whether it reads differently."""
        if now_ms < self.next_ms:
            return False
        self.next_ms = now_ms + AVERAGE_EVERY_MS
        before, self.average = self.text, _mean(self.members)
        self.text = "" if self.average is None else formats.percent(self.average)
        return self.text != before


Row = QuoteRow | SectionRow


def arranged_rows(
    lines: Iterable[Row],
    *,
    matches: Callable[[QuoteRow], bool] | None,
    order: Callable[[Sequence[QuoteRow]], Sequence[QuoteRow]],
) -> list[Row]:
    """Return what is shown of `lines`: each section by itself in `order`, folded ones as their title alone.

    While rows are filtered, every section is open, and one in which nothing matches is not shown.
    """
    shown: list[Row] = []
    for title, members in _sections(lines):
        left = members if matches is None else [row for row in members if matches(row)]
        if title is not None:
            title.members = members
            if not left and matches is not None:
                continue
            shown.append(title)
            if title.collapsed and matches is None:
                continue
        shown += order(left)
    return shown


def _sections(lines: Iterable[Row]) -> list[tuple[SectionRow | None, list[QuoteRow]]]:
    found: list[tuple[SectionRow | None, list[QuoteRow]]] = [(None, [])]
    for line in lines:
        if isinstance(line, SectionRow):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return found


def _mean(members: Iterable[QuoteRow]) -> float | None:
    changes = [row.tick.change_percent for row in members if row.tick is not None]
    known = [change for change in changes if change is not None]
    return sum(known) / len(known) if known else None
