"""What the box that goes to anything finds: by words in any order, what was chosen last first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an entry is; the value is written beside it."""

    COMMAND = "command"
    LIST = "list"
    SETTING = "setting"
    INSTRUMENT = "instrument"


SIGNS = {">": Kind.COMMAND, "@": Kind.LIST, ",": Kind.SETTING}
MOST_RECENT = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to go to. `details` stands at the right: keys of a command, details of a contract."""

    kind: Kind
    id: str
    name: str
    venue: str = ""
    details: str = ""
    listed: bool = False


def asked(text: str) -> tuple[Kind | None, str]:
    """Return what alone is looked for, None for everything, and the words."""
    stripped = text.lstrip()
    kind = SIGNS.get(stripped[:1])
    return kind, (stripped[1:] if kind is not None else stripped).strip()


def found(entries: Iterable[Entry], words: str, recent: Sequence[str], *, most: int) -> list[Entry]:
    """Return the entries in which every word begins a word or stands somewhere, the best first."""
    wanted = words.casefold().split()
    ranked = []
    for place, entry in enumerate(entries):
        rank = _rank(entry, wanted)
        if rank is not None:
            age = recent.index(_name(entry)) if _name(entry) in recent else MOST_RECENT
            ranked.append((rank if wanted else 0, age, place, entry))
    return [entry for _rank, _age, _place, entry in sorted(ranked, key=lambda each: each[:3])[:most]]


def _rank(entry: Entry, wanted: Sequence[str]) -> int | None:
    """0 where each word begins a word of the name, 1 where it is inside one, None where one is missing."""
    name = entry.name.casefold()
    words = name.replace(":", " ").split()
    inside = f"{name} {entry.venue.casefold()}"
    if not all(word in inside for word in wanted):
        return None
    return 0 if all(any(each.startswith(word) for each in words) for word in wanted) else 1


def _name(entry: Entry) -> str:
    return f"{entry.kind}:{entry.id}"


def with_recent(recent: Sequence[str], entry: Entry) -> tuple[str, ...]:
    """Return `recent` with `entry` as the newest; the oldest are forgotten."""
    name = _name(entry)
    return (name, *(each for each in recent if each != name))[:MOST_RECENT]


def read_recent(text: str) -> tuple[str, ...]:
    """Return what `write_recent` wrote; nothing if it cannot be read."""
    try:
        names = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(each for each in names if isinstance(each, str)) if isinstance(names, list) else ()


def write_recent(recent: Sequence[str]) -> str:
    """What was chosen last, as JSON text of at most 2,000 characters."""
    kept = list(recent)
    while len(text := json.dumps(kept, separators=(",", ":"))) > 2_000:
        kept.pop()
    return text
