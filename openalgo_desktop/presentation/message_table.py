"""The last message of an instrument beside what the row makes of it, field by field."""

from __future__ import annotations

import json
from typing import NamedTuple

from openalgo_desktop.presentation.column_catalogue import BY_ID
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of

_COLUMN_OF = {
    "ltp": "ltp",
    "change": "change",
    "change_percent": "change_percent",
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "volume": "volume",
    "oi": "oi",
    "average_price": "average",
    "last_quantity": "last_quantity",
    "last_trade_quantity": "last_quantity",
    "avg_trade_price": "average",
    "ltq": "last_quantity",
    "ltt": "time",
    "bid": "bid",
    "ask": "ask",
    "bid_price": "bid",
    "ask_price": "ask",
    "bid_size": "bid_size",
    "ask_size": "ask_size",
    "bid_qty": "bid_size",
    "ask_qty": "ask_size",
    "total_buy_quantity": "total_buy",
    "total_sell_quantity": "total_sell",
    "lower_circuit": "lower_circuit",
    "upper_circuit": "upper_circuit",
}


class MessageLine(NamedTuple):
    """A field as it is sent, and as the row shows it; empty where no column shows it."""

    field: str
    raw: str
    shown: str


def message_lines(message: str, row: QuoteRow | None) -> list[MessageLine]:
    """Return the fields of `message`, a market-data message as JSON text, in its order."""
    try:
        envelope = json.loads(message)
    except ValueError:
        return []
    data = envelope.pop("data", {})
    lines = [MessageLine(field, _raw(value), "") for field, value in envelope.items()]
    return lines + [MessageLine(f"data.{field}", _raw(value), _shown(field, row)) for field, value in data.items()]


def _raw(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(field: str, row: QuoteRow | None) -> str:
    if row is None or field not in _COLUMN_OF:
        return ""
    column = BY_ID[_COLUMN_OF[field]]
    return column.text(value_of(column, row), row.style)
