"""A wire-shaped dict into a tick: the field names of every known publisher (`docs/wire-protocol.md`, fields)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from market.errors import DecodeError, InvalidRequestError
from market.symbols import parse_key
from market.ticks import Depth, Level, Tick

# Tick field -> the names that publishers use for it, ours first.
_NAMES: dict[str, tuple[str, ...]] = {
    "ltp": ("ltp", "last_price"),
    "volume": ("volume",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "prev_close"),
    "last_quantity": ("last_trade_quantity", "last_quantity", "ltq", "last_traded_quantity"),
    "average_price": ("average_price", "avg_trade_price", "avg_price", "atp"),
    "oi": ("oi", "open_interest", "total_oi"),
    "total_buy_quantity": ("total_buy_quantity", "totalbuyqty", "total_buy_qty"),
    "total_sell_quantity": ("total_sell_quantity", "totalsellqty", "total_sell_qty"),
    "bid_price": ("bid_price", "best_bid_price", "bid"),
    "ask_price": ("ask_price", "best_ask_price", "ask"),
    "bid_size": ("bid_size", "bid_qty", "bid_quantity", "best_bid_quantity"),
    "ask_size": ("ask_size", "ask_qty", "ask_quantity", "best_ask_quantity"),
    "lower_circuit": ("lower_circuit", "lower_limit"),
    "upper_circuit": ("upper_circuit", "upper_limit"),
}
_TIMES: dict[str, tuple[str, ...]] = {
    "timestamp": ("timestamp", "exchange_timestamp", "exchange_time"),
    "ltt": ("ltt", "last_trade_time", "last_traded_time"),
}
# Beyond any price, quantity or time, but within what arithmetic stands.
_MOST = 1e21
_PRICE_NAMES = _NAMES["ltp"]


class Message(NamedTuple):
    """What a dict said. `price_given` is whether it had a last price at all, usable or not."""

    tick: Tick
    price_given: bool


def parse_message(data: Mapping[str, Any], received_ms: float) -> Message:
    """Return what `data` says: an envelope `{"symbol", "exchange", "mode", "data": {…}}`, or the fields flat.

    A field that is not a number is as if it were absent.

    Raises:
        DecodeError: no symbol and exchange in it, or ones that cannot be.
    """
    inner = data.get("data")
    fields: Mapping[str, Any] = inner if isinstance(inner, Mapping) else data
    symbol = data.get("symbol") or fields.get("symbol")
    exchange = data.get("exchange") or fields.get("exchange")
    if not isinstance(symbol, str) or not isinstance(exchange, str):
        raise DecodeError("A market data message without symbol and exchange")
    try:
        key = parse_key(exchange, symbol)
    except InvalidRequestError as error:
        raise DecodeError(str(error)) from error
    values: dict[str, Any] = {name: _first(fields, names, number) for name, names in _NAMES.items()}
    values |= {name: _first(fields, names, milliseconds) for name, names in _TIMES.items()}
    source = data.get("broker")
    tick = Tick(
        key, received_ms, source if isinstance(source, str) else "", depth=_depth(fields.get("depth")), **values
    )
    return Message(tick, any(name in fields for name in _PRICE_NAMES))


def number(value: object) -> float | None:
    """Return `value` as a finite number (text of one too), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _MOST else None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if isinstance(value, float) and isfinite(value) and abs(value) < _MOST else None


def milliseconds(value: object) -> int | None:
    """Return a time since 1970 in ms, whether it came in seconds, milli-, micro- or nanoseconds; else None."""
    time = number(value)
    if time is None or time <= 0:
        return None
    if time < 1e11:
        return round(time * 1000)
    while time >= 1e14:
        time /= 1000
    return round(time)


def _first(fields: Mapping[str, Any], names: Sequence[str], read: Callable[[object], float | None]) -> float | None:
    for name in names:
        if name in fields:
            value = read(fields[name])
            if value is not None:
                return value
    return None


def _depth(book: object) -> Depth | None:
    if not isinstance(book, Mapping):
        return None
    return Depth(_levels(book.get("buy")), _levels(book.get("sell")), milliseconds(book.get("timestamp")))


def _levels(side: object) -> tuple[Level, ...]:
    if not isinstance(side, Sequence) or isinstance(side, str):
        return ()
    levels = (_level(entry) for entry in side if isinstance(entry, Mapping))
    return tuple(level for level in levels if level is not None)


def _level(entry: Mapping[str, Any]) -> Level | None:
    price, quantity = number(entry.get("price")), number(entry.get("quantity"))
    if price is None or quantity is None:
        return None
    return Level(price, quantity, int(number(entry.get("orders")) or 0))
