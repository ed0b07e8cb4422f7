"""NATS subjects for instruments: `openalgo.ticks.NFO.VEDL25APR24292%2E5CE.QUOTE`. Pure.

A subject is words joined by dots, of which `*` and `>` stand for others; what a symbol has of these, and blanks, is
written as `%` and two hex digits, so that every symbol is exactly one word. Design: `docs/nats.md`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from market.errors import DecodeError, InvalidRequestError
from market.instruments import InstrumentKey
from market.modes import Mode
from market.symbols import parse_key

PREFIX = "openalgo.ticks"
ANY_MODE = "*"
SNAPSHOTS = "openalgo.snapshots"
"""Under it readers ask for the last known value of an instrument, which comes on the instrument's own subject."""
WISHES = "openalgo.wishes"
"""Under it each reader says, on a subject of its own, what it wishes."""
CENSUS = "openalgo.census"
"""Here a publisher asks all readers what they wish, when it is new."""

_UNSAFE = re.compile(r"[^!-~]|[.*>%]")


def subject_of(key: InstrumentKey, mode: Mode) -> str:
    """The subject that `mode` of `key` is published on."""
    return f"{PREFIX}.{escape(key.exchange.value)}.{escape(key.symbol)}.{mode.name}"


def subject_of_all_modes(key: InstrumentKey) -> str:
    """The subject to subscribe to for everything that is said of `key`.

    All modes, because a publisher that only passes an instrument through sends its richest mode and no other.
    """
    return f"{PREFIX}.{escape(key.exchange.value)}.{escape(key.symbol)}.{ANY_MODE}"


def snapshot_subject(key: InstrumentKey) -> str:
    """The subject to ask on for the last known value of `key`."""
    return f"{SNAPSHOTS}.{escape(key.exchange.value)}.{escape(key.symbol)}"


def parse_snapshot_subject(subject: str) -> InstrumentKey:
    """Return what `snapshot_subject` was given.

    Raises:
        DecodeError: it is no such subject.
    """
    words = subject.split(".")
    if len(words) != 4 or ".".join(words[:2]) != SNAPSHOTS:
        raise DecodeError("A subject that is not openalgo.snapshots.EXCHANGE.SYMBOL", subject)
    try:
        return parse_key(unescape(words[2]), unescape(words[3]))
    except (InvalidRequestError, UnicodeError):
        raise DecodeError("A subject that names no instrument", subject) from None


def wishes_subject(reader: str) -> str:
    """The subject on which `reader` says what it wishes."""
    return f"{WISHES}.{escape(reader)}"


def parse_wishes_subject(subject: str) -> str:
    """Return what `wishes_subject` was given.

    Raises:
        DecodeError: it is no such subject.
    """
    words = subject.split(".")
    if len(words) != 3 or ".".join(words[:2]) != WISHES:
        raise DecodeError("A subject that is not openalgo.wishes.READER", subject)
    return words[2]


def parse_subject(subject: str) -> tuple[InstrumentKey, Mode]:
    """Return what `subject_of` was given.

    Raises:
        DecodeError: it is no such subject.
    """
    words = subject.split(".")
    if len(words) != 5 or ".".join(words[:2]) != PREFIX:
        raise DecodeError("A subject that is not openalgo.ticks.EXCHANGE.SYMBOL.MODE", subject)
    try:
        return parse_key(unescape(words[2]), unescape(words[3])), Mode[words[4].upper()]
    except (InvalidRequestError, UnicodeError, KeyError):
        raise DecodeError("A subject that names no instrument and mode", subject) from None


def escape(word: str) -> str:
    """Return `word` as one word of a subject."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), word)


def unescape(word: str) -> str:
    """Undo `escape`.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    return unquote_to_bytes(word).decode()
