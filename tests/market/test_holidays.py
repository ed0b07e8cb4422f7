from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import resources
from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.holidays import Holiday, SpecialSession, parse_holidays

SHIPPED = Path(resources.__file__).with_name("holidays.json")


def test_the_shipped_list_covers_the_holidays_of_nse() -> None:
    closed = [h.day for h in parse_holidays(json.loads(SHIPPED.read_text("utf-8"))) if Exchange.NSE in h.closed]
    assert sum(day.year == 2025 for day in closed) == 13
    assert sum(day.year == 2026 for day in closed) == 16
    assert all(day.weekday() < 5 for day in closed)
    assert date(2026, 11, 24) in closed


def test_groups_and_exchanges_are_both_understood() -> None:
    content = {
        "groups": {"cash": ["NSE", "BSE"]},
        "holidays": [
            {"date": "2026-03-03", "name": "Holi", "closed": ["cash", "NFO"], "open": {"MCX": "17:00-"}},
            {"date": "2025-10-21", "name": "Muhurat", "open": {"cash": "13:45-14:45"}},
        ],
    }
    muhurat, holi = parse_holidays(content)
    assert holi == Holiday(
        date(2026, 3, 3),
        "Holi",
        frozenset({Exchange.NSE, Exchange.BSE, Exchange.NFO}),
        (SpecialSession(Exchange.MCX, 1020),),
    )
    assert muhurat.sessions == (SpecialSession(Exchange.NSE, 825, 885), SpecialSession(Exchange.BSE, 825, 885))


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"holidays": {}},
        {"groups": [], "holidays": []},
        {"holidays": ["2026-01-26"]},
        {"holidays": [{"name": "no date"}]},
        {"holidays": [{"date": "2026-01-26"}]},
        {"holidays": [{"date": "26/01/2026", "name": "x"}]},
        {"holidays": [{"date": "2026-01-26", "name": "x", "open": {"MCX": "17:00"}}]},
        {"holidays": [{"date": "2026-01-26", "name": "x", "open": {"MCX": "late-"}}]},
        {"holidays": [{"date": "2026-01-26", "name": "x", "open": ["MCX"]}]},
        {"holidays": [{"date": "2026-01-26", "name": "x", "closed": ["NYSE"]}]},
    ],
)
def test_a_malformed_list_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError):
        parse_holidays(content)
