"""The window joined to its services: what ticks, keys, feeds and settings do to it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from market.exchanges import Exchange
from market.feeds import FeedNature, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.notices import Notice
from market.subscriptions import Subscription
from openalgo_desktop import tasks
from openalgo_desktop.controllers.depth_controller import HOLDER as DEPTH
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.controllers.watch_controller import HOLDER as WATCH
from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import until

NUMBER = {column.id: number for number, column in enumerate(COLUMNS)}


class Scene:
    """A window on doubles."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.window = MainWindow()
        self.controller = MainController(self.window, desktop.services())
        self.window.show()

    def text(self, row: int, column: str) -> str:
        return self.window.board.rows[row].texts[NUMBER[column]]

    def facts(self) -> str:
        return " ".join(fact.text for fact in self.window.status._facts)


async def end(scene: Scene) -> None:
    scene.controller.close()
    scene.window.close()
    await tasks.cancel_all()
    await until(lambda: not tasks.running())
    # Deferred deletion waits for a loop of Qt's own, and a window left behind is styled again with every theme.
    shiboken6.delete(scene.window)


def on_stage(test: Callable[[Scene], Awaitable[None]]) -> Callable[[QApplication], Awaitable[None]]:
    """Give a test its window, made and taken down while the loop runs: its timers start coroutines."""

    async def run(app: QApplication) -> None:
        scene = Scene(Desktop())
        try:
            await test(scene)
        finally:
            await end(scene)

    run.__name__ = test.__name__  # type: ignore[attr-defined]
    return run


@on_stage
async def test_list_is_shown_and_subscribed(scene: Scene) -> None:
    assert [row.key for row in scene.window.board.rows] == scene.desktop.market.keys
    held = scene.desktop.desk.subscriptions(WATCH)
    assert held == [Subscription(key, Mode.QUOTE) for key in scene.desktop.market.keys]


@on_stage
async def test_ticks_reach_the_screen(scene: Scene) -> None:
    scene.desktop.open_all()
    await until(lambda: scene.text(0, "ltp") != "–")
    assert scene.text(14, "ltp").count(".") == 1
    assert len(scene.text(14, "ltp").partition(".")[2]) == 4, "a currency future has four digits"
    await until(lambda: scene.window.book.depth_panel.picture is not None)


@on_stage
async def test_window_says_that_data_is_simulated(scene: Scene) -> None:
    assert scene.window.windowTitle().endswith("— SIMULATED")
    assert scene.window.status._badge == "SIMULATED"


async def test_live_data_has_no_badge(app: QApplication) -> None:
    scene = Scene(Desktop(nature=FeedNature.LIVE))
    assert scene.window.windowTitle() == "OpenAlgo Desktop"
    await end(scene)


@on_stage
async def test_lost_feed_makes_rows_stale_and_says_so(scene: Scene) -> None:
    scene.desktop.open_all()
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.RECONNECTING, "next attempt in 4 s", attempt=2)
    scene.controller._second(0.0)
    assert all(row.stale for row in scene.window.board.rows)
    assert scene.window.status._trouble is not None
    assert "next attempt in 4 s" in scene.window.status._trouble[1]
    await until(lambda: scene.window.book.depth_panel.stale)
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.LIVE)
    scene.controller._second(0.0)
    assert not any(row.stale for row in scene.window.board.rows)


@on_stage
async def test_lists_with_old_prices_and_sessions_are_said(scene: Scene) -> None:
    scene.desktop.open_all()
    scene.window.watch.resize(1400, 400)
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.RECONNECTING, "next attempt in 4 s", attempt=2)
    scene.controller._second(0.0)
    tabs, count = scene.window.watch.tabs, len(scene.window.board.listed)
    assert tabs.tabText(0).endswith(f"⚠ {count}")
    assert "NSE, BSE, MCX, CDS, CRYPTO open" in scene.window.watch._sessions.toolTip()
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.LIVE)
    scene.controller._second(0.0)
    assert "⚠" not in tabs.tabText(0)


@on_stage
async def test_publisher_on_the_bus_is_not_called_stale(scene: Scene) -> None:
    update = scene.desktop.market.update(scene.desktop.market.instruments[0], time.time() * 1000)
    scene.desktop.market_data.tell([update._replace(tick=update.tick._replace(source="zerodha"))])
    scene.controller._second(0.0)
    assert not scene.window.board.rows[0].stale


