"""What a watchlist is, and what can be done to its lines. Values in, values out.

A list is lines in order: instruments, and titles. A section is a title with the lines below it, up to the next title;
what stands above the first title is in no section.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from services.storage.watchlist_rows import ItemRow, LineRow, ListRow, SectionRow

MAX_NAME = 64
MAX_NOTE = 200
FLAGS = ("1", "2", "3", "4", "5", "6", "7")
"""The colour flags of a row; the empty text is none."""


class WatchItem(NamedTuple):
    """One line: an instrument, the user's note, and a colour flag (one of `FLAGS`, or empty)."""

    key: InstrumentKey
    note: str = ""
    flag: str = ""


class Section(NamedTuple):
    """The title of a section. The id stays when it is renamed or moved, and is unique in the profile."""

    id: int
    name: str


Line = WatchItem | Section
Lines = tuple[Line, ...]


class Watchlist(NamedTuple):
    """One list with its lines in order. The id stays when it is renamed or moved."""

    id: int
    name: str
    lines: Lines = ()

    @property
    def items(self) -> tuple[WatchItem, ...]:
        """The instruments with their notes and flags, in order."""
        return tuple(line for line in self.lines if isinstance(line, WatchItem))

    @property
    def keys(self) -> tuple[InstrumentKey, ...]:
        """The instruments, in order."""
        return tuple(item.key for item in self.items)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The titles, in order."""
        return tuple(line for line in self.lines if isinstance(line, Section))

    def place_of(self, line: InstrumentKey | int) -> int:
        """The position of an instrument, or of the title with that id, among the lines.

        Raises:
            InvalidRequestError: it is not in the list.
        """
        for position, each in enumerate(self.lines):
            if (each.id if isinstance(each, Section) else each.key) == line:
                return position
        raise InvalidRequestError(f"{line if isinstance(line, InstrumentKey) else 'The section'} is not in {self.name}")


def with_added(lines: Lines, added: Iterable[Line], position: int | None) -> Lines:
    """Put `added` before the line at `position`, or at the end."""
    at = len(lines) if position is None else max(0, min(position, len(lines)))
    return (*lines[:at], *added, *lines[at:])


def without(lines: Lines, keys: Iterable[InstrumentKey]) -> Lines:
    """Take instruments out."""
    gone = set(keys)
    return tuple(line for line in lines if isinstance(line, Section) or line.key not in gone)


def with_moved(lines: Lines, moving: Sequence[WatchItem], position: int) -> Lines:
    """Put `moving` before the line at `position`, counted before; what of it was there already leaves its place."""
    at = max(0, min(position, len(lines)))
    keys = [item.key for item in moving]
    return (*without(lines[:at], keys), *moving, *without(lines[at:], keys))


def with_section_moved(lines: Lines, section_id: int, position: int) -> Lines:
    """Put a whole section before the line at `position`, or before the section that line is in.

    What is in no section stays on top.
    """
    starts = [at for at, line in enumerate(lines) if isinstance(line, Section)] + [len(lines)]
    start = next(at for at in starts[:-1] if _is_title(lines[at], section_id))
    end = starts[starts.index(start) + 1]
    target = max([at for at in starts if at <= position], default=starts[0])
    if start <= target <= end:
        return lines
    block, rest = lines[start:end], (*lines[:start], *lines[end:])
    return with_added(rest, block, target if target < start else target - len(block))


def with_title(lines: Lines, section_id: int, title: Section | None) -> Lines:
    """Replace a title, or take it out: its lines then belong to the section above."""
    kept = () if title is None else (title,)
    return tuple(new for line in lines for new in (kept if _is_title(line, section_id) else (line,)))


def with_marks(lines: Lines, keys: Iterable[InstrumentKey], *, note: str | None, flag: str | None) -> Lines:
    """Change the note or the flag of instruments; None leaves it as it is.

    Raises:
        InvalidRequestError: there is no such flag, or the note is too long.
    """
    if flag not in (None, "", *FLAGS):
        raise InvalidRequestError(f"There is no flag {flag!r}; flags are 1 to {FLAGS[-1]}, and none")
    clean = None if note is None else on_one_line(note)
    if clean is not None and len(clean) > MAX_NOTE:
        raise InvalidRequestError(f"A note has at most {MAX_NOTE} characters")
    wanted = set(keys)

    def marked(line: Line) -> Line:
        if isinstance(line, Section) or line.key not in wanted:
            return line
        return WatchItem(line.key, line.note if clean is None else clean, line.flag if flag is None else flag)

    return tuple(marked(line) for line in lines)


def with_replaced(lines: Lines, instead: Mapping[InstrumentKey, InstrumentKey]) -> Lines:
    """Put one instrument in the place of another, with its note and its flag; one that is there already stays alone."""
    present = {line.key for line in lines if isinstance(line, WatchItem)}
    kept: list[Line] = []
    for line in lines:
        fresh = instead.get(line.key) if isinstance(line, WatchItem) else None
        if fresh is None or isinstance(line, Section):
            kept.append(line)
        elif fresh not in present:
            present.add(fresh)
            kept.append(line._replace(key=fresh))
    return tuple(kept)


def with_merged(lines: Lines, fresh: Iterable[Line]) -> Lines:
    """Add what is missing of `fresh`: instruments at the end of the section of the same name, or of a new one.

    Instruments that are there stay where and as they are.
    """
    merged = list(lines)
    present = {line.key for line in lines if isinstance(line, WatchItem)}
    at = next((place for place, line in enumerate(merged) if isinstance(line, Section)), len(merged))
    for line in fresh:
        if isinstance(line, Section):
            at = _end_of(merged, line)
        elif line.key not in present:
            present.add(line.key)
            merged.insert(at, line)
            at += 1
    return tuple(merged)


def _end_of(lines: list[Line], title: Section) -> int:
    """The place behind the section of that name, which is made at the end where there is none."""
    titles = [place for place, line in enumerate(lines) if isinstance(line, Section)]
    for number, place in enumerate(titles):
        known = lines[place]
        if isinstance(known, Section) and known.name.casefold() == title.name.casefold():
            return titles[number + 1] if number + 1 < len(titles) else len(lines)
    lines.append(title)
    return len(lines)


def on_one_line(text: str) -> str:
    """Return `text` without line breaks, repeated blanks and signs that nobody can see."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def clean_name(name: str, what: str) -> str:
    """Return `name` on one line.

    Raises:
        InvalidRequestError: it is empty or too long.
    """
    clean = on_one_line(name)
    if not clean or len(clean) > MAX_NAME:
        raise InvalidRequestError(f"A {what} needs a name of 1 to {MAX_NAME} characters")
    return clean


