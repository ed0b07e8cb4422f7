"""The layout of columns: changes are new values, and its text comes back as it was, or as nothing worse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.column_catalogue import BY_ID, STANDARD
from openalgo_desktop.presentation.column_dress import Writing, can_align, dressed, usual, writings
from openalgo_desktop.presentation.column_layout import NARROWEST, WIDEST, ColumnLayout, read_layout
from openalgo_desktop.presentation.columns import Align, RowStyle
from openalgo_desktop.presentation.row_order import Sort

FOUR = ColumnLayout().with_ids(["ltp", "change", "volume"])


def test_names_stay_first_whatever_is_shown() -> None:
    assert FOUR.ids == ("symbol", "ltp", "change", "volume")
    assert FOUR.with_ids(["volume", "symbol", "nonsense", "volume"]).ids == ("symbol", "volume")
    assert FOUR.toggled("symbol").ids[0] == "symbol"


def test_toggle_hides_and_shows_at_the_end() -> None:
    assert FOUR.toggled("ltp").ids == ("symbol", "change", "volume")
    assert FOUR.toggled("lot").ids == ("symbol", "ltp", "change", "volume", "lot")


def test_hiding_the_sorted_column_ends_the_sort() -> None:
    by_volume = FOUR.sorted_by(Sort("volume"))
    assert by_volume.toggled("ltp").sort == Sort("volume")
    assert by_volume.toggled("volume").sort is None


def test_moves_are_counted_before_the_move() -> None:
    assert FOUR.moved("ltp", 4).ids == ("symbol", "change", "volume", "ltp")
    assert FOUR.moved("ltp", 3).ids == ("symbol", "change", "ltp", "volume")
    assert FOUR.moved("volume", 1).ids == ("symbol", "volume", "ltp", "change")
    assert FOUR.moved("ltp", 1).ids == FOUR.ids


def test_widths_have_bounds_and_zero_is_natural() -> None:
    assert FOUR.resized("ltp", 3).widths == {"ltp": NARROWEST}
    assert FOUR.resized("ltp", 9000).widths == {"ltp": WIDEST}
    assert FOUR.resized("ltp", 90).resized("ltp", 0).widths == {}


@given(
    st.lists(st.sampled_from(sorted(BY_ID)), max_size=12),
    st.dictionaries(st.sampled_from(sorted(BY_ID)), st.integers(1, 999), max_size=5),
    st.booleans(),
)
def test_text_comes_back_as_it_was(ids: list[str], widths: dict[str, int], descending: bool) -> None:
    layout = ColumnLayout().with_ids(ids)
    for column, width in widths.items():
        layout = layout.resized(column, width)
    layout = layout.sorted_by(Sort(layout.ids[-1], descending=descending))
    assert read_layout(layout.to_text()) == layout


@given(st.text() | st.sampled_from(['{"ids":3}', '{"ids":["x"],"widths":{"ltp":"w"},"sort":["ltp"]}', "[]", "null"]))
def test_any_text_gives_a_layout(text: str) -> None:
    assert read_layout(text).ids[0] == "symbol"


def test_no_text_is_the_usual_layout() -> None:
    assert read_layout("") == ColumnLayout()
    assert ColumnLayout().ids == STANDARD


def test_looks_of_columns_survive_the_profile() -> None:
    layout = ColumnLayout().frozen_at("change").aligned("ltp", "left").written("volume", "full")
    assert layout.frozen == 3
    assert read_layout(layout.to_text()) == layout
    columns = {column.id: column for column in layout.columns}
    assert columns["ltp"].align is Align.LEFT
    assert columns["volume"].text(1_234_567.0, RowStyle()) == "12,34,567"
    assert len(columns["volume"].sample) > len(BY_ID["volume"].sample)
    assert columns["bid"] is BY_ID["bid"]


def test_hidden_columns_are_not_frozen() -> None:
    layout = ColumnLayout().frozen_at("change_percent")
    assert layout.with_ids(["ltp"]).frozen == 2
    assert layout.frozen_at("no such column") is layout


@pytest.mark.parametrize(
    "text",
    [
        '{"frozen":99}',
        '{"frozen":"2"}',
        '{"frozen":0}',
        '{"aligns":{"ltp":"up","x":"left"}}',
        '{"writings":{"ltp":"loud"},"aligns":[]}',
    ],
)
def test_looks_that_mean_nothing_are_as_usual(text: str) -> None:
    assert read_layout(text) == ColumnLayout()


def test_formats_are_offered_where_there_are_two() -> None:
    assert writings(BY_ID["volume"]) == writings(BY_ID["ltp"]) == tuple(Writing)
    assert writings(BY_ID["change_percent"]) == ()
    assert (usual(BY_ID["volume"]), usual(BY_ID["ltp"]), usual(BY_ID["time"])) == (Writing.SHORT, Writing.FULL, None)
    assert dressed(BY_ID["ltp"], None, "short").text(1_234_567.0, RowStyle()) == "12.35 L"
    assert dressed(BY_ID["time"], None, "short") == BY_ID["time"]
    assert not can_align(BY_ID["spark"])
    assert can_align(BY_ID["ltp"])
