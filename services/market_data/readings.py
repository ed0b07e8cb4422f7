"""A tick in the shapes of the document: built when somebody reads, never when a tick arrives."""

from __future__ import annotations

from typing import Any

from market.exchanges import Exchange
from market.modes import Mode
from market.ticks import Book, Level, Tick

_QUOTE_FIELDS = (
    "last_quantity",
    "average_price",
    "oi",
    "total_buy_quantity",
    "total_sell_quantity",
    "bid_price",
    "ask_price",
    "bid_size",
    "ask_size",
    "lower_circuit",
    "upper_circuit",
)
_QUOTE_BLOCK = slice(Tick._fields.index("open"), Tick._fields.index("upper_circuit") + 1)
_QUOTE_NAMES = Tick._fields[_QUOTE_BLOCK]
# Plain text and plain numbers by lookup: converting an enumeration's member costs three times as much.
_EXCHANGE_NAMES = {exchange: exchange.value for exchange in Exchange}
_MODE_NUMBERS = {mode: mode.value for mode in Mode}


def time_of(tick: Tick) -> int:
    """The exchange's time of `tick` in ms, or the time of receipt where the exchange gave none."""
    return tick.timestamp if tick.timestamp is not None else int(tick.received_ms)


def ltp_reading(tick: Tick) -> dict[str, Any] | None:
    """`{"value", "timestamp"}`, or None while no price is known."""
    if tick.ltp is None:
        return None
    return {"value": tick.ltp, "timestamp": time_of(tick)}


def quote_reading(tick: Tick) -> dict[str, Any] | None:
    """OHLC, LTP and volume (None where unknown) with `timestamp`, and what else is known; None if nothing is."""
    reading: dict[str, Any] = {
        "open": tick.open,
        "high": tick.high,
        "low": tick.low,
        "close": tick.close,
        "ltp": tick.ltp,
        "volume": tick.volume,
    }
    more = {name: value for name in _QUOTE_FIELDS if (value := getattr(tick, name)) is not None}
    if not more and all(value is None for value in reading.values()):
        return None
    reading["timestamp"] = time_of(tick)
    change = tick.change
    if change is not None:
        more |= {"change": change, "change_percent": tick.change_percent}
    return reading | more


def depth_reading(tick: Tick) -> dict[str, Any] | None:
    """`{"buy", "sell", "timestamp"}`, levels as dicts, best first; None while no book is known."""
    if tick.depth is None:
        return None
    stamp = tick.depth.timestamp
    return _sides(tick.depth) | {"timestamp": time_of(tick) if stamp is None else stamp}


def entry_reading(tick: Tick) -> dict[str, Any]:
    """The whole cache entry: `ltp`, `quote` and `depth` as far as known, and `last_update`."""
    parts = {"ltp": ltp_reading(tick), "quote": quote_reading(tick), "depth": depth_reading(tick)}
    return {name: part for name, part in parts.items() if part is not None} | {"last_update": int(tick.received_ms)}


def message_reading(tick: Tick, mode: Mode) -> dict[str, Any]:
    """The message that a client which holds `mode` would get: `{"type", "symbol", "exchange", "mode", "data", …}`."""
    (exchange, symbol), received_ms, source, ltp, timestamp, ltt, volume = tick[:7]
    name = _EXCHANGE_NAMES[exchange]
    data: dict[str, Any] = {"symbol": symbol, "exchange": name}
    if ltp is not None:
        data["ltp"] = ltp
    data["timestamp"] = int(received_ms) if timestamp is None else timestamp
    if ltt is not None:
        data["ltt"] = ltt
    if volume is not None:
        data["volume"] = volume
    number = _MODE_NUMBERS[mode]
    if number > 1:
        _add_quote(data, tick)
        if number == 3 and tick.depth is not None:
            data["depth"] = _sides(tick.depth)
    return {
        "type": "market_data",
        "symbol": symbol,
        "exchange": name,
        "mode": number,
        "data": data,
        "broker": source or None,
    }


def _add_quote(data: dict[str, Any], tick: Tick) -> None:
    ltp, close = tick[3], tick[10]
    for name, value in zip(_QUOTE_NAMES, tuple(tick)[_QUOTE_BLOCK], strict=True):
        if value is not None:
            data[name] = value
    if ltp is not None and close:
        data["change"] = ltp - close
        data["change_percent"] = (ltp - close) / abs(close) * 100.0


def _sides(depth: Book) -> dict[str, Any]:
    return {"buy": [_level(level) for level in depth.buy], "sell": [_level(level) for level in depth.sell]}


def _level(level: Level) -> dict[str, float]:
    return {"price": level.price, "quantity": level.quantity, "orders": level.orders}
