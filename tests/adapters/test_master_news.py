"""What is new in today's list, in one line."""

from __future__ import annotations

import dataclasses
from datetime import date

from adapters.catalogue import indexed
from adapters.master_news import compare
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind

TODAY = date(2026, 11, 25)


def _future(symbol: str, day: date, **fields: float) -> Instrument:
    key = InstrumentKey(Exchange.NFO, symbol)
    return dataclasses.replace(
        Instrument(key=key, kind=InstrumentKind.FUTURE, expiry=day, lot=65, tick_size=0.05), **fields
    )


def test_every_kind_of_difference() -> None:
    later = date(2026, 12, 29)
    old = [_future("EXPIRED", TODAY), _future("GONE", later), _future("LOT", later), _future("TICK", later)]
    new = [_future("LOT", later, lot=75), _future("TICK", later, tick_size=0.1), _future("NEW", later)]
    news = compare(indexed(old), indexed(new), TODAY)
    assert [key.symbol for key in news.listed] == ["NEW"]
    assert [key.symbol for key in news.gone] == ["GONE"]
    assert [key.symbol for key in news.expired] == ["EXPIRED"]
    assert list(news.lot_changed.values()) == [(65, 75)]
    assert list(news.tick_changed.values()) == [(0.05, 0.1)]
    assert news.summary() == "1 new, 1 gone, 1 expired, lot changed for 1, tick size changed for 1"


def test_the_same_list_is_nothing_new() -> None:
    same = indexed([_future("A", TODAY)])
    news = compare(same, same, TODAY)
    assert not news
    assert news.summary() == "nothing new"
