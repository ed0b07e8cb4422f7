"""What readers wish, on its way to the publishing host, so that its feeds subscribe to it. Pure: time is an argument.

A reader says under its own subject what it wishes of which instrument, and says all of it again every half minute. What
is not said again within the time that it named lapses: a reader that is gone, however it went, holds nothing for long.
Format: `docs/nats.md`, Wishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from market.errors import DecodeError, InvalidRequestError
from market.instruments import InstrumentKey
from market.modes import Mode, parse_mode
from market.subscriptions import Subscription
from market.symbols import parse_key

REFRESH_S = 30.0
TTL_S = 100.0
PER_MESSAGE = 200
_LEAST_TTL_S, _MOST_TTL_S = 1.0, 600.0
_MOST_READERS = 200
_MOST_PER_READER = 5_000

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def announcements(
    modes: Mapping[InstrumentKey, Sequence[Mode]], gone: Iterable[InstrumentKey] = (), *, ttl_s: float = TTL_S
) -> Iterator[bytes]:
    """The payloads that say: of these instruments these modes are wished, of those nothing any more."""
    wished = iter(modes.items())
    while part := list(islice(wished, PER_MESSAGE)):
        entries = [{**_named(key), "modes": [mode.label for mode in held]} for key, held in part]
        yield _encode({"ttl_s": ttl_s, "wishes": entries})
    left = iter(gone)
    while names := [_named(key) for key in islice(left, PER_MESSAGE)]:
        yield _encode({"gone": names})


def farewell() -> bytes:
    """The payload of a reader that leaves: it wishes nothing any more."""
    return _encode({"gone": "all"})


def _named(key: InstrumentKey) -> dict[str, str]:
    return {"exchange": key.exchange.value, "symbol": key.symbol}


class Change(NamedTuple):
    """What a message changes: subscriptions that are new, and subscriptions that are gone."""

    fresh: list[Subscription]
    gone: list[Subscription]


class _Held(NamedTuple):
    modes: frozenset[Mode]
    until_s: float


class RemoteWishes:
    """What each reader wishes, and until when. `refused` counts what did not fit."""

    def __init__(self, *, most_readers: int = _MOST_READERS, most_per_reader: int = _MOST_PER_READER) -> None:
        self._most_readers = most_readers
        self._most_per_reader = most_per_reader
        self._readers: dict[str, dict[InstrumentKey, _Held]] = {}
        self.refused = 0

    def take(self, reader: str, payload: bytes, now_s: float) -> Change:
        """Take a message of `reader`.

        Raises:
            DecodeError: it is not what a reader says.
        """
        try:
            message = _decode(payload)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise DecodeError("Wishes that are not a JSON object", payload) from None
        ttl_s = message.get("ttl_s", TTL_S)
        if isinstance(ttl_s, bool) or not isinstance(ttl_s, int | float):
            raise DecodeError(f"Wishes with a time of {str(ttl_s)[:32]!r}")
        # All of it is read before any of it counts.
        wished = list(_entries(message.get("wishes", ())))
        gone = message.get("gone", ())
        named = None if gone == "all" else [key for key, _ in _entries(gone)]
        if reader not in self._readers and len(self._readers) >= self._most_readers:
            self.refused += 1
            return Change([], [])
        held = self._readers.setdefault(reader, {})
        change = Change([], [])
        self._add(held, wished, now_s + min(max(ttl_s, _LEAST_TTL_S), _MOST_TTL_S), change)
        for key in list(held) if named is None else named:
            change.gone.extend(_subscriptions(key, held.pop(key).modes if key in held else ()))
        if not held:
            del self._readers[reader]
        return change

    def lapse(self, now_s: float) -> dict[str, list[Subscription]]:
        """Forget what was not said again in time; returns what each reader held of it."""
        lapsed: dict[str, list[Subscription]] = {}
        for reader, held in list(self._readers.items()):
            for key in [key for key, value in held.items() if value.until_s < now_s]:
                lapsed.setdefault(reader, []).extend(_subscriptions(key, held.pop(key).modes))
            if not held:
                del self._readers[reader]
        return lapsed

    def __len__(self) -> int:
        return sum(map(len, self._readers.values()))

    def _add(
        self,
        held: dict[InstrumentKey, _Held],
        wished: Iterable[tuple[InstrumentKey, frozenset[Mode]]],
        until_s: float,
        change: Change,
    ) -> None:
        for key, modes in wished:
            before = held.get(key)
            if before is None and len(held) >= self._most_per_reader:
                self.refused += 1
                continue
            known = before.modes if before is not None else frozenset()
            change.fresh.extend(_subscriptions(key, modes - known))
            change.gone.extend(_subscriptions(key, known - modes))
            held[key] = _Held(modes, until_s)


def _entries(entries: object) -> Iterator[tuple[InstrumentKey, frozenset[Mode]]]:
    """The instruments of a list, each with its modes; what is no instrument is a fault of the whole message."""
    if not isinstance(entries, list | tuple):
        raise DecodeError("Wishes that are not a list")
    for entry in entries:
        try:
            key = parse_key(str(entry["exchange"]), str(entry["symbol"]))
            yield key, frozenset(parse_mode(mode) for mode in entry.get("modes", ()))
        except (InvalidRequestError, KeyError, TypeError, AttributeError):
            raise DecodeError("A wish that names no instrument and modes", str(entry)) from None


def _subscriptions(key: InstrumentKey, modes: Iterable[Mode]) -> list[Subscription]:
    return [Subscription(key, mode) for mode in sorted(modes)]
