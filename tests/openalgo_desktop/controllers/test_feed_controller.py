"""Clicks in the strip: the feed from near, connecting anew, diagnostics without secrets, the way of a tick."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from market.feeds import FeedState, FeedStatus
from market.ticks import Update
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until

KEY = "ab" * 32


class Scene:
    """A window on doubles."""

    def __init__(self) -> None:
        self.desktop = Desktop()
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()


@on_stage(Scene)
async def test_chip_opens_the_feed_with_what_happened(scene: Scene) -> None:
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.MUTE, "Nothing has arrived for 26 s", 1.7e12)
    scene.window.status.feedChosen.emit("simulated", QPoint(100, 700))
    pane = scene.controller._feeds.pane
    assert pane is not None
    assert pane.windowTitle() == "Feed simulated"
    first = pane.events.topLevelItem(0)
    assert first is not None
    assert (first.text(1), first.text(2)) == ("mute", "Nothing has arrived for 26 s")
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.LIVE, "", 1.7e12)
    scene.controller._second(0.0)
    assert pane.events.topLevelItemCount() == 2


@on_stage(Scene)
async def test_reconnect_asks_the_feed_and_says_what_came_of_it(scene: Scene) -> None:
    scene.window.status.feedChosen.emit("simulated", QPoint(100, 700))
    pane = scene.controller._feeds.pane
    assert pane is not None
    pane.reconnect.click()
    assert scene.desktop.care.reconnects == ["simulated"]
    assert "connecting anew" in scene.window.toast.text()
    scene.desktop.care.can_reconnect = False
    pane.reconnect.click()
    assert "keeps no connection" in scene.window.toast.text()


@on_stage(Scene)
async def test_diagnostics_are_copied_without_secrets(scene: Scene) -> None:
    said = f"https://host/x?access_token=abc.def refused {KEY}"
    scene.desktop.desk.status = FeedStatus("simulated", FeedState.FAILED, said, 1.7e12)
    scene.window.status.feedChosen.emit("simulated", QPoint(100, 700))
    scene.controller._feeds.copy()
    text = QGuiApplication.clipboard().text()
    assert "Feed simulated" in text
    assert "failed" in text
    assert KEY not in text
    assert "abc.def" not in text


@on_stage(Scene)
async def test_waterfall_follows_a_tick_of_the_selected_row_to_the_screen(scene: Scene) -> None:
    scene.window.clock.stop()
    scene.window.status.factChosen.emit("honesty", QPoint(0, 0))
    latency, board = scene.controller._latency, scene.window.board
    assert latency.pane is not None
    scene.desktop.sent_ms = time.time() * 1000 + 1e6
    market = scene.desktop.market
    scene.controller._frame(1.0)
    tick = market.update(market.instruments[0], time.time() * 1000).tick
    scene.desktop.market_data.tell([Update(tick, 14)])
    await until(lambda: latency._on_its_way is not None and latency._on_its_way.sent_ms is not None)
    scene.controller._frame(100.0)
    assert latency._book.last is None
    await until(lambda: board.account.painted_ms > tick.received_ms)
    scene.controller._frame(200.0)
    journey = latency._book.last
    assert journey is not None
    assert journey.shown_ms is not None
    assert journey.received_ms <= journey.handled_ms <= journey.shown_ms
    scene.controller._second(0.0)
    assert "received → shown" in latency.pane.waterfall.accessibleDescription()
    QApplication.processEvents()
    assert not latency.pane.waterfall.grab().isNull()


@on_stage(Scene)
async def test_without_the_pane_no_tick_is_followed(scene: Scene) -> None:
    scene.desktop.open_all()
    assert scene.controller._latency._on_its_way is None
