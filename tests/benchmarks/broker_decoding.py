"""Brokers' packets to ticks, against each broker's own client in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.zerodha import wire as kite
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_kite import frame as framed
from tests.doubles.toy_kite import packet

_KEY = InstrumentKey(Exchange.NSE, "INFY")


def run(*, quick: bool) -> list[Row]:
    """Measure every decoder that has an official one to be compared with."""
    seconds = 0.02 if quick else 1.0
    return [_kite(seconds)]


def _kite(seconds: float) -> Row:
    bodies = [packet(408065, "full", ToyQuote(ltp=100.0 + step * 0.05)) for step in range(100)]
    frames = [framed(body) for body in bodies]
    ticks = [kite.decode(body, _KEY, 0.0) for body in bodies]
    from kiteconnect import KiteTicker

    official = KiteTicker("key", "token")
    return row(
        "Kite, a full packet of 184 bytes to a tick with its book",
        lambda: each(lambda body: kite.decode(body, _KEY, 0.0), bodies),
        lambda: each(official._parse_binary, frames),
        len(bodies),
        seconds,
        delivered=len({tick.ltp for tick in ticks if tick is not None}),
        most_us=1.5,
    )


def each(decode: Callable[[bytes], object], frames: Sequence[bytes]) -> None:
    """Decode one after another and keep nothing, as a feed does."""
    for frame in frames:
        decode(frame)


def row(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    count: int,
    seconds: float,
    *,
    delivered: int,
    most_us: float | None = None,
) -> Row:
    """One decoder against the official one. `delivered` of `count` different values were read."""
    measured = best_us(ours, count, seconds=seconds)
    baseline = best_us(theirs, count, seconds=seconds)
    budget = "≥ 5 × the official client" + (f", ≤ {most_us} µs" if most_us is not None else "")
    met = measured * 5 <= baseline and (most_us is None or measured <= most_us)
    return Row(
        benchmark="broker_decoding",
        what=what,
        measured=measured,
        unit="µs",
        baseline=baseline,
        baseline_what="official client",
        budget=budget,
        met=met,
        facts={"delivered": delivered, "expected": count},
    )
