"""From wishes to what a broker is asked for: an instrument once, in the highest mode that anybody wishes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription


class Needs:
    """Counts the modes wished of each instrument."""

    def __init__(self) -> None:
        self._modes: dict[InstrumentKey, set[Mode]] = {}

    def add(self, wishes: Iterable[Subscription]) -> dict[InstrumentKey, Mode]:
        """Take `wishes`; returns the instruments that are new or needed in a higher mode, with that mode."""
        changed: dict[InstrumentKey, Mode] = {}
        for key, mode in wishes:
            modes = self._modes.setdefault(key, set())
            if not modes or mode > max(modes):
                changed[key] = mode
            modes.add(mode)
        return changed

    def remove(self, wishes: Iterable[Subscription]) -> dict[InstrumentKey, Mode | None]:
        """Let go of `wishes`; returns the instruments that need a lower mode now, or None where none is needed."""
        before: dict[InstrumentKey, Mode] = {}
        for key, mode in wishes:
            modes = self._modes.get(key)
            if not modes or mode not in modes:
                continue
            before.setdefault(key, max(modes))
            modes.discard(mode)
        changed: dict[InstrumentKey, Mode | None] = {}
        for key, highest in before.items():
            now = self.mode(key)
            if now is None:
                del self._modes[key]
            if now is not highest:
                changed[key] = now
        return changed

    def mode(self, key: InstrumentKey) -> Mode | None:
        """The mode that `key` is needed in, or None."""
        modes = self._modes.get(key)
        return max(modes) if modes else None

    def wishes(self, key: InstrumentKey) -> list[Subscription]:
        """The wishes behind `key`."""
        return [Subscription(key, mode) for mode in sorted(self._modes.get(key, ()))]

    def __contains__(self, key: object) -> bool:
        return key in self._modes

    def __iter__(self) -> Iterator[InstrumentKey]:
        return iter(self._modes)

    def __len__(self) -> int:
        return len(self._modes)
