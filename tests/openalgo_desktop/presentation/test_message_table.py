"""A message beside what the row shows of it."""

from __future__ import annotations

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.message_table import message_lines
from openalgo_desktop.presentation.quote_row import QuoteRow

MESSAGE = (
    '{"type":"market_data","symbol":"INFY","data":{"ltp":123402.7,"volume":7082847,"depth":{"buy":[]},"odd":null}}'
)


def test_fields_come_in_order_with_what_the_row_shows() -> None:
    row = QuoteRow(InstrumentKey(Exchange.NSE, "INFY"), RowStyle(), COLUMNS)
    row.tick = Tick(row.key, 0.0, "test", ltp=123402.7, volume=7_082_847)
    assert message_lines(MESSAGE, row) == [
        ("type", '"market_data"', ""),
        ("symbol", '"INFY"', ""),
        ("data.ltp", "123402.7", "1,23,402.70"),
        ("data.volume", "7082847", "70.83 L"),
        ("data.depth", '{"buy":[]}', ""),
        ("data.odd", "null", ""),
    ]
    assert message_lines(MESSAGE, None)[2] == ("data.ltp", "123402.7", "")


def test_nothing_has_no_fields() -> None:
    assert message_lines("", None) == []
