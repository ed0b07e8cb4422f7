"""Frames of an OpenAlgo server, as a client of it sends and reads them. Pure. Format: `docs/wire-protocol.md`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.modes import Mode

SOURCE = "openalgo"
DEPTH = 5

_encode = msgspec.json.encode


class Entry(msgspec.Struct):
    """What became of one symbol of a request."""

    symbol: str = ""
    exchange: str = ""
    status: str = ""
    message: str = ""


class Message(msgspec.Struct):
    """Every frame of the server: which fields are there says what it is. Errors have no `type`."""

    type: str = ""
    status: str = ""
    code: str = ""
    message: str = ""
    broker: str | None = None
    symbol: str = ""
    exchange: str = ""
    mode: int | str = 0
    data: dict[str, Any] = {}
    subscriptions: list[Entry] = []
    failed: list[Entry] = []


_DECODER = msgspec.json.Decoder(Message)


def decode(frame: bytes) -> Message:
    """Return a frame.

    Raises:
        DecodeError: it is none.
    """
    try:
        return _DECODER.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a frame of OpenAlgo", frame) from None


def authenticate(api_key: str) -> bytes:
    """The first message."""
    return _encode({"action": "authenticate", "api_key": api_key})


def subscribe(keys: Iterable[InstrumentKey], mode: Mode) -> bytes:
    """Ask for instruments in one mode: of a list only the mode beside it counts."""
    symbols = [{"symbol": symbol, "exchange": exchange} for exchange, symbol in keys]
    return _encode({"action": "subscribe", "symbols": symbols, "mode": int(mode), "depth": DEPTH})


def unsubscribe(keys: Iterable[InstrumentKey], mode: Mode) -> bytes:
    """Let go of instruments in one mode: here the mode has to stand in each entry."""
    symbols = [{"symbol": symbol, "exchange": exchange, "mode": int(mode)} for exchange, symbol in keys]
    return _encode({"action": "unsubscribe", "symbols": symbols, "mode": int(mode)})
