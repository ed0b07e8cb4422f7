"""Rows of candles: one that is damaged is left out, for one of them is no reason to have no chart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from market.candles import Candle
from market.errors import DecodeError

R = TypeVar("R")
T = TypeVar("T")

RawRows = list[msgspec.Raw]
"""How an answer keeps its rows, so that each is read by itself."""

_FAILURES = (msgspec.MsgspecError, DecodeError, ValueError, TypeError, IndexError, OverflowError, RecursionError)


def sound_candles(rows: Iterable[R], read: Callable[[R], Candle], what: str) -> list[Candle]:
    """Return what `read` makes of `rows`, in order, without those at which it fails.

    Raises:
        DecodeError: more of them are wrong than right, so they are no candles of `what`, or written in another way;
            the sentence is that of the first failure, where it has one.
    """
    return _sound(rows, read, f"Not candles of {what}")


def sound_rows(rows: Iterable[msgspec.Raw], kind: type[T], sentence: str) -> list[T]:
    """Return `rows` as `kind`, in order, without those that are none; numbers written as text are accepted.

    Raises:
        DecodeError: more of them are wrong than right; `sentence` says so.
    """
    decoder = msgspec.json.Decoder(kind, strict=False)
    return _sound(rows, decoder.decode, sentence)


def reader(kind: type[T], make: Callable[[T], Candle]) -> Callable[[msgspec.Raw], Candle]:
    """Return what reads one row that is a `kind`, for `sound_candles`."""
    decoder = msgspec.json.Decoder(kind, strict=False)
    return lambda raw: make(decoder.decode(raw))


def _sound(rows: Iterable[R], read: Callable[[R], T], sentence: str) -> list[T]:
    found: list[T] = []
    wrong: list[tuple[R, Exception]] = []
    for row in rows:
        try:
            found.append(read(row))
        except _FAILURES as exc:
            wrong.append((row, exc))
    if len(wrong) > len(found):
        row, first = wrong[0]
        if isinstance(first, DecodeError):
            raise first
        raise DecodeError(sentence, bytes(row) if isinstance(row, msgspec.Raw) else str(row)) from first
    return found
