"""Bytes of bodies: compact, sorted where said so, and nothing but JSON objects in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http.bodies import UnreadableBodyError, decode, encode, error_body
from services.rest.answers import Answer

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def test_json_is_compact_sorted_and_ends_with_a_newline() -> None:
    answer = Answer(200, {"status": "success", "data": {"ltp": 805.0, "ask": 1}})
    assert encode(answer) == b'{"data":{"ask":1,"ltp":805.0},"status":"success"}\n'


def test_json_in_the_order_it_was_put_in() -> None:
    answer = Answer(200, {"status": "success", "chain": [{"strike": 1, "ce": None}]}, is_sorted=False)
    assert encode(answer) == b'{"status":"success","chain":[{"strike":1,"ce":null}]}\n'


def test_text_is_written_as_it_is() -> None:
    assert encode(Answer(200, "NSE:M&M,1\n", media="text/plain")) == b"NSE:M&M,1\n"


def test_numbers_that_are_none_are_null() -> None:
    assert encode(Answer(200, {"a": float("nan"), "b": float("inf")})) == b'{"a":null,"b":null}\n'


def test_errors_of_the_server_have_the_shape_of_all_others() -> None:
    assert error_body("Slow down", retry_after=60) == b'{"message":"Slow down","retry_after":60,"status":"error"}\n'


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_encoded_is_decoded_to_the_same(fields: dict[str, Any]) -> None:
    assert decode(encode(Answer(200, fields))) == fields
    assert json.loads(encode(Answer(200, fields))) == fields


@given(st.binary())
def test_any_bytes_are_fields_or_refused(body: bytes) -> None:
    try:
        assert isinstance(decode(body), dict)
    except UnreadableBodyError as error:
        assert str(error) == "The body must be a JSON object"


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"{", b"apikey=1", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_an_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError):
        decode(body)


def test_an_empty_body_has_no_fields() -> None:
    assert decode(b" \n") == {}
