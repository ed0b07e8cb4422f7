"""The `data` object of a price, and the frame text around it.

Field sets by mode are OpenAlgo's minimum sets plus both spellings of the fields that its clients disagree on
(`docs/wire-protocol.md`). The key order of the envelope matters to clients that search the text: type, symbol,
exchange, mode, data, broker.
"""

from __future__ import annotations

from typing import Any

import msgspec

from market.freshness import Freshness
from market.modes import Mode
from market.ticks import Level, Quantity, Tick
from proxy.registry import Channel

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


def encode_tick(tick: Tick, channel: Channel, state: Freshness, now_ms: float, *, is_snapshot: bool = False) -> bytes:
    """Return one market-data frame for `tick`, limited to what `channel` shows: JSON text, or msgpack."""
    data = data_of(tick, channel)
    age_ms = int(now_ms - tick.received_ms)
    data["age_ms"] = age_ms if age_ms > 0 else 0
    data["state"] = state
    if is_snapshot:
        data["snapshot"] = True
    encode = _pack if channel.is_packed else _encode
    return encode(
        {
            "type": "market_data",
            "symbol": data["symbol"],
            "exchange": data["exchange"],
            "mode": channel.mode,
            "data": data,
            "broker": tick.source,
        }
    )


def is_worth_sending(tick: Tick, mode: Mode) -> bool:
    """Whether `tick` knows what a subscriber of `mode` waits for: a price, or for Depth a book."""
    if tick.ltp is not None:
        return True
    if mode is Mode.LTP:
        return False
    return tick.depth is not None or tick.bid_price is not None or tick.ask_price is not None or tick.extra is not None


def data_of(tick: Tick, channel: Channel) -> dict[str, Any]:
    """Return the fields that `channel` shows of `tick`, as JSON values.

    `ltp` is left out while it is unknown, because a script would act on a price of 0. Other unknown numbers are 0,
    as OpenAlgo's own adapters send them. Quantities are whole numbers; where an exchange trades fractions they are
    sent as they are, except `volume`, which is always whole because typed clients read it as an integer.
    """
    mode = channel.mode
    data = _ltp(tick) if mode is Mode.LTP else _quote(tick)
    if data["ltp"] is None:
        del data["ltp"]
    if mode is Mode.LTP:
        return data
    _add_known(data, tick)
    if mode is Mode.DEPTH:
        _add_depth(data, tick, channel.levels)
    if tick.extra:
        for name, value in tick.extra.items():
            data.setdefault(name, value)
    return data


def _ltp(tick: Tick) -> dict[str, Any]:
    (exchange, symbol), received_ms, _, ltp, timestamp, ltt, volume = tick[:7]
    if timestamp is None:
        timestamp = int(received_ms)
    return {
        "symbol": symbol,
        "exchange": exchange,
        "ltp": ltp,
        "timestamp": timestamp,
        "ltt": timestamp if ltt is None else ltt,
        "volume": int(volume or 0),
    }


# Made for every tick that anybody wants: fields unpacked at once and one display take half of what adding them takes.
# fmt: off
def _quote(tick: Tick) -> dict[str, Any]:
    ((exchange, symbol), received_ms, _, ltp, timestamp, ltt, volume, open_, high, low, close, last_quantity, average,
     oi, total_buy, total_sell, bid, ask, bid_size, ask_size, _, _, _, _, _) = tick
    # fmt: on
    if timestamp is None:
        timestamp = int(received_ms)
    last_quantity = _whole(last_quantity)
    average = average or 0.0
    change = percent = 0.0
    if ltp is not None and close:
        change = ltp - close
        percent = round(change / abs(close) * 100.0, 4)
    return {
        "symbol": symbol,
        "exchange": exchange,
        "ltp": ltp,
        "timestamp": timestamp,
        "ltt": timestamp if ltt is None else ltt,
        "volume": int(volume or 0),
        "open": open_ or 0.0,
        "high": high or 0.0,
        "low": low or 0.0,
        "close": close or 0.0,
        "last_trade_quantity": last_quantity,
        "last_quantity": last_quantity,
        "average_price": average,
        "avg_trade_price": average,
        "change": round(change, 8),
        "change_percent": percent,
        "oi": oi if type(oi) is int else _whole(oi),
        "total_buy_quantity": total_buy if type(total_buy) is int else _whole(total_buy),
        "total_sell_quantity": total_sell if type(total_sell) is int else _whole(total_sell),
        "bid_price": bid or 0.0,
        "ask_price": ask or 0.0,
        "bid_size": bid_size if type(bid_size) is int else _whole(bid_size),
        "ask_size": ask_size if type(ask_size) is int else _whole(ask_size),
    }


def _add_known(data: dict[str, Any], tick: Tick) -> None:
    if tick.lower_circuit is not None:
        data["lower_circuit"] = tick.lower_circuit
    if tick.upper_circuit is not None:
        data["upper_circuit"] = tick.upper_circuit
    if tick.rolling_24h:
        data["rolling_24h"] = True


def _add_depth(data: dict[str, Any], tick: Tick, levels: int) -> None:
    depth = tick.depth
    buy = _side(depth.buy, levels) if depth else []
    sell = _side(depth.sell, levels) if depth else []
    data["depth_level"] = levels
    data["depth"] = {"buy": buy, "sell": sell}
    if depth and depth.timestamp is not None:
        data["depth"]["timestamp"] = depth.timestamp
    data["bids"] = buy
    data["asks"] = sell


def _side(levels: tuple[Level, ...], count: int) -> list[dict[str, Any]]:
    return [
        {"price": price, "quantity": _whole(quantity), "orders": orders} for price, quantity, orders in levels[:count]
    ]


def _whole(quantity: Quantity | None) -> Quantity:
    if quantity is None:
        return 0
    if isinstance(quantity, int):
        return quantity
    return int(quantity) if quantity.is_integer() else quantity
