"""What exchanges are doing: open until, closed since, holidays with their names, and a countdown in the last hour."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from market.exchanges import Exchange
from market.holidays import parse_holidays
from market.sessions import SessionCalendar
from openalgo_desktop.presentation.session_lines import badges, holiday_hint, when

IST = timezone(timedelta(hours=5, minutes=30))
HOLIDAYS = parse_holidays(
    {
        "groups": {"INDIA": ["NSE", "BSE", "NFO", "NSE_INDEX"]},
        "holidays": [
            {"date": "2025-11-27", "name": "A holiday", "closed": ["INDIA"]},
            {"date": "2025-11-29", "name": "A Saturday", "closed": ["INDIA"]},
            {"date": "2025-12-25", "name": "Christmas", "closed": ["INDIA", "MCX"]},
        ],
    }
)
CALENDAR = SessionCalendar(HOLIDAYS)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000.0


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("2025-11-26T11:00", "NSE open, closes 15:30"),
        ("2025-11-26T15:18", "NSE open, closes in 12 min"),
        ("2025-11-26T15:29:15", "NSE open, closes in 45 s"),
        ("2025-11-26T09:05", "NSE pre-open, opens in 10 min"),
        ("2025-11-26T07:00", "NSE closed, opens 09:15"),
        ("2025-11-26T08:50", "NSE closed, opens in 25 min"),
        ("2025-11-26T15:45", "NSE closed 15:30, post-close until 16:00"),
        ("2025-11-26T18:00", "NSE closed 15:30, opens Fri 09:15"),
        ("2025-11-27T11:00", "NSE holiday (A holiday), opens Fri 09:15"),
        ("2025-11-28T18:00", "NSE closed 15:30, opens Mon 09:15"),
        ("2025-11-30T11:00", "NSE closed, opens Mon 09:15"),
    ],
)
def test_an_exchange_says_what_it_does_and_what_comes_next(moment: str, says: str) -> None:
    assert [badge.text for badge in badges(CALENDAR, [Exchange.NSE], at(moment))] == [says]


def test_families_and_those_that_do_the_same_are_named_together() -> None:
    exchanges = [Exchange.NSE_INDEX, Exchange.NFO, Exchange.BSE, Exchange.MCX, Exchange.CRYPTO]
    said = badges(CALENDAR, exchanges, at("2025-11-26T18:00"))
    assert [badge.text for badge in said] == [
        "NSE, BSE closed 15:30, opens Fri 09:15",
        "MCX open, closes 23:55",
        "CRYPTO open",
    ]
    assert [badge.is_open for badge in said] == [False, True, True]


def test_a_market_that_never_closes_says_open() -> None:
    demo = SessionCalendar(forced_open=True)
    assert [badge.text for badge in badges(demo, [Exchange.NSE], at("2025-11-29T11:00"))] == ["NSE open"]


def test_the_next_holiday_is_named_and_soon_ones_are_marked() -> None:
    both = [Exchange.NFO, Exchange.MCX]
    assert holiday_hint(CALENDAR, both, at("2025-11-26T11:00")) == ("NSE shut tomorrow: A holiday", True)
    assert holiday_hint(CALENDAR, both, at("2025-11-25T11:00")) == ("NSE shut Thu 27 Nov: A holiday", True)
    assert holiday_hint(CALENDAR, [Exchange.NSE], at("2025-11-28T11:00")) == ("NSE shut Thu 25 Dec: Christmas", False)
    assert holiday_hint(CALENDAR, both, at("2025-12-01T11:00")) == ("NSE, MCX shut Thu 25 Dec: Christmas", False)
    assert holiday_hint(CALENDAR, [Exchange.CRYPTO], at("2025-11-26T11:00")) is None
    assert holiday_hint(CALENDAR, [], at("2025-11-26T11:00")) is None


def test_moments_to_come_are_as_exact_as_they_are_near() -> None:
    now = at("2025-11-26T11:00")
    said = [when(now + ahead * 1000.0, now) for ahead in (0, 59, 61, 3_599, 3_601, 86_400, 8 * 86_400)]
    assert said == ["in 1 s", "in 59 s", "in 1 min", "in 60 min", "12:00", "Thu 11:00", "Thu 4 Dec 11:00"]
