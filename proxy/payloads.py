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


def encode_tick(tick: Tick, channel: Channel, state: Freshness, now_ms: float, *, is_snapshot: bool = False) -> bytes:
    """Return the JSON text of one market-data frame for `tick`, limited to what `channel` shows."""
    symbol, exchange = tick.key.symbol, tick.key.exchange.value
    data = data_of(tick, channel)
    data["age_ms"] = max(0, int(now_ms - tick.received_ms))
    data["state"] = state.value
    if is_snapshot:
        data["snapshot"] = True
    return _encode(
        {
            "type": "market_data",
            "symbol": symbol,
            "exchange": exchange,
            "mode": int(channel.mode),
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
    timestamp = tick.timestamp if tick.timestamp is not None else int(tick.received_ms)
    data: dict[str, Any] = {"symbol": tick.key.symbol, "exchange": tick.key.exchange.value}
    if tick.ltp is not None:
        data["ltp"] = tick.ltp
    data["timestamp"] = timestamp
    data["ltt"] = tick.ltt if tick.ltt is not None else timestamp
    data["volume"] = int(tick.volume or 0)
    if channel.mode is not Mode.LTP:
        _add_quote(data, tick)
        if channel.mode is Mode.DEPTH:
            _add_depth(data, tick, channel.levels)
        if tick.extra:
            for name, value in tick.extra.items():
                data.setdefault(name, value)
    return data


def _add_quote(data: dict[str, Any], tick: Tick) -> None:
    last_quantity = _whole(tick.last_quantity)
    average_price = tick.average_price or 0.0
    change, percent = tick.change, tick.change_percent
    data["open"] = tick.open or 0.0
    data["high"] = tick.high or 0.0
    data["low"] = tick.low or 0.0
    data["close"] = tick.close or 0.0
    data["last_trade_quantity"] = last_quantity
    data["last_quantity"] = last_quantity
    data["average_price"] = average_price
    data["avg_trade_price"] = average_price
    data["change"] = round(change, 8) if change is not None else 0.0
    data["change_percent"] = round(percent, 4) if percent is not None else 0.0
    data["oi"] = _whole(tick.oi)
    data["total_buy_quantity"] = _whole(tick.total_buy_quantity)
    data["total_sell_quantity"] = _whole(tick.total_sell_quantity)
    data["bid_price"] = tick.bid_price or 0.0
    data["ask_price"] = tick.ask_price or 0.0
    data["bid_size"] = _whole(tick.bid_size)
    data["ask_size"] = _whole(tick.ask_size)
    _add_known(data, tick)


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
