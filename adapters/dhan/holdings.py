"""Who wants what at which place: one instrument may be wanted under several names, `TCS` and `TCS:20`. Pure."""

from __future__ import annotations

from adapters.dhan.segments import Listing, listing_of, place_of
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode


class Holdings:
    """The instruments of one connection, by the place that packets tell of them under."""

    def __init__(self) -> None:
        self._codes: dict[bytes, dict[InstrumentKey, int]] = {}
        self._listings: dict[bytes, tuple[Listing, ...]] = {}
        self._places: dict[InstrumentKey, bytes] = {}

    def hold(self, instrument: Instrument, code: int, mode: Mode) -> tuple[bytes, int]:
        """`instrument` is wanted in `mode`, with the request `code`.

        Returns its place, and the highest code wanted there.
        """
        place, listing = place_of(instrument), listing_of(instrument, mode)
        held = self._listings.get(place, ())
        if instrument.key not in self._codes.setdefault(place, {}):
            self._listings[place] = (*held, listing)
            self._places[instrument.key] = place
        else:
            self._listings[place] = tuple(listing if each.key == listing.key else each for each in held)
        codes = self._codes[place]
        codes[instrument.key] = code
        return place, max(codes.values())

    def release(self, key: InstrumentKey) -> tuple[bytes, int | None] | None:
        """`key` is wanted no more; returns its place and the code still wanted there, None if it was not held."""
        place = self._places.pop(key, None)
        if place is None:
            return None
        codes = self._codes[place]
        del codes[key]
        if codes:
            self._listings[place] = tuple(each for each in self._listings[place] if each.key != key)
            return place, max(codes.values())
        del self._codes[place], self._listings[place]
        return place, None

    def at(self, place: bytes) -> tuple[Listing, ...]:
        """Whom a packet of `place` is for."""
        return self._listings.get(place, ())
