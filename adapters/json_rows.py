"""Rows of instrument lists that are a JSON array of objects: a row that is wrong costs itself alone. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import msgspec

from market.errors import DecodeError

T = TypeVar("T", bound=msgspec.Struct)


def rows_in(body: bytes, kind: type[T], what: str, skipped: Counter[str]) -> list[T]:
    """Return the objects in `body` as `kind`; those that are none are counted in `skipped`.

    A null is as good as nothing, so a field with a default may have one.

    Raises:
        DecodeError: it is not such a list, or more of its rows are wrong than right; `what` is the sentence.
    """
    try:
        return msgspec.json.decode(body, type=list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError:
        pass  # one by one is slower, and seldom needed
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(what, body) from exc
    found, wrong = _one_by_one(body, kind, what)
    if wrong > len(found):
        raise DecodeError(what, body)
    if wrong:
        skipped["a row with a value of another kind"] += wrong
    return found


def _one_by_one(body: bytes, kind: type[T], what: str) -> tuple[list[T], int]:
    try:
        rows = msgspec.json.decode(body, type=list[object])
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(what, body) from exc
    found: list[T] = []
    for row in rows:
        if isinstance(row, dict):
            try:
                found.append(msgspec.convert({name: row[name] for name in row if row[name] is not None}, kind))
            except msgspec.ValidationError:
                continue
    return found, len(rows) - len(found)
