"""Every formatter at its boundaries: peers have been wrong by a factor of ten here."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.formats import NumberStyle

IN, INTL = NumberStyle.INDIAN, NumberStyle.INTERNATIONAL


def at(hour: int, minute: int = 0, second: int = 0, ms: int = 0) -> float:
    return datetime(2026, 11, 23, hour, minute, second, ms * 1000, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize(
    ("digits", "indian", "international"),
    [
        ("0", "0", "0"),
        ("999", "999", "999"),
        ("1000", "1,000", "1,000"),
        ("99999", "99,999", "99,999"),
        ("100000", "1,00,000", "100,000"),
        ("1234567", "12,34,567", "1,234,567"),
        ("1234567890", "1,23,45,67,890", "1,234,567,890"),
    ],
)
def test_group_digits_at_each_length(digits: str, indian: str, international: str) -> None:
    assert formats.group_digits(digits, IN) == indian
    assert formats.group_digits(digits, INTL) == international


@given(st.integers(min_value=0, max_value=10**18), st.sampled_from(NumberStyle))
def test_group_digits_keeps_every_digit(number: int, style: NumberStyle) -> None:
    assert formats.group_digits(str(number), style).replace(",", "") == str(number)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (None, 2, "–"),
        (float("nan"), 2, "–"),
        (0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (1402.7, 2, "1,402.70"),
        (-37.63, 2, "−37.63"),
        (1234567.89, 2, "12,34,567.89"),
        (83.1275, 4, "83.1275"),
        (0.00001234, 8, "0.00001234"),
        (999.995, 0, "1,000"),
    ],
)
def test_price(value: float | None, decimals: int, text: str) -> None:
    assert formats.price(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (12.345, "+12.35"), (-0.05, "−0.05"), (0.0, "0.00"), (0.004, "0.00"), (-0.004, "0.00")],
)
def test_signed_has_a_sign_unless_it_reads_zero(value: float | None, text: str) -> None:
    assert formats.signed(value, 2) == text


def test_percent() -> None:
    assert formats.percent(1.234) == "+1.23%"
    assert formats.percent(-100.0) == "−100.00%"
    assert formats.percent(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (7082847, "70,82,847"), (0.001, "0.001"), (1234.5, "1,234.5"), (1e-9, "0"), (-75, "−75")],
)
def test_quantity(value: float | None, text: str) -> None:
    assert formats.quantity(value) == text


@pytest.mark.parametrize(
    ("value", "indian", "international"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (0.25, "0.25", "0.25"),
        (99_999, "99,999", "99,999"),
        (99_999.6, "1.00 L", "100.00 K"),
        (100_000, "1.00 L", "100.00 K"),
        (123_456, "1.23 L", "123.46 K"),
        (999_990, "10.00 L", "999.99 K"),
        (999_996, "10.00 L", "1.00 M"),
        (9_999_000, "99.99 L", "10.00 M"),
        (9_999_999, "1.00 Cr", "10.00 M"),
        (10_000_000, "1.00 Cr", "10.00 M"),
        (45_600_000, "4.56 Cr", "45.60 M"),
        (999_999_999, "100.00 Cr", "1.00 B"),
        (1_000_000_000, "100.00 Cr", "1.00 B"),
        (1e12, "1.00 L Cr", "1.00 T"),
        (-123_456, "−1.23 L", "−123.46 K"),
    ],
)
def test_abbreviated_at_each_unit(value: float | None, indian: str, international: str) -> None:
    assert formats.abbreviated(value, style=IN) == indian
    assert formats.abbreviated(value, style=INTL) == international


def test_clock_is_indian_time_with_zero_padding() -> None:
    assert formats.clock(at(3, 45)) == "09:15:00"
    assert formats.clock(at(18, 30, 7)) == "00:00:07"
    assert formats.clock(None) == "–"


def test_clock_pads_milliseconds() -> None:
    assert formats.clock_ms(at(8, 33, 22, 5)) == "14:03:22.005"
    assert formats.clock_ms(at(8, 33, 22, 118)) == "14:03:22.118"


def test_dates_do_not_follow_the_locale() -> None:
    assert formats.day(date(2025, 12, 5)) == "5 Dec 2025"
    assert formats.ist_date(at(18, 29)) == date(2026, 11, 23)
    assert formats.ist_date(at(18, 30)) == date(2026, 11, 24)
    assert formats.weekday(at(12)) == "Mon"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0.0 s"),
        (400, "0.4 s"),
        (9_940, "9.9 s"),
        (9_960, "10 s"),
        (59_400, "59 s"),
        (59_600, "1 min"),
        (3_560_000, "59 min"),
        (3_580_000, "1 h"),
        (84_000_000, "23 h"),
        (86_400_000, "1 d"),
    ],
)
def test_age_at_each_unit(ms: float, text: str) -> None:
    assert formats.age(ms) == text
