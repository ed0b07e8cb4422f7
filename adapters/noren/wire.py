"""Noren's messages: JSON whose values are all text, one object a frame. Pure.

`tk` and `dk` are the snapshots that acknowledge a subscription to the touchline or to the depth of an instrument; `tf`
and `df` after them carry only what has changed. A value may be "NA" or "", and zero where a price is not known yet.
An instrument is `exchange|token`: a token alone comes again on another exchange.
Source: the brokers' documentation, "WebSocket API"; the vendor's client NorenRestApiPy.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable

import msgspec

from adapters.noren.rows import Greeting
from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.sessions import DAY_MS, midnight_ms, ordinal_of
from market.ticks import Depth, Level, Tick

HEARTBEAT = b'{"t":"h"}'
TOUCHLINE = "t"
DEPTH = "d"
LEVELS = 5

_LEAVE = {TOUCHLINE: "u", DEPTH: "ud"}
_CLOCKS_APART_MS = 60_000
_LAST_S = 4_294_967_296.0

Message = dict[str, object]
_DECODER = msgspec.json.Decoder(dict[str, object])


def decode(frame: bytes) -> Message:
    """Return the message in `frame`.

    Raises:
        DecodeError: it is not a JSON object, or does not say what it is.
    """
    try:
        message = _DECODER.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a Noren message", frame) from exc
    if not isinstance(message.get("t"), str):
        raise DecodeError("A Noren message without its kind", frame)
    return message


def place_of(message: Message) -> str:
    """Return the instrument that a price message is about, as `exchange|token`.

    Raises:
        DecodeError: it does not say.
    """
    exchange, token = message.get("e"), message.get("tk")
    if not isinstance(exchange, str) or not isinstance(token, str):
        raise DecodeError("A Noren price without its instrument", repr(sorted(message)[:8]))
    return f"{exchange}|{token}"


def is_accepted(message: Message) -> bool:
    """Whether the answer to a greeting (`ak`, `ck`, `cf`) says yes."""
    return str(message.get("s", message.get("k", ""))).upper() == "OK"


def encode_greeting(greeting: Greeting, user: str, token: str) -> bytes:
    """Return the first message of a connection. `token` is a secret, and so is the message."""
    if greeting is Greeting.HASHED:
        name, hashed = f"{user}_API", _sha256(_sha256(token))
        return _encode({"t": greeting.value, "uid": name, "actid": name, "source": "API", "susertoken": hashed})
    return _encode({"t": greeting.value, "uid": user, "actid": user, "source": "API", "accesstoken": token})


def encode_ask(mode: str, places: Iterable[str]) -> bytes:
    """Return the message that asks for `places` in `mode`, `TOUCHLINE` or `DEPTH`."""
    return _encode({"t": mode, "k": "#".join(places)})


def encode_leave(mode: str, places: Iterable[str]) -> bytes:
    """Return the message that lets go of `places`, which had been asked for in `mode`."""
    return _encode({"t": _LEAVE[mode], "k": "#".join(places)})


def tick_of(message: Message, key: InstrumentKey, source: str, received_ms: float, book: Book | None = None) -> Tick:
    """Return what a price message says of `key`. `book` is the one of its depth, where that is known.

    A side of the book that the message says is empty, by a price of zero or a price with a size of zero, has both zero.
    """
    fields: dict[str, object] = {}
    for name, text in message.items():
        reader = _FIELDS.get(name)
        if reader is not None:
            field, read = reader
            fields[field] = read(text)
    for price, size in _BEST:
        if fields.get(price) == 0.0 or (fields.get(size) == 0.0 and fields.get(price) is not None):
            fields[price], fields[size] = 0.0, 0
    at = _number(message.get("ft")) or 0.0
    timestamp = int(at * 1000.0) if 0.0 < at < _LAST_S else None
    if "ltt" in message:
        fields["ltt"] = _traded_ms(message["ltt"], timestamp or received_ms)
    if book is not None and book.take(message):
        fields["depth"] = book.depth(timestamp)
    return Tick(key, received_ms, source, timestamp=timestamp, **fields)  # type: ignore[arg-type]


class Book:
    """Five levels on each side, made from messages that say only what has changed in it."""

    def __init__(self) -> None:
        self._cells: dict[str, float] = {}

    def take(self, message: Message) -> bool:
        """Remember what `message` says of the book; whether it says anything."""
        named = message.keys() & _BOOK
        for name in named:
            self._cells[name] = _number(message[name]) or 0.0
        return bool(named)

    def depth(self, timestamp: int | None) -> Depth:
        """The book as it stands."""
        return Depth(self._side(_BUY), self._side(_SELL), timestamp)

    def _side(self, names: tuple[tuple[str, str, str], ...]) -> tuple[Level, ...]:
        cell = self._cells.get
        return tuple(
            Level(price, _whole(quantity), int(cell(orders, 0.0)))
            for at, size, orders in names
            if (price := cell(at, 0.0)) and (quantity := cell(size, 0.0)) > 0.0
        )


_BUY, _SELL = (
    tuple((f"{side}p{row}", f"{side}q{row}", f"{side}o{row}") for row in range(1, LEVELS + 1)) for side in "bs"
)
_BOOK = frozenset(name for level in (*_BUY, *_SELL) for name in level)


def _number(text: object) -> float | None:
    try:
        number = float(text)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _price(text: object) -> float | None:
    return _number(text) or None


def _quantity(text: object) -> float | None:
    number = _number(text)
    return None if number is None else _whole(number)


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


def _traded_ms(clock: object, near_ms: float) -> int | None:
    """The time of a trade at `clock` (HH:MM:SS in India): the last such moment that is not after `near_ms`."""
    parts = clock.split(":") if isinstance(clock, str) else ()
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) == 2 for part in parts):
        return None
    hours, minutes, seconds = map(int, parts)
    at = midnight_ms(ordinal_of(near_ms)) + ((hours * 60 + minutes) * 60 + seconds) * 1000
    return at - DAY_MS if at > near_ms + _CLOCKS_APART_MS else at


_FIELDS: dict[str, tuple[str, Callable[[object], float | None]]] = {
    "lp": ("ltp", _price),
    "v": ("volume", _quantity),
    "o": ("open", _price),
    "h": ("high", _price),
    "l": ("low", _price),
    "c": ("close", _price),
    "ap": ("average_price", _price),
    "oi": ("oi", _quantity),
    "ltq": ("last_quantity", _quantity),
    "tbq": ("total_buy_quantity", _quantity),
    "tsq": ("total_sell_quantity", _quantity),
    "bp1": ("bid_price", _number),
    "sp1": ("ask_price", _number),
    "bq1": ("bid_size", _quantity),
    "sq1": ("ask_size", _quantity),
    "lc": ("lower_circuit", _price),
    "uc": ("upper_circuit", _price),
}
"""`pc` is left out: changes are computed here. `toi` is the open interest of the underlying, not of the contract."""

_BEST = (("bid_price", "bid_size"), ("ask_price", "ask_size"))


def _encode(message: dict[str, str]) -> bytes:
    return msgspec.json.encode(message)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