def counted(keys: Sequence[object]) -> str:
    """How many instruments these are, as a phrase."""
    return "1 instrument" if len(keys) == 1 else f"{len(keys)} instruments"


def phrase(keys: Sequence[InstrumentKey]) -> str:
    """The one instrument, or how many; empty for none."""
    return keys[0].symbol if len(keys) == 1 else counted(keys) if keys else ""


def from_row(row: ListRow) -> Watchlist:
    """The list that was stored."""
    return Watchlist(row.id, row.name, tuple(_line(each) for each in row.lines))


def to_row(known: Watchlist, collapsed: frozenset[int]) -> ListRow:
    """What is stored of a list; `collapsed` are the sections that are folded."""
    return ListRow(known.id, known.name, tuple(_line_row(each, collapsed) for each in known.lines))


def _line(row: LineRow) -> Line:
    if isinstance(row, SectionRow):
        return Section(row.id, row.name)
    return WatchItem(parse_key(row.exchange, row.symbol), row.note, row.flag)


def _line_row(line: Line, collapsed: frozenset[int]) -> LineRow:
    if isinstance(line, Section):
        return SectionRow(line.id, line.name, line.id in collapsed)
    return ItemRow(str(line.key.exchange), line.key.symbol, line.note, line.flag)


def _is_title(line: Line, section_id: int) -> bool:
    return isinstance(line, Section) and line.id == section_id
