"""XTS's events and answers: JSON to ticks. Pure.

An event is a Socket.IO message `42["1501-json-full", "{…}"]`, whose argument is JSON as text (some servers: an object).
Codes: 1501 touchline, 1502 five levels and the touchline, 1510 open interest, 1512 last price. Prices are rupees,
quantities units. The touchline is nested below `Touchline` in events and lies at the root in answers to requests.
Source: Symphony's API documentation and clients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from adapters.xts.calls import Place
from market.errors import DecodeError
from market.exchanges import INDICES
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

TOUCHLINE = 1501
DEPTH = 1502
OPEN_INTEREST = 1510
LAST_PRICE = 1512
LEVELS = 5

_IST_S = 19_800
_SINCE_1980_S = 315_532_800 - _IST_S
_LAST_S = 4_294_967_296.0

_SESSION_OVER = frozenset({"e-session-0007", "e-token-0002"})

Body = Mapping[str, object]

_EVENT = msgspec.json.Decoder(list[object])
_BODY = msgspec.json.Decoder(dict[str, object])


class Event(NamedTuple):
    """One event: its name as sent, and what it carries."""

    name: str
    argument: object


class Reply(msgspec.Struct):
    """The outside of every answer to a request. `code` of a success is no guide: `type` is."""

    type: str = ""
    code: str = ""
    description: str = ""
    result: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)

    @property
    def is_good(self) -> bool:
        """Whether the request was done."""
        return self.type == "success"

    @property
    def is_session_over(self) -> bool:
        """Whether it was refused because the session is not good any more; brokers give it more than one code."""
        return self.code in _SESSION_OVER or (not self.is_good and "invalid token" in self.description.lower())


class _Subscribed(msgspec.Struct, rename={"quotes": "listQuotes", "room": "Remaining_Subscription_Count"}):
    quotes: list[object] = []
    room: int | None = None


_REPLY: msgspec.json.Decoder[Reply | list[Reply]] = msgspec.json.Decoder(Reply | list[Reply])
_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)


def decode_event(frame: bytes) -> Event:
    """Return the event in a Socket.IO message `42[…]`.

    Raises:
        DecodeError: it is none.
    """
    try:
        name, *arguments = _EVENT.decode(frame[2:])
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a Socket.IO event", frame) from exc
    if not isinstance(name, str):
        raise DecodeError("A Socket.IO event without a name", frame)
    return Event(name, arguments[0] if arguments else None)


def decode_body(argument: object) -> Body:
    """Return what a `…-json-full` event carries, as text or as an object.

    Raises:
        DecodeError: it is neither.
    """
    if isinstance(argument, dict):
        return argument
    try:
        return _BODY.decode(argument)  # type: ignore[arg-type]  # other kinds raise
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as exc:
        raise DecodeError("Not an XTS message", str(argument)) from exc


def decode_reply(body: bytes) -> Reply:
    """Return the answer to a request; some servers wrap it in a list.

    Raises:
        DecodeError: it is none.
    """
    try:
        reply = _REPLY.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not an answer of XTS", body) from exc
    if isinstance(reply, Reply):
        return reply
    if len(reply) == 1:
        return reply[0]
    raise DecodeError("Not one answer of XTS", body)


def first_quotes(reply: Reply) -> list[Body]:
    """The snapshots that an answer to a subscription brings; those that mean nothing are left out."""
    try:
        quotes = _SUBSCRIBED.decode(reply.result).quotes
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return []
    found: list[Body] = []
    for quote in quotes:
        try:
            found.append(decode_body(quote))
        except DecodeError:
            continue
    return found


def room_left(reply: Reply) -> int | None:
    """How many more subscriptions the session takes after this one, None if the broker does not say."""
    try:
        return _SUBSCRIBED.decode(reply.result).room
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def place_of(body: Body) -> Place:
    """Return the instrument that a message is about.

    Raises:
        DecodeError: it does not say.
    """
    segment, number = _number(body.get("ExchangeSegment")), _number(body.get("ExchangeInstrumentID"))
    if segment is None or number is None:
        raise DecodeError("An XTS message without its instrument", repr(sorted(body)[:6]))
    return int(segment), int(number)


def tick_of(code: int, body: Body, key: InstrumentKey, source: str, received_ms: float) -> Tick:
    """Return what a message of `code` says of `key`."""
    if code == OPEN_INTEREST:
        return Tick(key, received_ms, source, oi=_quantity(body.get("OpenInterest")))
    nested = body.get("Touchline")
    touchline = nested if isinstance(nested, dict) else body
    fields: dict[str, object] = {}
    for name, text in touchline.items():
        reader = _FIELDS.get(name)
        if reader is not None:
            field, read = reader
            fields[field] = read(text)
    for side, name in () if key.exchange in INDICES else _BEST:  # an index has no book: its rows are zeroes
        row = touchline.get(name)
        if isinstance(row, dict) and ("Price" in row or "Size" in row):
            best = _level(row) or _NOTHING
            fields[f"{side}_price"], fields[f"{side}_size"] = best.price, best.quantity
    traded = touchline.get("LastTradedTime" if code != LAST_PRICE else "LastUpdateTime")
    at = unix_ms(body.get("ExchangeTimeStamp"), received_ms) or unix_ms(touchline.get("LastUpdateTime"), received_ms)
    if code == DEPTH:
        fields["depth"] = Depth(_side(body.get("Bids")), _side(body.get("Asks")), at)
    return Tick(
        key,
        received_ms,
        source,
        timestamp=at,
        ltt=unix_ms(traded, received_ms),
        **fields,  # type: ignore[arg-type]
    )


def unix_ms(seconds: object, near_ms: float) -> int | None:
    """Return a time of XTS in ms since 1970 UTC, None if it is not known.

    The segments of NSE count from 1980, others from 1970, and which do is not agreed upon among the vendor's own
    clients; both mean Indian wall clock. The two are ten years apart: the one that is nearer to now is meant.
    """
    number = _number(seconds)
    if not number or not 0.0 < number < _LAST_S:
        return None
    near_s = near_ms / 1000.0
    return int(min(number + _SINCE_1980_S, number - _IST_S, key=lambda at: abs(at - near_s)) * 1000.0)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _price(value: object) -> float | None:
    return _number(value) or None


def _quantity(value: object) -> float | None:
    number = _number(value)
    if number is None:
        return None
    return int(number) if number == int(number) else number


def _level(row: object) -> Level | None:
    """A row of the book, None where it is empty."""
    if not isinstance(row, dict):
        return None
    price, size, orders = _price(row.get("Price")), _quantity(row.get("Size")), _number(row.get("TotalOrders"))
    return Level(price, size, int(orders or 0.0)) if price is not None and size is not None and size > 0 else None


_BEST = (("bid", "BidInfo"), ("ask", "AskInfo"))
_NOTHING = Level(0.0, 0)
"""The best of a side of the book that is empty."""


def _side(rows: object) -> tuple[Level, ...]:
    listed = rows if isinstance(rows, list) else []
    return tuple(level for row in listed[:LEVELS] if (level := _level(row)) is not None)


_FIELDS: dict[str, tuple[str, Callable[[object], float | None]]] = {
    "LastTradedPrice": ("ltp", _price),
    "LastTradedQunatity": ("last_quantity", _quantity),
    "LastTradedQuantity": ("last_quantity", _quantity),
    "TotalTradedQuantity": ("volume", _quantity),
    "TotalBuyQuantity": ("total_buy_quantity", _quantity),
    "TotalSellQuantity": ("total_sell_quantity", _quantity),
    "AverageTradedPrice": ("average_price", _price),
    "Open": ("open", _price),
    "High": ("high", _price),
    "Low": ("low", _price),
    "Close": ("close", _price),
}
"""The vendor's misspelling is the usual name; some builds spell it right. `PercentChange` is computed here instead."""
