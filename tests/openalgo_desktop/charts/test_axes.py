"""The price axis: round steps, and none under the tag."""

from __future__ import annotations

from openalgo_desktop.charts.axes import ValueAxis
from openalgo_desktop.widgets.skin import Skin


def test_step_under_the_tag_is_left_out(skin: Skin) -> None:
    axis = ValueAxis(skin, str)
    assert axis.tickValues(88.4, 111.6, 200) == [(1.0, [90.0, 95.0, 100.0, 105.0, 110.0])]
    axis.tag = (100.4, skin.app, skin.up)
    assert axis.tickValues(88.4, 111.6, 200) == [(1.0, [90.0, 95.0, 105.0, 110.0])]
    axis.tag = (102.5, skin.app, skin.up)
    assert axis.tickValues(88.4, 111.6, 200) == [(1.0, [90.0, 95.0, 100.0, 105.0, 110.0])]


def test_steps_at_the_edges_are_left_out_and_closer_ones_taken_where_there_is_no_other(skin: Skin) -> None:
    axis = ValueAxis(skin, str)
    assert axis.tickValues(90.0, 110.5, 200) == [(1.0, [95.0, 100.0, 105.0])]
    assert axis.tickValues(0.0, 10.2, 40) == [(1.0, [5.0])]
    assert axis.tickValues(5.0, 5.0, 40) == [(1.0, [])]
