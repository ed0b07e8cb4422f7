"""Frames of Fyers's HSM data socket, both ways. Pure.

Big-endian. A frame is a length, a kind, and fields of an identifier, a length and a value. Data frames hold entries: a
snapshot names its topic, gives it a number for this connection, and says how its whole numbers become prices; an update
has the same numbers in the same order, where `ABSENT` stands for "as before". Layout: the vendor's Python client.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence
from typing import NamedTuple

from adapters.frames import Binary
from market.errors import DecodeError

ABSENT = -(2**31)

AUTHENTICATED, SUBSCRIBED, UNSUBSCRIBED, MODE_SET = 1, 4, 5, 12
"""Kinds of `Answer`."""

PING = Binary(b"\x00\x01\x0b")
SOURCE_TEXT = "OpenAlgoDesktop"

_ACKNOWLEDGE, _DATA, _TROUBLE = 3, 6, 51
_SNAPSHOT, _UPDATE, _LITE = ord("S"), ord("U"), ord("L")
_MOST_DIGITS = 9

_FIELD = struct.Struct(">BH")
_SHORT = struct.Struct(">H")
_NUMBER = struct.Struct(">I")
_DATA_HEAD = struct.Struct(">IH")
_SNAPSHOT_HEAD = struct.Struct(">HB")
_UPDATE_HEAD = struct.Struct(">HB")
_LITE_ENTRY = struct.Struct(">Hi")
_SCALE = struct.Struct(">xxHB")


class Answer(NamedTuple):
    """What became of a request. `number`, after authentication, is how many data frames one acknowledgement is for."""

    kind: int
    is_ok: bool
    number: int = 0


class Trouble(NamedTuple):
    """Something that Fyers objects to: its code, and the kind of the request that it is about."""

    code: int
    about: int


class Snapshot(NamedTuple):
    """Everything about a topic. A price is a value divided by `scale`."""

    topic_id: int
    topic: str
    values: Sequence[int]
    scale: float


class Update(NamedTuple):
    """What has changed of a topic."""

    topic_id: int
    values: Sequence[int]


class Data(NamedTuple):
    """A data frame; `number` is what it is acknowledged by."""

    number: int
    entries: list[Snapshot | Update]


class Unknown(NamedTuple):
    """A frame of a kind that is not known."""

    kind: int


def decode(frame: bytes) -> Answer | Trouble | Data | Unknown:
    """Return what `frame` says.

    Raises:
        DecodeError: it ends too early, or holds something that cannot be.
    """
    try:
        kind = frame[2]
        if kind == _DATA:
            return _data(frame)
        if kind in (AUTHENTICATED, SUBSCRIBED, UNSUBSCRIBED, MODE_SET, 7, 8):
            fields = _fields(frame)
            return Answer(kind, fields.get(1) == b"K", int.from_bytes(fields.get(2, b""), "big"))
        if kind == _TROUBLE:
            fields = _fields(frame)
            return Trouble(int.from_bytes(fields.get(1, b""), "big", signed=True), fields.get(3, b"\x00")[0])
    except (struct.error, IndexError, UnicodeDecodeError) as exc:
        raise DecodeError("A frame of Fyers ends too early", frame) from exc
    return Unknown(kind)


def _fields(frame: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 4
    for _ in range(frame[3]):
        name, size = _FIELD.unpack_from(frame, at)
        at += 3
        found[name] = _piece(frame, at, size)
        at += size
    return found


def _piece(frame: bytes, at: int, size: int) -> bytes:
    piece = frame[at : at + size]
    if len(piece) != size:
        raise DecodeError("A frame of Fyers ends within a field", frame)
    return piece


def _data(frame: bytes) -> Data:
    number, count = _DATA_HEAD.unpack_from(frame, 3)
    entries: list[Snapshot | Update] = []
    at = 9
    for _ in range(count):
        kind = frame[at]
        if kind == _UPDATE:
            topic_id, size = _UPDATE_HEAD.unpack_from(frame, at + 1)
            entries.append(Update(topic_id, _numbers(size).unpack_from(frame, at + 4)))
            at += 4 + 4 * size
        elif kind == _SNAPSHOT:
            snapshot, at = _snapshot(frame, at + 1)
            entries.append(snapshot)
        elif kind == _LITE:
            topic_id, ltp = _LITE_ENTRY.unpack_from(frame, at + 1)
            entries.append(Update(topic_id, (ltp,)))
            at += 7
        else:
            raise DecodeError(f"A data frame of Fyers holds an entry of kind {kind}", frame)
    return Data(number, entries)


def _snapshot(frame: bytes, at: int) -> tuple[Snapshot, int]:
    topic_id, size = _SNAPSHOT_HEAD.unpack_from(frame, at)
    at += 3
    topic = _piece(frame, at, size).decode()
    at += size
    count = frame[at]
    values = _numbers(count).unpack_from(frame, at + 1)
    at += 1 + 4 * count
    multiplier, digits = _SCALE.unpack_from(frame, at)
    if not multiplier or digits > _MOST_DIGITS:
        raise DecodeError("A snapshot of Fyers has no scale for its prices", frame)
    at += _SCALE.size
    for _ in range(3):  # exchange, token and symbol: known from the topic
        at += 1 + frame[at]
    if at > len(frame):
        raise DecodeError("A frame of Fyers ends within a snapshot", frame)
    return Snapshot(topic_id, topic, values, float(10**digits * multiplier)), at


@functools.cache
def _numbers(count: int) -> struct.Struct:
    return struct.Struct(f">{count}i")


def encode_login(hsm_key: str) -> bytes:
    """Return the first message of a connection."""
    return _frame(AUTHENTICATED, hsm_key.encode(), b"P", b"\x01", SOURCE_TEXT.encode())


def encode_full_mode(channel: int) -> bytes:
    """Return the request for all fields of what is subscribed on `channel` (1 to 63)."""
    return _frame(MODE_SET, struct.pack(">Q", 1 << channel), b"F")


def encode_subscribe(topics: Sequence[str], channel: int) -> bytes:
    """Return the request to begin with `topics`."""
    return _frame(SUBSCRIBED, _named(topics), bytes([channel]))


def encode_unsubscribe(topics: Sequence[str], channel: int) -> bytes:
    """Return the request to end with `topics`."""
    return _frame(UNSUBSCRIBED, _named(topics), bytes([channel]))


def encode_acknowledge(number: int) -> bytes:
    """Return the acknowledgement of data frames up to `number`."""
    return _frame(_ACKNOWLEDGE, _NUMBER.pack(number))


def _named(topics: Sequence[str]) -> bytes:
    names = [topic.encode() for topic in topics]
    return _SHORT.pack(len(names)) + b"".join(bytes([len(name)]) + name for name in names)


def _frame(kind: int, *fields: bytes) -> bytes:
    """The length counts what follows it; fields are numbered from 1."""
    body = bytes([kind, len(fields)])
    for number, value in enumerate(fields, start=1):
        body += _FIELD.pack(number, len(value)) + value
    return Binary(_SHORT.pack(len(body)) + body)
