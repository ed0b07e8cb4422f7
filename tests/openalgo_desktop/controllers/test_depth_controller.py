"""The order book beside the market watch: levels, lots, what the mouse asks, keys."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Depth, Level, Tick, Update
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.depth_painter import COLUMNS, ROW
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until

RELIANCE, FUTURE = 4, 9


class Scene:
    """A window on doubles, with prices."""

    def __init__(self) -> None:
        self.desktop = Desktop()
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.pane = self.window.book
        self.window.show()
        self.desktop.open_all()

    def rows(self) -> int:
        picture = self.pane.depth_panel.picture
        return 0 if picture is None else len(picture.rows)

    async def select(self, row: int) -> None:
        self.window.watch.grid.set_current_row(row)
        title = self.window.board.rows[row].title
        await until(lambda: self.pane.head.title == title and self.rows() > 0)


@on_stage(Scene)
async def test_levels_are_chosen_where_the_feed_sends_more(scene: Scene) -> None:
    await scene.select(RELIANCE)
    await until(lambda: scene.rows() == 20)
    actions = {action.objectName(): action for action in scene.pane.options_menu().actions()}
    assert "book.depth_levels.50" not in actions, "the feed sends 20"
    assert actions["book.depth_levels.20"].isChecked()
    actions["book.depth_levels.5"].trigger()
    await until(lambda: scene.rows() == 5)
    assert scene.pane.head.subtitle == "5 of 20 levels · NSE · simulated"
    assert scene.desktop.settings.number("depth_levels") == 5


@on_stage(Scene)
async def test_lots_are_offered_where_a_lot_is_more_than_one(scene: Scene) -> None:
    def lots() -> bool:
        return {each.objectName(): each for each in scene.pane.options_menu().actions()}[
            "book.quantity_unit.lots"
        ].isEnabled()

    await scene.select(RELIANCE)
    assert not lots()
    await scene.select(FUTURE)
    assert lots()
    tick = scene.desktop.desk.last(scene.desktop.market.keys[FUTURE])
    assert tick is not None
    assert tick.depth is not None
    units = tick.depth.buy[0].quantity
    scene.window.settingChosen.emit("quantity_unit", "lots")
    await until(lambda: scene.pane.depth_panel.picture.rows[0][0].quantity == f"{units / 75:.0f}")  # type: ignore[union-attr]


@on_stage(Scene)
async def test_the_mouse_asks_how_far_an_order_would_reach(scene: Scene) -> None:
    await scene.select(RELIANCE)
    await until(lambda: scene.rows() == 20)
    QTest.mouseMove(scene.pane.depth_panel, QPoint(30, COLUMNS + 2 * ROW + 5))
    await until(lambda: scene.pane.depth_panel._hint.startswith("cumulative to here: "))
    assert "avg order" in scene.pane.depth_panel._hint
    QTest.mouseMove(scene.pane.depth_panel, QPoint(30, 3))
    await until(lambda: scene.pane.depth_panel._hint == "")


@on_stage(Scene)
async def test_f6_goes_to_the_book_and_escape_back(scene: Scene) -> None:
    QTest.qWaitForWindowActive(scene.window)
    await scene.select(RELIANCE)
    QTest.keyClick(scene.window.watch.grid, Qt.Key.Key_F6)
    assert scene.window.place() is Place.DEPTH
    QTest.keyClick(scene.window.focusWidget(), Qt.Key.Key_Escape)
    assert scene.window.place() is Place.GRID


@on_stage(Scene)
async def test_without_a_row_nothing_of_the_row_before_stays(scene: Scene) -> None:
    await scene.select(RELIANCE)
    scene.window.watch.grid.removeRequested.emit(scene.desktop.market.keys)
    await until(lambda: scene.pane.head.subtitle == "no row selected")
    assert scene.rows() == 5
    assert scene.window.chart.chart._price_axis.tag is None


@on_stage(Scene)
async def test_the_title_says_what_is_sent_not_what_the_feed_can_send(scene: Scene) -> None:
    await scene.select(RELIANCE)
    tick = scene.desktop.desk.last(scene.desktop.market.keys[RELIANCE])
    assert tick is not None
    assert tick.depth is not None
    five = tick._replace(depth=tick.depth._replace(buy=tick.depth.buy[:5], sell=tick.depth.sell[:5]))
    scene.desktop.market_data.tell([Update(five, 0)])
    await until(lambda: scene.pane.head.subtitle == "5 levels · NSE · simulated")
    assert scene.rows() == 5


@on_stage(Scene)
async def test_trades_of_the_selected_row_are_listed_from_then_on(scene: Scene) -> None:
    await scene.select(RELIANCE)
    scene.window.actions_by_id["view.trades"].trigger()
    assert scene.pane.tab == "trades"
    reliance, market = scene.desktop.market.instruments[RELIANCE], scene.desktop.market
    scene.desktop.market_data.tell([market.update(reliance, 1_764_000_000_000.0 + number) for number in range(5)])
    await until(lambda: scene.pane.tape.tape.total == 5)
    ladder = scene.pane.ladder.scene
    assert sum(sum(traded) for traded in [ladder.traded.total()]) == 5 * reliance.lot
    await scene.select(FUTURE)
    assert scene.pane.tape.tape.total == 0


@on_stage(Scene)
async def test_trades_are_counted_while_nobody_looks(scene: Scene) -> None:
    await scene.select(RELIANCE)
    scene.window.hide()
    reliance, market = scene.desktop.market.instruments[RELIANCE], scene.desktop.market
    scene.desktop.market_data.tell([market.update(reliance, 1_764_000_000_000.0 + number) for number in range(2_000)])
    assert len(scene.controller._depth._ladder._waiting) < 600, "what waits has an end"
    scene.window.show()
    scene.window.settingChosen.emit("book_tab", "trades")
    await until(lambda: scene.pane.tape.tape.total == 2_000)


def _deep_scene(scene: Scene) -> tuple[Tick, InstrumentKey]:
    """A feed with books of 50 levels under names of their own: the plain tick, and the name of the deep book."""
    desk, key = scene.desktop.desk, scene.desktop.market.keys[RELIANCE]
    desk.capabilities = dataclasses.replace(desk.capabilities, depth_levels=(5, 50), deep_by_name=True)
    tick = desk.last(key)
    assert tick is not None
    assert tick.depth is not None
    plain = tick._replace(depth=tick.depth._replace(buy=tick.depth.buy[:5], sell=tick.depth.sell[:5]))
    desk.values[key] = plain
    return plain, InstrumentKey(key.exchange, f"{key.symbol}:50")


def _options(scene: Scene) -> dict[str, QAction]:
    return {action.objectName(): action for action in scene.pane.options_menu().actions()}


def _fifty(plain: Tick, deep: InstrumentKey, *, late_ms: float = 0.0) -> Update:
    buy = tuple(Level(round(plain.ltp - step * 0.05, 2), 7, 1) for step in range(1, 51))  # type: ignore[operator]
    sell = tuple(Level(round(plain.ltp + step * 0.05, 2), 7, 1) for step in range(1, 51))  # type: ignore[operator]
    return Update(Tick(deep, plain.received_ms - late_ms, plain.source, depth=Depth(buy, sell)), 0)


@on_stage(Scene)
async def test_a_deeper_book_is_asked_for_by_its_name_where_it_has_one(scene: Scene) -> None:
    plain, deep = _deep_scene(scene)
    held = scene.desktop.desk.held
    await scene.select(RELIANCE)
    await until(lambda: Subscription(plain.key, Mode.DEPTH) in held.get("window.depth", []))
    assert Subscription(deep, Mode.DEPTH) not in held["window.depth"], "the setting wants 20"
    await until(lambda: "book.depth_levels.50" in _options(scene))
    _options(scene)["book.depth_levels.50"].trigger()
    await until(lambda: Subscription(deep, Mode.DEPTH) in held["window.depth"])
    scene.desktop.market_data.tell([_fifty(plain, deep)])
    await until(lambda: scene.rows() == 50)
    assert scene.pane.head.subtitle == "50 levels · NSE · simulated"
    scene.desktop.market_data.tell([Update(plain, 0)])
    await until(lambda: scene.rows() == 50)
    scene.window.watch.grid.set_current_row(FUTURE)
    await until(lambda: Subscription(deep, Mode.DEPTH) not in held["window.depth"])


@on_stage(Scene)
async def test_a_deep_book_that_has_fallen_behind_is_not_shown(scene: Scene) -> None:
    plain, deep = _deep_scene(scene)
    scene.window.settingChosen.emit("depth_levels", "50")
    await scene.select(RELIANCE)
    await until(lambda: scene.controller._depth.deep == deep)
    scene.desktop.market_data.tell([_fifty(plain, deep)])
    await until(lambda: scene.rows() == 50)
    scene.desktop.market_data.tell([Update(plain._replace(received_ms=plain.received_ms + 10_001.0), 0)])
    await until(lambda: scene.pane.head.subtitle == "5 levels · NSE · simulated")


@on_stage(Scene)
async def test_a_deep_book_that_is_refused_leaves_the_usual_one(scene: Scene) -> None:
    plain, deep = _deep_scene(scene)
    scene.desktop.desk.refused[deep] = "Deep books of NSE and NFO alone"
    scene.window.settingChosen.emit("depth_levels", "50")
    await scene.select(RELIANCE)
    await until(lambda: Subscription(plain.key, Mode.DEPTH) in scene.desktop.desk.held.get("window.depth", []))
    await until(lambda: scene.pane.head.subtitle == "5 levels · NSE · simulated")
    assert scene.controller._depth.deep is None
    assert "book.depth_levels.50" not in _options(scene)
