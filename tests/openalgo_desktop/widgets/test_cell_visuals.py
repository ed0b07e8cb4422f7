"""Pictures in cells: what they show, that they say nothing by colour alone, and that stale ones are muted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from market.exchanges import Exchange
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import RowStyle, Visual
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.widgets.cell_visuals import PADDING, CellVisuals
from openalgo_desktop.widgets.skin import Skin

KEY = InstrumentKey(Exchange.NSE, "INFY")
CELL = QRect(0, 0, 96, 22)
TICK = Tick(
    KEY, 0.0, "test", ltp=100.0, open=99.0, high=110.0, low=90.0, lower_circuit=90.0, upper_circuit=110.0,
    bid_size=30.0, ask_size=10.0,
)  # fmt: skip


@pytest.fixture
def row() -> QuoteRow:
    made = QuoteRow(KEY, RowStyle(), ())
    made.tick = TICK
    for number in range(70):
        made.history.move(100.0 + number)
        made.history.sample(number * 5_000.0)
    made.history.move(90.0)
    return made


@pytest.fixture
def visuals(skin: Skin) -> CellVisuals:
    return CellVisuals(skin)


def painted(visuals: CellVisuals, visual: Visual, row: QuoteRow, cell: QRect = CELL) -> QImage:
    image = QImage(CELL.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    visuals.paint(painter, visual, row, cell)
    painter.end()
    return image


def where(image: QImage, name: str) -> list[tuple[int, int]]:
    return [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() and image.pixelColor(x, y).name() == name
    ]


def test_trail_is_above_the_middle_for_up_and_below_for_down(visuals: CellVisuals, row: QuoteRow, skin: Skin) -> None:
    image = painted(visuals, Visual.TRAIL, row)
    ups, downs = where(image, skin.up.name()), where(image, skin.down.name())
    assert max(y for _, y in ups) < min(y for _, y in downs)
    assert max(x for x, _ in ups) < min(x for x, _ in downs), "the last move is at the right"


def test_pressure_divides_the_cell_by_the_share_of_buyers(visuals: CellVisuals, row: QuoteRow, skin: Skin) -> None:
    image = painted(visuals, Visual.PRESSURE, row)
    room = CELL.width() - 2 * PADDING
    buyers = {x for x, _ in where(image, skin.buy_edge.name())}
    sellers = {x for x, _ in where(image, skin.sell_edge.name())}
    assert len(buyers | {PADDING + room // 2}) == pytest.approx(0.75 * room, abs=2)
    assert max(buyers) < min(sellers)


def test_circuit_turns_amber_within_one_percent(visuals: CellVisuals, row: QuoteRow, skin: Skin) -> None:
    assert not where(painted(visuals, Visual.CIRCUIT, row), skin.warn.name())
    row.tick = TICK._replace(ltp=109.5)
    mark = where(painted(visuals, Visual.CIRCUIT, row), skin.warn.name())
    assert mark
    assert min(x for x, _ in mark) > CELL.width() * 0.8


def test_line_rises_to_its_right_end_and_is_kept_until_its_next_point(
    visuals: CellVisuals, row: QuoteRow, skin: Skin
) -> None:
    fresh = QuoteRow(KEY, RowStyle(), ())
    for number in range(60):
        fresh.history.move(100.0 + number)
        fresh.history.sample(number * 5_000.0)
    spots = where(painted(visuals, Visual.SPARK, fresh), skin.up.name())
    assert min(spots)[1] > max(spots)[1], "it begins low and ends high"
    kept, _ = visuals._line_of(fresh, CELL)
    assert visuals._line_of(fresh, CELL)[0] is kept
    fresh.history.sample(300_000.0)
    assert visuals._line_of(fresh, CELL)[0] is not kept
    twin = QuoteRow(KEY, RowStyle(), ())
    for number in range(61):
        twin.history.move(200.0 - number)
        twin.history.sample(number * 5_000.0)
    assert twin.history.points == fresh.history.points
    assert visuals._line_of(twin, CELL)[1] == -1, "another row of the same name is another row"


def test_a_price_that_never_moved_is_a_line_in_the_middle(visuals: CellVisuals, skin: Skin) -> None:
    still = QuoteRow(KEY, RowStyle(), ())
    still.history.move(5.0)
    for number in range(60):
        still.history.sample(number * 5_000.0)
    spots = where(painted(visuals, Visual.SPARK, still), skin.secondary.name())
    assert {y for _, y in spots} == {10}


@pytest.mark.parametrize("visual", [visual for visual in Visual if visual is not Visual.NONE])
def test_a_stale_row_has_no_colour(visuals: CellVisuals, row: QuoteRow, skin: Skin, visual: Visual) -> None:
    row.freshness = Freshness.STALE
    image = painted(visuals, visual, row)
    for colour in (skin.up, skin.down, skin.buy_edge, skin.sell_edge):
        assert not where(image, colour.name())


@pytest.mark.parametrize("visual", [visual for visual in Visual if visual is not Visual.NONE])
def test_without_a_price_nothing_is_painted(visuals: CellVisuals, visual: Visual) -> None:
    image = painted(visuals, visual, QuoteRow(KEY, RowStyle(), ()))
    assert image == painted(visuals, Visual.RANGE, QuoteRow(KEY, RowStyle(), ()))


def test_colours_follow_the_theme(visuals: CellVisuals, row: QuoteRow) -> None:
    light = Skin(LIGHT)
    visuals.set_skin(light)
    assert where(painted(visuals, Visual.TRAIL, row), light.up.name())


@pytest.mark.parametrize("visual", [visual for visual in Visual if visual is not Visual.NONE])
def test_a_picture_stays_inside_its_cell(visuals: CellVisuals, row: QuoteRow, visual: Visual) -> None:
    image = painted(visuals, visual, row, QRect(20, 0, 56, 22))
    outside = [x for x in (*range(20), *range(76, 96)) for y in range(22) if image.pixelColor(x, y).alpha()]
    assert not outside
