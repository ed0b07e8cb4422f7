"""Where instrument lists are kept between starts: read and named once a day, loaded in a fraction of a second.

A file for each broker: a header in JSON on the first line, then rows in MessagePack, a few thousand to a chunk, so that
a worker that loads them lets the loop have its turns. It is written beside the old one and takes its place when whole.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from adapters.collector import pausing
from adapters.masters import Master
from market.errors import StorageError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

_FORMAT = 1
_ROWS_PER_CHUNK = 2_000
_LENGTH = 4


class _Row(msgspec.Struct, array_like=True):
    exchange: Exchange
    symbol: str
    kind: InstrumentKind
    name: str
    tick_size: float
    lot: float
    expiry: date | None
    strike: float | None
    right: OptionRight | None
    underlying: tuple[Exchange, str] | None
    token: str
    broker_symbol: str
    source: str


class _Header(msgspec.Struct):
    format: int
    fetched_ms: float
    rows: int
    crc: int
    skipped: dict[str, int]


class Shelved(msgspec.Struct):
    """A list as it was kept: when it was fetched (ms since 1970 UTC), and what it holds."""

    fetched_ms: float
    master: Master


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Row])


class MasterShelf:
    """The folder of lists. All calls block: use a worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where everything lies; parts of downloads too."""
        return self._folder

    def load(self, broker: str) -> Shelved | None:
        """Return the list of `broker`, or None where there is none that can be read: it is fetched anew then."""
        try:
            body = self._path(broker).read_bytes()
        except OSError:
            return None
        try:
            head, _, rest = body.partition(b"\n")
            header = msgspec.json.decode(head, type=_Header)
            if header.format != _FORMAT or header.crc != zlib.crc32(rest):
                return None
            with pausing():
                read = _Reader()
                instruments = [read.instrument(row) for chunk in _chunks(rest) for row in _DECODER.decode(chunk)]
        except (msgspec.MsgspecError, ValueError):
            return None
        if len(instruments) != header.rows:
            return None
        return Shelved(header.fetched_ms, Master(instruments, Counter(header.skipped)))

    def glance(self, broker: str) -> tuple[float, int] | None:
        """When the list of `broker` was fetched (ms since 1970 UTC) and how many rows it has, or None. Quick."""
        try:
            with self._path(broker).open("rb") as file:
                header = msgspec.json.decode(file.readline(1_000_000), type=_Header)
        except (OSError, msgspec.MsgspecError):
            return None
        return (header.fetched_ms, header.rows) if header.format == _FORMAT else None

    def keep(self, broker: str, master: Master, fetched_ms: float) -> Master:
        """Store `master`, and return it as it is loaded again: it takes less memory than one that was just read.

        Raises:
            StorageError: it cannot be written; the old one is still there.
        """
        self.store(broker, master, fetched_ms)
        shelved = self.load(broker)
        return master if shelved is None else shelved.master

    def store(self, broker: str, master: Master, fetched_ms: float) -> None:
        """Keep `master` as the list of `broker`.

        Raises:
            StorageError: it cannot be written; the old one is still there.
        """
        parts = []
        for start in range(0, len(master.instruments), _ROWS_PER_CHUNK):
            chunk = _ENCODER.encode([_row(each) for each in master.instruments[start : start + _ROWS_PER_CHUNK]])
            parts += [len(chunk).to_bytes(_LENGTH, "big"), chunk]
        rest = b"".join(parts)
        header = _Header(_FORMAT, fetched_ms, len(master.instruments), zlib.crc32(rest), dict(master.skipped))
        target = self._path(broker)
        fresh = target.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(msgspec.json.encode(header) + b"\n" + rest)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
        except OSError as exc:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise StorageError(f"The instrument list {target.name} cannot be written: {exc.strerror}") from exc

    def brokers(self) -> list[str]:
        """The brokers that there is a list of."""
        return sorted(path.stem for path in self._folder.glob("*.master")) if self._folder.is_dir() else []

    def _path(self, broker: str) -> Path:
        return self._folder / f"{broker}.master"


def _chunks(rest: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(rest):
        size = int.from_bytes(rest[at : at + _LENGTH], "big")
        at += _LENGTH
        yield rest[at : at + size]
        at += size


def _row(each: Instrument) -> Sequence[object]:
    return (
        each.key.exchange,
        each.key.symbol,
        each.kind,
        each.name,
        each.tick_size,
        each.lot,
        each.expiry,
        each.strike,
        each.right,
        each.underlying,
        each.token,
        each.broker_symbol,
        each.source,
    )


class _Reader:
    """Rows → instruments. What many have in common is one object: a list takes a third less memory for it."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._sizes: dict[float, float] = {}
        self._days: dict[date, date] = {}
        self._underlyings: dict[tuple[Exchange, str], InstrumentKey] = {}

    def instrument(self, row: _Row) -> Instrument:
        texts, sizes = self._texts.setdefault, self._sizes.setdefault
        underlying = None
        if row.underlying is not None:
            underlying = self._underlyings.get(row.underlying)
            if underlying is None:
                underlying = self._underlyings[row.underlying] = InstrumentKey(*row.underlying)
        return Instrument(
            key=InstrumentKey(row.exchange, row.symbol),
            kind=row.kind,
            name=texts(row.name, row.name),
            tick_size=sizes(row.tick_size, row.tick_size),
            lot=sizes(row.lot, row.lot),
            expiry=None if row.expiry is None else self._days.setdefault(row.expiry, row.expiry),
            strike=row.strike if row.strike is None else sizes(row.strike, row.strike),
            right=row.right,
            underlying=underlying,
            token=row.token,
            broker_symbol=row.symbol if row.broker_symbol == row.symbol else row.broker_symbol,
            source=texts(row.source, row.source),
        )