@on_stage
async def test_status_counts_ticks_and_clients(scene: Scene) -> None:
    scene.controller._second(0.0)
    scene.desktop.move(300)
    scene.desktop.desk.totals["clients"] = 2
    scene.controller._status._judged_ms = time.time() * 1000 - 1000
    scene.controller._second(0.0)
    rate = re.search(r"in (\d+)/s", scene.facts())
    assert rate is not None
    # A second by the clock of the test, and a little more on a busy machine.
    assert 100 <= int(rate[1]) <= 300
    assert "2 clients" in scene.facts()
    assert "ws://127.0.0.1:8765" in scene.facts()


@on_stage
async def test_depth_is_held_for_the_row_that_the_selection_rests_on(scene: Scene) -> None:
    desk, keys = scene.desktop.desk, scene.desktop.market.keys
    for row in range(4, 9):
        scene.window.watch.grid.set_current_row(row)
        QApplication.processEvents()
    assert not desk.subscriptions(DEPTH), "rows passed on the way are not asked for"
    await until(lambda: desk.subscriptions(DEPTH))
    assert desk.subscriptions(DEPTH) == [Subscription(keys[8], Mode.DEPTH)]
    scene.window.watch.grid.set_current_row(0)
    await until(lambda: not desk.subscriptions(DEPTH))
    assert "index has no order book" in scene.window.book.depth_panel.note


@on_stage
async def test_depth_title_says_levels_and_source(scene: Scene) -> None:
    scene.desktop.open_all()
    scene.window.watch.grid.set_current_row(4)
    await until(lambda: scene.window.book.head.subtitle == "20 levels · NSE · simulated")
    assert scene.window.book.head.title == "RELIANCE"


@on_stage
async def test_chart_loads_history_of_the_last_selection_only(scene: Scene) -> None:
    for row in range(9):
        scene.window.watch.grid.set_current_row(row)
        await asyncio.sleep(0)
    await until(lambda: len(scene.window.chart.chart._bars) >= 500)
    assert scene.desktop.asked == [(scene.desktop.market.keys[8], 60, 500)]
    scene.window.chart.intervalChosen.emit(300)
    await until(lambda: len(scene.desktop.asked) == 2)
    assert scene.desktop.asked[1][1] == 300
    await until(lambda: scene.window.chart._note.text() == "")


@on_stage
async def test_interval_without_history_says_so_on_its_button(scene: Scene) -> None:
    desk, button = scene.desktop.desk, scene.window.chart._group.button(5)
    await until(lambda: scene.controller._chart)
    scene.desktop.open_all()
    scene.window.watch.grid.set_current_row(4)
    assert "live ticks only" not in button.toolTip(), "a feed that does not say may have them"
    desk.capabilities = replace(desk.capabilities, history_s=(60, 300))
    scene.window.watch.grid.set_current_row(5)
    assert "live ticks only" in button.toolTip()
    assert "live ticks only" not in scene.window.chart._group.button(60).toolTip()


@on_stage
async def test_chart_without_history_says_so_and_grows_from_ticks(scene: Scene) -> None:
    scene.desktop.has_history = False
    scene.window.watch.grid.set_current_row(4)
    await until(lambda: "no history" in scene.window.chart._note.text())
    assert not scene.window.chart.chart._bars
    scene.desktop.open_all()
    await until(lambda: scene.window.chart.chart._bars)


@on_stage
async def test_delete_removes_and_undo_brings_back(scene: Scene) -> None:
    grid, keys = scene.window.watch.grid, scene.desktop.market.keys
    grid.set_current_row(2)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert keys[2] not in scene.window.board
    assert Subscription(keys[2], Mode.QUOTE) not in scene.desktop.desk.subscriptions(WATCH)
    assert "Ctrl+Z" in scene.window.toast.text()
    scene.window.undoRequested.emit()
    assert keys[2] in scene.window.board
    assert Subscription(keys[2], Mode.QUOTE) in scene.desktop.desk.subscriptions(WATCH)


