"""The instruments of one broker, as its feed and the search know them: replaced as a whole, by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from market.instruments import Instrument, InstrumentKey
from market.symbols import split_depth_suffix


class Catalogue:
    """Knows nothing until the first `replace`. On the loop alone; `replace` is quick, parse before it."""

    def __init__(self) -> None:
        self._instruments: Sequence[Instrument] = ()
        self._by_key: dict[InstrumentKey, Instrument] = {}
        self._listeners: list[Callable[[], None]] = []
        self._version = 0
        self._why_missing = ""

    @property
    def version(self) -> int:
        """How often it was replaced; 0: nothing is known yet."""
        return self._version

    @property
    def is_loaded(self) -> bool:
        """Whether it says anything, so that what is not in it does not exist."""
        return self._version > 0

    @property
    def why_missing(self) -> str:
        """Why there is nothing yet: what went wrong when it was asked for last. Empty once it is there."""
        return "" if self.is_loaded else self._why_missing

    @property
    def instruments(self) -> Sequence[Instrument]:
        """Everything in it."""
        return self._instruments

    def __len__(self) -> int:
        return len(self._instruments)

    def find(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None. `TCS:50` is TCS under that name: the suffix asks for a deep book."""
        found = self._by_key.get(key)
        if found is not None:
            return found
        symbol, levels = split_depth_suffix(key.symbol)
        stem = self._by_key.get(InstrumentKey(key.exchange, symbol)) if levels else None
        return dataclasses.replace(stem, key=key) if stem is not None else None

    def replace(self, instruments: Sequence[Instrument], by_key: dict[InstrumentKey, Instrument] | None = None) -> None:
        """These are all there are. `by_key` is `indexed(instruments)`, made in a worker where the list is long."""
        self._by_key = indexed(instruments) if by_key is None else by_key
        self._instruments = instruments
        self._version += 1
        self._tell()

    def not_had(self, reason: str) -> None:
        """It was asked for, and not had; `reason` is a sentence. What is there already stays, and nobody is told."""
        if not self.is_loaded and reason != self._why_missing:
            self._why_missing = reason
            self._tell()

    def on_change(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` after every `replace`, and when it is missing for another reason; returns what ends that."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()


def indexed(instruments: Iterable[Instrument]) -> dict[InstrumentKey, Instrument]:
    """`instruments` by key."""
    return {instrument.key: instrument for instrument in instruments}
