"""A row that is wrong costs itself alone; a list that is another one is refused."""

from __future__ import annotations

import json
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.json_rows import rows_in
from market.errors import DecodeError


class _Row(msgspec.Struct):
    token: str
    name: str = ""
    lot: float = 1


def _read(*rows: object) -> tuple[list[_Row], Counter[str]]:
    skipped: Counter[str] = Counter()
    return rows_in(json.dumps(rows).encode(), _Row, "Not a list", skipped), skipped


def test_good_rows_are_read() -> None:
    assert _read({"token": "1", "name": "A", "more": None}, {"token": "2"}) == ([_Row("1", "A"), _Row("2")], Counter())
    assert _read() == ([], Counter())


@pytest.mark.parametrize("wrong", [{"token": None}, {"name": "A"}, {"token": 1}, {"token": "1", "lot": "x"}, 7, None])
def test_a_row_that_is_wrong_is_counted(wrong: object) -> None:
    assert _read({"token": "1"}, wrong) == ([_Row("1")], Counter({"a row with a value of another kind": 1}))


def test_a_null_stands_for_nothing() -> None:
    found, skipped = _read({"token": "1", "name": None, "lot": None})
    assert (found, skipped.total()) == ([_Row("1")], 0)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"name":"A"}]', b'[{"token":"1"},1,2]', b"[", b"\xff"])
def test_another_list_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Not a list"):
        rows_in(body, _Row, "Not a list", Counter())


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:token1null', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        rows_in(body, _Row, "Not a list", Counter())
    except DecodeError as exc:
        assert "Not a list" in str(exc)