@pytest.mark.parametrize(
    ("key", "order"),
    [
        (Qt.Key.Key_R, ["NIFTY", "BANKNIFTY", "SENSEX", "RELIANCE"]),
        (Qt.Key.Key_Insert, ["NIFTY", "RELIANCE", "BANKNIFTY", "SENSEX"]),
    ],
    ids=["in the next blank row", "below the current row"],
)
async def test_typing_finds_and_enter_adds_where_the_line_stands(
    app: QApplication, key: Qt.Key, order: list[str]
) -> None:
    desktop = Desktop(keys=[])
    desktop.lists.add(1, desktop.market.keys[:3])
    scene = Scene(desktop)
    grid, box = scene.window.watch.grid, scene.window.watch.search
    grid.set_current_row(0)
    QTest.keyClick(grid, key)
    assert box.isVisible()
    QTest.keyClicks(box.line, "reliance"[len(box.line.text()) :])
    await until(lambda: box.model.rowCount() == 1)
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert [row.key.symbol for row in scene.window.board.rows] == order
    assert grid.current_key == InstrumentKey(Exchange.NSE, "RELIANCE")
    assert not box.isVisible()
    await end(scene)


@on_stage
async def test_symbol_in_full_is_added_though_unknown_and_its_refusal_is_said(scene: Scene) -> None:
    key = InstrumentKey(Exchange.BSE, "NOSUCH")
    scene.desktop.desk.refused[key] = "No feed serves BSE:NOSUCH"
    box = scene.window.watch.search
    box.open("bse:nosuch")
    await until(lambda: box.model.rowCount() == 1)
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    row = scene.window.board.row(key)
    assert row is not None
    assert row.note == "No feed serves BSE:NOSUCH"
    scene.desktop.desk.refused.clear()
    for _ in range(5):
        scene.controller._second(0.0)
    assert row.note == ""
    assert Subscription(key, Mode.QUOTE) in scene.desktop.desk.subscriptions(WATCH)


@on_stage
async def test_text_that_matches_nothing_is_said(scene: Scene) -> None:
    box = scene.window.watch.search
    box.open("qqqq")
    await until(lambda: box._results_for == "qqqq")
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert "Nothing known matches 'qqqq'" in scene.window.toast.text()


async def test_new_profile_gets_a_starter_list(app: QApplication) -> None:
    scene = Scene(Desktop(keys=[]))
    scene.controller._second(0.0)
    symbols = [row.key.symbol for row in scene.window.board.rows]
    assert symbols[:2] == ["NIFTY", "BANKNIFTY"]
    assert "BTCUSDFUT" in symbols
    await end(scene)


@on_stage
async def test_settings_change_what_is_seen(scene: Scene) -> None:
    settings, window = scene.desktop.settings, scene.window
    scene.desktop.open_all()
    window.settingChosen.emit("theme", "light")
    assert window.looks.palette.name == "light"
    settings.set("reduce_motion", True)
    assert not window.board.writer.flashing
    settings.set("text_rate_hz", 5)
    assert window.clock.rate_hz == 5
    settings.set("number_format", "international")
    window.watch.grid.refresh()
    assert scene.text(12, "ltp")[:4] in ("123,", "124,")


async def test_close_lets_go_of_everything(app: QApplication) -> None:
    scene = Scene(Desktop())
    scene.window.watch.grid.set_current_row(4)
    await until(lambda: scene.desktop.desk.subscriptions(DEPTH))
    scene.controller.close()
    scene.controller.close()
    assert not scene.desktop.desk.subscriptions(DEPTH)
    assert not scene.desktop.desk.subscriptions(WATCH)
    assert not scene.desktop.market_data.listeners
    assert not scene.window.clock.running
    await end(scene)


async def test_what_must_not_be_overlooked_stays_in_the_strip(app: QApplication) -> None:
    desktop = Desktop()
    desktop.desk.standing = (Notice("network", "unencrypted", "Other computers can reach it"),)
    scene = Scene(desktop)
    try:
        for now_ms in (1_764_000_000_000.0, 1_764_000_600_000.0):
            scene.controller._status.judge(now_ms)
            first = scene.window.status._chips[0]
            assert (first.word, first.detail, first.is_feed) == ("unencrypted", "Other computers can reach it", False)
    finally:
        await end(scene)
