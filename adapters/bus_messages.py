"""What the buses carry, whichever carries it: a publisher's JSON object to a tick. Pure: bytes in, values out.

Field names are those that OpenAlgo's broker adapters use, in all their spellings; a field that is not known here
travels in `Tick.extra` to the clients as it came. Format: `docs/wire-protocol.md`, ZeroMQ bus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.natures import NatureBook
from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

MAX_PAYLOAD_BYTES = 1 << 20
_SECONDS_BELOW = 100_000_000_000

# Spellings in order of preference; the first that is there wins.
_PRICES = {
    "ltp": ("ltp", "last_price"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("prev_close", "close"),
    "average_price": ("average_price", "avg_trade_price", "avg_price", "atp"),
    "bid_price": ("bid_price", "best_bid_price", "bid"),
    "ask_price": ("ask_price", "best_ask_price", "ask"),
    "lower_circuit": ("lower_circuit", "lower_limit"),
    "upper_circuit": ("upper_circuit", "upper_limit"),
}
_QUANTITIES = {
    "volume": ("volume",),
    "last_quantity": ("last_trade_quantity", "last_quantity", "ltq", "last_traded_quantity"),
    "oi": ("oi", "open_interest", "total_oi"),
    "total_buy_quantity": ("total_buy_quantity", "total_buy_qty", "totalbuyqty"),
    "total_sell_quantity": ("total_sell_quantity", "total_sell_qty", "totalsellqty"),
    "bid_size": ("bid_size", "bid_qty", "bid_quantity", "best_bid_quantity"),
    "ask_size": ("ask_size", "ask_qty", "ask_quantity", "best_ask_quantity"),
}
_TIMES = {"timestamp": ("timestamp",), "ltt": ("ltt", "last_trade_time", "last_traded_time")}
# Zero in these means "not known yet" on Indian feeds.
_ZERO_IS_UNKNOWN = frozenset(
    {"open", "high", "low", "close", "average_price", "lower_circuit", "upper_circuit", "timestamp", "ltt"}
)
# Derived or structural fields: computed again by whoever shows them.
_OURS = frozenset({"symbol", "exchange", "mode", "depth", "change", "change_percent", "age_ms", "state", "snapshot"})
_KNOWN = _OURS.union(*(names for table in (_PRICES, _QUANTITIES, _TIMES) for names in table.values()))


def _milliseconds(value: float) -> int:
    """Some adapters send seconds: a number too small to be today in milliseconds is one of theirs."""
    return int(value * 1000) if abs(value) < _SECONDS_BELOW else int(value)


_FIELDS = tuple(
    (name, spellings, convert)
    for table, convert in ((_PRICES, float), (_QUANTITIES, None), (_TIMES, _milliseconds))
    for name, spellings in table.items()
)
# Where a value goes in a Tick, by its name: a message is read in one pass over what it contains.
_PLACES = {
    spelling: (rank, Tick._fields.index(name), convert)
    for name, spellings, convert in _FIELDS
    for rank, spelling in enumerate(spellings)
}
_NUMBERS = frozenset((float, int))
_ZERO_PLACES = tuple(Tick._fields.index(name) for name in sorted(_ZERO_IS_UNKNOWN))
_DEPTH_PLACE, _EXTRA_PLACE = Tick._fields.index("depth"), Tick._fields.index("extra")
_NOTHING_KNOWN = [None] * (len(Tick._fields) - 3)
_make_tick = tuple.__new__

_decode_json = msgspec.json.Decoder(dict[str, Any]).decode


def decode_payload(
    key: InstrumentKey, payload: bytes, source: str, received_ms: float, natures: NatureBook | None = None
) -> Tick:
    """Return the tick that `payload` says of `key`; `natures` takes note of what sort of price it is.

    Raises:
        DecodeError: it is not a JSON object.
    """
    try:
        data = _decode_json(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise DecodeError("A payload that is not a JSON object", payload) from None
    inner = data.get("data")
    if isinstance(inner, dict):
        data = inner
    if natures is not None:
        natures.note(key, data.get("state"), received_ms)
    return tick_of(key, data, source, received_ms)


def tick_of(key: InstrumentKey, data: Mapping[str, Any], source: str, received_ms: float) -> Tick:
    """Return the tick for a publisher's `data`; values of the wrong type count as not sent."""
    fields: list[Any] = [key, received_ms, source, *_NOTHING_KNOWN]
    extra = _fill(fields, data)
    for index in _ZERO_PLACES:
        if not fields[index]:
            fields[index] = None
    depth = data.get("depth")
    if isinstance(depth, dict):
        fields[_DEPTH_PLACE] = _depth(depth)
    if extra:
        fields[_EXTRA_PLACE] = extra
    return _make_tick(Tick, fields)


def _fill(fields: list[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Put the numbers of `data` in their places in `fields`; returns what has no place."""
    others: list[tuple[int, int, Any]] = []
    extra: dict[str, Any] = {}
    for name, value in data.items():
        place = _PLACES.get(name)
        if place is None:
            if name not in _OURS:
                extra[name] = value
        elif type(value) in _NUMBERS:
            rank, index, convert = place
            converted = value if convert is None else convert(value)
            if rank:
                others.append((rank, index, converted))
            else:
                fields[index] = converted
    if others:
        _add_others(fields, others)
    return extra


def _add_others(fields: list[Any], others: list[tuple[int, int, Any]]) -> None:
    """Values whose name is not the preferred one count where no preferred one was sent, not even as zero."""
    others.sort()
    for _rank, index, value in others:
        if fields[index] is None:
            fields[index] = value


def _first_number(data: Mapping[str, Any], spellings: Sequence[str]) -> float | None:
    for name in spellings:
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    return None


def _depth(depth: Mapping[str, Any]) -> Depth:
    timestamp = _first_number(depth, ("timestamp",))
    return Depth(_side(depth.get("buy")), _side(depth.get("sell")), int(timestamp) if timestamp else None)


def _side(rows: object) -> tuple[Level, ...]:
    if not isinstance(rows, list):
        return ()
    levels = (_level(row) for row in rows if isinstance(row, dict))
    # Adapters pad short books with zeros; a level without a price is no level.
    return tuple(level for level in levels if level.price)


def _level(row: Mapping[str, Any]) -> Level:
    quantity = _first_number(row, ("quantity", "qty"))
    orders = _first_number(row, ("orders",))
    return Level(float(_first_number(row, ("price",)) or 0.0), quantity or 0, int(orders or 0))
