"""Puts finds in the order in which they are shown: how well they match, segment, expiry, strike, volume. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from services.search_index import NOT_FOUND, Chain, Grades, Rows, SearchIndex

Asked = Callable[[InstrumentKey], float | None]
"""Answers with the last price, or the volume, of an instrument; None if it is not known. Called often: no waiting."""

# Asking for the volumes of more instruments than this costs more than it tells.
_MOST_VOLUMES = 2_000
_INDICES = {Exchange.NFO: Exchange.NSE_INDEX, Exchange.BFO: Exchange.BSE_INDEX}
_BOARD_ORDER = {exchange: position for position, exchange in enumerate(Exchange)}
_SHARES = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}

Place = tuple[int, int, float, float, int, str, int]


class Found(NamedTuple):
    """What one index found."""

    indexed: SearchIndex
    grades: Grades

    @property
    def is_any(self) -> bool:
        """Whether it is anything."""
        return bool(len(self.grades)) and int(self.grades.min()) < NOT_FOUND


class Ranking:
    """The order of finds in several indices, as if they were one.

    Args:
        indices: all of them, for chains that are spread over more than one.
        today: the day number of today.
        spot: the last price of what options are written on; without it the middle of the chain comes first.
        volume: how much an instrument trades.
    """

    def __init__(
        self, indices: Sequence[SearchIndex], today: int, *, spot: Asked | None = None, volume: Asked | None = None
    ) -> None:
        self._indices = indices
        self._today = today
        self._spot = spot
        self._volume = volume

    def best(self, finds: Sequence[Found], limit: int) -> list[Instrument]:
        """Return the best `limit` of `finds`, best first."""
        ranked = [self._ranked(found, limit) for found in finds if found.is_any]
        if len(ranked) == 1:
            return [instrument for _, instrument in ranked[0]]
        merged = sorted((pair for pairs in ranked for pair in pairs), key=lambda pair: pair[0])
        return [instrument for _, instrument in merged[:limit]]

    def _ranked(self, found: Found, limit: int) -> list[tuple[Place, Instrument]]:
        index = found.indexed
        rows = _best_grades(found.grades, limit)
        heads = (found.grades[rows].astype(np.int64) << 32) + index.late(self._today)[rows]
        if len(rows) > limit:
            # What is as good as the last that fits may still come before it by strike or volume.
            kept = heads <= np.partition(heads, limit - 1)[limit - 1]
            rows, heads = rows[kept], heads[kept]
        steps = self._steps(index, rows)
        volumes = self._volumes(index, rows)
        order = np.lexsort((index.places[rows], -volumes, steps, heads))[:limit]
        return [
            (
                self._place(index, int(rows[at]), int(heads[at]), int(steps[at]), float(volumes[at])),
                index.rows[rows[at]],
            )
            for at in order
        ]

    def _place(self, index: SearchIndex, row: int, head: int, steps: int, volume: float) -> Place:
        """What decides between finds of different indices: the same as in one."""
        exchange, symbol = index.rows[row].key
        strike = index.rows[row].strike or 0.0
        return head, steps, -volume, strike, len(symbol), symbol, _BOARD_ORDER[exchange]

    def _steps(self, index: SearchIndex, rows: Rows) -> NDArray[np.int64]:
        """How many strikes each option is away from the spot price, or from the middle of its chain."""
        steps = np.zeros(len(rows), dtype=np.int64)
        for chain, members in index.chains_of(rows):
            strikes = self._strikes(chain)
            at = np.searchsorted(strikes, index.strikes[rows[members]])
            steps[members] = np.abs(at - self._centre(chain, strikes))
        return steps

    def _strikes(self, chain: Chain) -> NDArray[np.float64]:
        parts = [part for part in (index.strikes_of(chain) for index in self._indices) if len(part)]
        return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _centre(self, chain: Chain, strikes: NDArray[np.float64]) -> int:
        price = self._price(chain)
        return len(strikes) // 2 if price is None else int(np.abs(strikes - price).argmin())

    def _price(self, chain: Chain) -> float | None:
        if self._spot is None:
            return None
        prices = (self._spot(key) for key in self._quoted(chain))
        return next((price for price in prices if price is not None and price > 0), None)

    def _quoted(self, chain: Chain) -> Iterable[InstrumentKey]:
        """The instruments that may have the price of what `chain` is written on, best first."""
        for boards in (_INDICES, _SHARES):
            if chain.exchange in boards:
                yield InstrumentKey(boards[chain.exchange], chain.base)
        for index in self._indices:
            for future in index.futures_of(chain):
                if future.expiry is not None and future.expiry >= chain.expiry:
                    yield future.key

    def _volumes(self, index: SearchIndex, rows: Rows) -> NDArray[np.float64]:
        volumes = np.zeros(len(rows), dtype=float)
        if self._volume is not None and len(rows) <= _MOST_VOLUMES:
            volumes[:] = [self._volume(index.rows[row].key) or 0.0 for row in rows]
        return volumes


def _best_grades(grades: Grades, limit: int) -> Rows:
    """The rows of the best grades, as many grades as it takes to have `limit` rows."""
    found = np.flatnonzero(grades != NOT_FOUND)
    graded = grades[found]
    counts = np.bincount(graded, minlength=NOT_FOUND).cumsum()
    worst = int(np.searchsorted(counts, limit))
    return found if worst >= NOT_FOUND else found[graded <= worst]
