"""What is new in today's instrument list: listed, gone, changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from adapters.masters import Master
from market.instruments import Instrument, InstrumentKey


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterNews:
    """The difference between two lists.

    `expired` are contracts that are gone because their day has come, `gone` the others; `lot_changed` and
    `tick_changed` give the old and the new value.
    """

    listed: tuple[InstrumentKey, ...] = ()
    gone: tuple[InstrumentKey, ...] = ()
    expired: tuple[InstrumentKey, ...] = ()
    lot_changed: Mapping[InstrumentKey, tuple[float, float]]
    tick_changed: Mapping[InstrumentKey, tuple[float, float]]

    def __bool__(self) -> bool:
        return any((self.listed, self.gone, self.expired, self.lot_changed, self.tick_changed))

    def summary(self) -> str:
        """One line: `12 new, 3 gone, 140 expired, lot changed for 2, tick size changed for 1`."""
        parts = [
            (len(self.listed), "{} new"),
            (len(self.gone), "{} gone"),
            (len(self.expired), "{} expired"),
            (len(self.lot_changed), "lot changed for {}"),
            (len(self.tick_changed), "tick size changed for {}"),
        ]
        said = [text.format(f"{count:,}") for count, text in parts if count]
        return ", ".join(said) or "nothing new"


class Updated(NamedTuple):
    """The outcome of an update: the list, and what is new in it."""

    master: Master
    news: MasterNews


def compare(
    old: Mapping[InstrumentKey, Instrument], new: Mapping[InstrumentKey, Instrument], today: date
) -> MasterNews:
    """Return what has changed from `old` to `new`."""
    missing = [key for key in old if key not in new]
    expired = {key for key in missing if (day := old[key].expiry) is not None and day <= today}
    both = [(old[key], each) for key, each in new.items() if key in old]
    return MasterNews(
        listed=tuple(key for key in new if key not in old),
        gone=tuple(key for key in missing if key not in expired),
        expired=tuple(key for key in missing if key in expired),
        lot_changed={b.key: (a.lot, b.lot) for a, b in both if a.lot != b.lot},
        tick_changed={b.key: (a.tick_size, b.tick_size) for a, b in both if a.tick_size != b.tick_size},
    )
