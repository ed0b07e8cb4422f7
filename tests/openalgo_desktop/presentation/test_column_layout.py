"""The layout of columns: changes are new values, and its text comes back as it was, or as nothing worse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.column_catalogue import BY_ID, STANDARD
from openalgo_desktop.presentation.column_layout import NARROWEST, WIDEST, ColumnLayout, read_layout
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
