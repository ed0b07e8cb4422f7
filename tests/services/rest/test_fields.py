"""Fields and what is said about wrong ones, in the words of OpenAlgo's validation."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rest.fields import (
    Field,
    boolean,
    choice,
    day,
    elements,
    expiry,
    integer,
    number,
    optional,
    pattern,
    read,
    text,
)

SCHEMA = {
    "apikey": Field(text(1, 256)),
    "exchange": Field(choice(("NSE", "NFO"))),
    "count": optional(integer(1, 100)),
    "rate": optional(number(0), 0.0),
    "symbols": optional(elements({"symbol": Field(text(1))}, 1, 2)),
}
GOOD: dict[str, Any] = {"apikey": "k", "exchange": "NSE"}


def test_values_of_absent_optional_fields_are_their_defaults() -> None:
    assert read(SCHEMA, GOOD) == (
        {"apikey": "k", "exchange": "NSE", "count": None, "rate": 0.0, "symbols": None},
        {},
    )


@pytest.mark.parametrize(
    ("given_fields", "errors"),
    [
        ({"exchange": "NSE"}, {"apikey": ["Missing data for required field."]}),
        ({**GOOD, "apikey": None}, {"apikey": ["Field may not be null."]}),
        ({**GOOD, "apikey": 7}, {"apikey": ["Not a valid string."]}),
        ({**GOOD, "apikey": ""}, {"apikey": ["Length must be between 1 and 256."]}),
        ({**GOOD, "exchange": "nse"}, {"exchange": ["Must be one of: NSE, NFO."]}),
        ({**GOOD, "exchange": ["NSE"]}, {"exchange": ["Not a valid string."]}),
        ({**GOOD, "colour": 1}, {"colour": ["Unknown field."]}),
        ({**GOOD, "count": "many"}, {"count": ["Not a valid integer."]}),
        ({**GOOD, "count": 1.5}, {"count": ["Not a valid integer."]}),
        ({**GOOD, "count": True}, {"count": ["Not a valid integer."]}),
        ({**GOOD, "count": 101}, {"count": ["Must be greater than or equal to 1 and less than or equal to 100."]}),
        ({**GOOD, "rate": -1}, {"rate": ["Must be greater than or equal to 0."]}),
        ({**GOOD, "rate": "nan"}, {"rate": ["Not a valid number."]}),
        ({**GOOD, "symbols": "SBIN"}, {"symbols": ["Not a valid list."]}),
        ({**GOOD, "symbols": []}, {"symbols": ["Length must be between 1 and 2."]}),
        ({**GOOD, "symbols": ["SBIN"]}, {"symbols": {"0": {"_schema": ["Invalid input type."]}}}),
        (
            {**GOOD, "symbols": [{"symbol": "A"}, {"symbol": ""}]},
            {"symbols": {"1": {"symbol": ["Shorter than minimum length 1."]}}},
        ),
    ],
)
def test_wrong_fields_are_named_with_a_sentence(given_fields: dict[str, Any], errors: dict[str, Any]) -> None:
    assert read(SCHEMA, given_fields)[1] == errors


def test_numbers_may_be_texts_and_optional_fields_null() -> None:
    values, errors = read(SCHEMA, {**GOOD, "count": "5", "rate": None})
    assert errors == {}
    assert (values["count"], values["rate"]) == (5, 0.0)


@pytest.mark.parametrize(
    ("parse", "value", "result"),
    [
        (day, "2026-01-26", date(2026, 1, 26)),
        (expiry, "30DEC25", date(2025, 12, 30)),
        (expiry, "30-dec-25", date(2025, 12, 30)),
        (boolean, True, True),
        (boolean, "false", False),
        (boolean, 1, True),
        (pattern("CE|PE", "…"), " ce ", "CE"),
    ],
)
def test_values_are_read(parse: Any, value: object, result: object) -> None:
    assert read({"x": Field(parse)}, {"x": value}) == ({"x": result}, {})


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        (day, "26-01-2026"),
        (day, "2026-02-30"),
        (day, "2025-W01-1"),
        (day, 20260126),
        (expiry, "31FEB25"),
        (expiry, "30XYZ25"),
        (expiry, 5),
        (boolean, "maybe"),
        (boolean, []),
        (pattern("CE|PE", "…"), "CALL"),
        (pattern("CE|PE", "…"), 1),
    ],
)
def test_values_that_mean_nothing_are_refused(parse: Any, value: object) -> None:
    assert list(read({"x": Field(parse)}, {"x": value})[1]) == ["x"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from([*SCHEMA, "other"]), JSON))
def test_whatever_is_sent_there_is_an_answer(fields: dict[str, Any]) -> None:
    values, errors = read(SCHEMA, fields)
    assert set(values) | set(errors) <= {*SCHEMA, "other"}
    for name in SCHEMA:
        assert name in values or name in errors
