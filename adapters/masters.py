"""What a broker's instrument master amounts to: instruments under OpenAlgo's names, and what has none. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from market.errors import DecodeError
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import can_be_symbol


class Lack(NamedTuple):
    """A part that could not be had while the rest could: the instruments of `kind` whose tokens begin with `prefix`.

    `what` is its name after "without", `reason` a sentence.
    """

    what: str
    reason: str
    kind: InstrumentKind
    prefix: str = ""

    def covers(self, instrument: Instrument) -> bool:
        """Whether `instrument` is of this part."""
        return instrument.kind is self.kind and instrument.token.startswith(self.prefix)


_MOST = 1e300
_LEAST_SHARE = 0.5
"""A list that shrank more than to this share is a broken one, not a quiet day."""


@dataclass(slots=True)
class Master:
    """The outcome of reading a master.

    `skipped` counts the rows left out by reason: none is dropped silently. `lacks` are parts that could not be had.
    """

    instruments: list[Instrument] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    lacks: list[Lack] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.instruments) + self.skipped.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterFile:
    """One file of a master.

    `name` is what it is kept under; `path` is below the base address of endpoint `endpoint` (`masters` by default).
    `needs_session` files are fetched with the session's headers; `payload` makes it a POST of that JSON. The list is
    read without an `is_optional` file that the broker refuses to give.
    """

    name: str
    path: str
    endpoint: str = "masters"
    needs_session: bool = False
    is_optional: bool = False
    payload: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterPlan:
    """How a broker's master is had: the files, and `parse`, which runs in a worker.

    `parse` takes the bytes of the files by name, unpacked from gzip or zip already, and may be given fewer files than
    the plan names when a user imports one by hand. Raises DecodeError where a file is not what it should be.
    """

    files: Sequence[MasterFile]
    parse: Callable[[Mapping[str, bytes]], Master]


def sound(instruments: Sequence[Instrument], skipped: Counter[str]) -> list[Instrument]:
    """Return those of `instruments` that can be, one of each key; the others are counted in `skipped`.

    A name that no client can type cannot be, such as one that is not plain ASCII; nor can some numbers.
    """
    found: dict[InstrumentKey, Instrument] = {}
    for instrument in instruments:
        numbers = (instrument.tick_size, instrument.lot, instrument.strike or 0.0)
        if not can_be_symbol(instrument.key.symbol):
            skipped["its name cannot be a symbol"] += 1
        elif not (min(numbers) >= 0.0 and sum(numbers) <= _MOST):  # NaN is neither
            skipped["a number that cannot be"] += 1
        elif found.setdefault(instrument.key, instrument) is not instrument:
            skipped["another row has the same name"] += 1
    return list(found.values())


def check_size(title: str, count: int, before: int) -> None:
    """Raise DecodeError if a new list of `title` with `count` instruments cannot be one, after one with `before`."""
    if not count:
        raise DecodeError(f"The instrument list of {title} is empty")
    if count < before * _LEAST_SHARE:
        raise DecodeError(
            f"The new instrument list of {title} has {count:,} instruments instead of {before:,}; the old one is kept"
        )


def filled(master: Master, before: Iterable[Instrument], today: date) -> Master:
    """Return `master` with what `before` knew of the parts that it lacks: what could not be asked for has not ended.

    Contracts whose last day was before `today` have.
    """
    known = {each.key for each in master.instruments}
    kept = [
        each
        for each in before
        if any(lack.covers(each) for lack in master.lacks)
        and each.key not in known
        and (each.expiry is None or each.expiry >= today)
    ]
    return Master([*master.instruments, *kept], master.skipped, master.lacks)
