"""Which streams a subscription needs, and how many subscriptions need each stream. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from market.modes import Mode
from market.subscriptions import Subscription

_LTP = ("aggTrade", "ticker")
_KINDS: dict[Mode, tuple[str, ...]] = {
    Mode.LTP: _LTP,
    Mode.QUOTE: (*_LTP, "bookTicker"),
    Mode.DEPTH: (*_LTP, "bookTicker", "depth@100ms"),
}
DEPTH_KIND = "depth@100ms"


def streams_of(wish: Subscription) -> list[str]:
    """Return the streams that carry `wish`. Stream names want the symbol in lower case: others stay silent."""
    symbol = wish.key.symbol.lower()
    return [f"{symbol}@{kind}" for kind in _KINDS[wish.mode]]


def symbol_of(stream: str) -> str:
    """Return the symbol, upper case, of a stream name."""
    return stream.partition("@")[0].upper()


def is_depth(stream: str) -> bool:
    """Whether `stream` carries changes of a book."""
    return stream.endswith(DEPTH_KIND)


def is_ticker(stream: str) -> bool:
    """Whether `stream` carries the 24-hour figures: held as long as anything of the symbol is."""
    return stream.endswith("@ticker")


class StreamCounts:
    """Counts the holders of each stream, so that one is opened with its first and closed with its last."""

    def __init__(self) -> None:
        self._holders: Counter[str] = Counter()
        self._wishes: set[Subscription] = set()

    def add(self, wishes: Iterable[Subscription]) -> list[str]:
        """Hold `wishes` and return the streams that nobody held before. A wish already held counts once."""
        fresh: list[str] = []
        for wish in wishes:
            if wish in self._wishes:
                continue
            self._wishes.add(wish)
            for stream in streams_of(wish):
                self._holders[stream] += 1
                if self._holders[stream] == 1:
                    fresh.append(stream)
        return fresh

    def remove(self, wishes: Iterable[Subscription]) -> list[str]:
        """Let go of `wishes` and return the streams that nobody holds any more."""
        gone: list[str] = []
        for wish in wishes:
            if wish not in self._wishes:
                continue
            self._wishes.discard(wish)
            for stream in streams_of(wish):
                self._holders[stream] -= 1
                if not self._holders[stream]:
                    del self._holders[stream]
                    gone.append(stream)
        return gone

    def __contains__(self, stream: object) -> bool:
        return stream in self._holders

    def __iter__(self) -> Iterator[str]:
        return iter(self._holders)

    def __len__(self) -> int:
        return len(self._holders)
