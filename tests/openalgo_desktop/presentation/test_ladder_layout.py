"""The columns of a ladder fit the room that there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.ladder_layout import EXTRAS, Part, fitted, read_extras

NATURAL = dict.fromkeys(Part, 50) | {Part.SHORT: 30}


def parts(room: int, *extras: Part) -> list[Part]:
    return [part for part, _ in fitted(NATURAL, extras, room)]


def test_columns_are_left_out_from_the_least_wanted() -> None:
    assert parts(300, *EXTRAS) == [Part.QUANTITY, Part.ORDERS, *EXTRAS]
    assert parts(299, *EXTRAS) == [Part.QUANTITY, Part.ORDERS, *EXTRAS[:3]]
    assert parts(149, *EXTRAS) == [Part.QUANTITY, Part.ORDERS]
    assert parts(99) == [Part.SHORT, Part.ORDERS]
    assert parts(79) == [Part.SHORT]
    assert parts(400) == [Part.QUANTITY, Part.ORDERS], "what was not asked for is not shown"


@given(
    st.fixed_dictionaries({part: st.integers(10, 120) for part in Part}),
    st.sets(st.sampled_from(EXTRAS)),
    st.integers(0, 900),
)
def test_the_quantity_takes_what_is_left(natural: dict[Part, int], extras: set[Part], room: int) -> None:
    columns = fitted(natural, extras, room)
    assert all(width >= natural[part] for part, width in columns)
    assert all(width == natural[part] for part, width in columns[1:])
    assert sum(width for _, width in columns) == max(room, sum(natural[part] for part, _ in columns))


def test_setting_is_read_in_the_ladders_order() -> None:
    assert read_extras("cumulative, traded,nonsense") == (Part.TRADED, Part.CUMULATIVE)
    assert read_extras("") == ()
