"""How much of a feed's limit a list takes: `412 of 1,000`, where a feed has a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from market.feeds import Capabilities
from market.instruments import InstrumentKey


class Capacity(NamedTuple):
    """What the heading of a list says, and what it says when asked."""

    text: str
    help: str = ""
    is_over: bool = False


def capacity(keys: Sequence[InstrumentKey], feeds: Iterable[tuple[str, Capabilities]]) -> Capacity:
    """Return what is said of a list of `keys`, with `feeds` (name, what it can do) in the order of preference.

    An instrument counts for the first feed that has its exchange. Of several feeds with limits, the fullest is named.
    """
    plain = "1 instrument" if len(keys) == 1 else f"{len(keys):,} instruments"
    ordered = list(feeds)
    taken: Counter[str] = Counter()
    for key in keys:
        taken[next((name for name, can in ordered if key.exchange in can.exchanges), "")] += 1
    limits = [(taken[name], can.max_instruments, name) for name, can in ordered if can.max_instruments]
    if not limits:
        return Capacity(plain)
    count, limit, name = max(limits, key=lambda each: each[0] / each[1])
    over = count > limit
    rest = f"; {count - limit:,} of them get no prices" if over else ""
    of_name = f" on {name}" if len(ordered) > 1 else ""
    return Capacity(
        f"{count:,} of {limit:,}{of_name}",
        f"{plain}; {name} takes {limit:,} instruments at a time, over all its connections{rest}",
        over,
    )
