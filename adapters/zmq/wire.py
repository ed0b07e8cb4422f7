"""The bus's messages: `[topic, JSON]` to a tick. Pure: bytes in, values out.

A topic is EXCHANGE_SYMBOL_MODE; exchanges and symbols with an underscore make it ambiguous only to those who split from
the left. Field names are those that OpenAlgo's broker adapters use, in all their spellings; a field that is not known
here travels in `Tick.extra` to the clients as it came. Formats: `docs/wire-protocol.md`, ZeroMQ bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from market.errors import DecodeError, InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.symbols import parse_key
from market.ticks import Depth, Level, Tick

MAX_PAYLOAD_BYTES = 1 << 20
_SECONDS_BELOW = 100_000_000_000
_TWO_PART_EXCHANGES = tuple(f"{exchange.value}_" for exchange in Exchange if "_" in exchange.value)
_PRIVATE_SUFFIXES = ("_orders", "_positions", "_margins")
_PRIVATE_PREFIX = "CACHE_INVALIDATE"

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


def _as_sent(value: float) -> float:
    return value


_CONVERTED: tuple[tuple[dict[str, tuple[str, ...]], Callable[[float], float]], ...] = (
    (_PRICES, float),
    (_QUANTITIES, _as_sent),
    (_TIMES, _milliseconds),
)
_FIELDS = tuple((name, names, convert) for table, convert in _CONVERTED for name, names in table.items())


def is_private(topic: bytes) -> bool:
    """Whether `topic` is other traffic of the bus (orders, cache notices), which is not for us."""
    text = topic.decode("utf-8", "replace")
    return text.startswith(_PRIVATE_PREFIX) or text.endswith(_PRIVATE_SUFFIXES)


def parse_topic(topic: bytes) -> tuple[InstrumentKey, Mode]:
    """Return the instrument and the mode that `topic` names.

    Raises:
        DecodeError: not EXCHANGE_SYMBOL_MODE with a known exchange and mode.
    """
    try:
        text = topic.decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError("A topic that is not UTF-8", topic) from None
    stem, _, mode_name = text.rpartition("_")
    try:
        mode = Mode[mode_name.upper()]
    except KeyError:
        raise DecodeError("A topic that does not end in a mode", text) from None
    prefix = next((prefix for prefix in _TWO_PART_EXCHANGES if stem.startswith(prefix)), None)
    exchange, symbol = (prefix[:-1], stem[len(prefix) :]) if prefix else stem.partition("_")[::2]
    try:
        return parse_key(exchange, symbol), mode
    except InvalidRequestError as error:
        raise DecodeError(str(error), text) from None


def decode(frames: Sequence[bytes], source: str, received_ms: float) -> Tick:
    """Return the tick that a multipart message carries.

    Raises:
        DecodeError: not two frames, too long, an unknown topic, or not a JSON object.
    """
    if len(frames) != 2:
        raise DecodeError(f"A message of {len(frames)} frames instead of 2", frames[0] if frames else b"")
    topic, payload = frames
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise DecodeError(f"A payload of {len(payload)} bytes", topic)
    key, _mode = parse_topic(topic)
    try:
        data = _decode_json(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise DecodeError("A payload that is not a JSON object", payload) from None
    inner = data.get("data")
    return tick_of(key, inner if isinstance(inner, dict) else data, source, received_ms)


_decode_json = msgspec.json.Decoder(dict[str, Any]).decode


def tick_of(key: InstrumentKey, data: Mapping[str, Any], source: str, received_ms: float) -> Tick:
    """Return the tick for a publisher's `data`; values of the wrong type count as not sent."""
    fields: dict[str, Any] = {}
    for name, spellings, convert in _FIELDS:
        value = _first_number(data, spellings)
        if value is not None and (value or name not in _ZERO_IS_UNKNOWN):
            fields[name] = convert(value)
    depth = data.get("depth")
    if isinstance(depth, dict):
        fields["depth"] = _depth(depth)
    extra = {name: value for name, value in data.items() if name not in _KNOWN}
    if extra:
        fields["extra"] = extra
    return Tick(key, received_ms, source, **fields)


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
