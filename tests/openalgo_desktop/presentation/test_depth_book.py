"""The book's picture: bars, totals, and what is said where the feed does not know."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.depth_book import EMPTY, bar_scale, heading, picture

KEY = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
BOOK = Depth((Level(100.5, 150, 3), Level(100.45, 300)), (Level(100.55, 75, 1),))


def test_rows_are_bid_left_and_offer_right() -> None:
    shown = picture(Tick(KEY, 0.0, "test", depth=BOOK), RowStyle(), instrument=None, levels=5)
    bid, ask = shown.rows[0]
    assert (bid.orders, bid.quantity, bid.price) == ("3", "150", "100.50")
    assert (ask.orders, ask.quantity, ask.price) == ("1", "75", "100.55")
    assert shown.rows[1][0].orders == "–", "a feed that does not count orders is not shown as zero"
    assert shown.rows[1][1] is EMPTY
    assert len(shown.rows) == 5


def test_bar_scale_ignores_one_wall_far_from_the_price() -> None:
    levels = tuple(Level(100 - i, 10) for i in range(20))
    wall = (*levels[:15], Level(84.0, 100_000), *levels[16:])
    assert bar_scale(Depth(wall, levels)) == 10
    near = (Level(100.0, 500), *levels[1:])
    assert bar_scale(Depth(near, levels)) == 500
    assert bar_scale(Depth((), ())) == 1.0


def test_bars_never_pass_the_end() -> None:
    levels = tuple(Level(100 - i, 10 if i != 15 else 1000) for i in range(20))
    shown = picture(Tick(KEY, 0.0, "test", depth=Depth(levels, levels)), RowStyle(), instrument=None, levels=20)
    assert max(bid.bar for bid, _ in shown.rows) == 1.0


def test_totals_come_from_the_feed_else_from_the_levels() -> None:
    tick = Tick(KEY, 0.0, "test", depth=BOOK)
    summed = picture(tick, RowStyle(), instrument=None, levels=5)
    assert (summed.total_buy, summed.total_sell) == ("450", "75")
    assert summed.buy_share == pytest.approx(450 / 525)
    said = picture(
        tick._replace(total_buy_quantity=1_00_000, total_sell_quantity=3_00_000), RowStyle(), instrument=None, levels=5
    )
    assert (said.total_buy, said.buy_share) == ("1,00,000", 0.25)


def test_picture_of_nothing_is_dashes() -> None:
    shown = picture(None, RowStyle(), instrument=None, levels=5)
    assert (shown.total_buy, shown.buy_share) == ("–", None)
    assert {text for _, text in shown.facts} == {"–"}


def test_facts_name_expiry_and_the_reference_of_crypto() -> None:
    contract = Instrument(key=KEY, kind=InstrumentKind.FUTURE, expiry=date(2025, 12, 30))
    facts = dict(picture(Tick(KEY, 0.0, "test", close=99.0), RowStyle(), instrument=contract, levels=5).facts)
    assert (facts["Expiry"], facts["Prev close"]) == ("30 Dec 2025", "99.00")
    rolling = picture(Tick(KEY, 0.0, "test", close=99.0, rolling_24h=True), RowStyle(), instrument=None, levels=5)
    assert dict(rolling.facts)["24 h ago"] == "99.00"


def test_heading() -> None:
    assert heading(20, "NSE", "simulated") == "20 levels · NSE · simulated"
