"""Joins the window to the services: ticks to rows, frames to painters, choices to settings."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject

from market.instruments import InstrumentKey
from market.ticks import Update
from openalgo_desktop import tasks
from openalgo_desktop.controllers.chart_controller import ChartController
from openalgo_desktop.controllers.depth_controller import DepthController
from openalgo_desktop.controllers.feed_controller import FeedController
from openalgo_desktop.controllers.latency_controller import LatencyController
from openalgo_desktop.controllers.own_books import OwnBooks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.controllers.shell_controller import ShellController
from openalgo_desktop.controllers.snap_controller import SnapController
from openalgo_desktop.controllers.status_controller import StatusController
from openalgo_desktop.controllers.watch_controller import WatchController
from openalgo_desktop.presentation.flash import ATTENTION, FlashStyle
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.views.main_window import MainWindow

__all__ = ["DesktopServices", "MainController"]

_APPEARANCE = ("theme", "density", "up_down_palette", "up_is_red", "ui_scale")
_FLASHES = ("flash", "flash_style", "flash_attention", "reduce_motion")


class MainController(QObject):
    """Make it after the window, on the loop; `close` before the services stop."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._selected: InstrumentKey | None = None
        self._closed = False
        for key in (*_APPEARANCE, *_FLASHES, "number_format", "text_rate_hz"):
            self._apply(key)
        self._depth = DepthController(window.book, services)
        self._own_books = OwnBooks(window, services)
        self._snap = SnapController(window, services)
        window.book.ownWindowRequested.connect(self._open_own_book)
        window.book.snapRequested.connect(self._snap.take)
        self._own_books.snapRequested.connect(self._snap.take_of)
        self._chart: ChartController | None = None
        self._status = StatusController(window, services)
        self._feeds = FeedController(window, services)
        self._latency = LatencyController(window, services)
        window.status.factChosen.connect(lambda _name, _corner: self._latency.open())
        window.watch.grid.currentChanged.connect(self._select)
        self._watch = WatchController(window, services)
        self._shell = ShellController(window, services)
        self._select(window.watch.grid.current_key)
        window.settingChosen.connect(self._choose)
        services.settings.on_change(self._changed)
        window.clock.frame.connect(self._frame)
        window.clock.second.connect(self._second)
        self._listener = services.market_data.add_tick_listener(self._on_updates)
        self._second(0.0)
        tasks.spawn(self._make_chart(), owner=self)

    async def _make_chart(self) -> None:
        """The chart comes last: its library takes half a second to load, and prices can move meanwhile."""
        await asyncio.to_thread(importlib.import_module, "openalgo_desktop.charts.candle_chart")
        if not self._closed:
            self._chart = ChartController(self._window, self._services)
            self._chart.select(self._selected)

    def close(self) -> None:
        """Stop listening, let go of every subscription, cancel what is loading. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._services.market_data.unsubscribe_from_updates(self._listener)
        self._window.clock.stop()
        self._window.clock.frame.disconnect(self._frame)
        self._window.clock.second.disconnect(self._second)
        self._shell.close()
        self._watch.close()
        self._feeds.close()
        self._latency.close()
        self._depth.close()
        self._own_books.close()
        self._snap.close()
        if self._chart is not None:
            self._chart.close()

    def _on_updates(self, updates: Sequence[Update]) -> None:
        """Every batch of ticks, on the loop: store and mark, nothing else."""
        self._window.board.apply(updates)
        self._own_books.take(updates)
        selected = self._selected
        if selected is None:
            return
        deep = self._depth.deep
        for tick, _changed in updates:
            if deep is not None and tick.key == deep:
                self._depth.take(tick)
            elif tick.key == selected:
                self._depth.take(tick)
                self._latency.take(tick)
                if self._chart is not None:
                    self._chart.take(tick)

    def _select(self, key: InstrumentKey | None) -> None:
        self._selected = key
        self._depth.select(key)
        self._latency.select(key)
        if self._chart is not None:
            self._chart.select(key)

    def _open_own_book(self) -> None:
        if self._selected is not None:
            self._own_books.open(self._selected)

    def _frame(self, now_ms: float) -> None:
        self._latency.each_frame()
        self._window.watch.grid.flush(now_ms)
        self._depth.each_frame(now_ms)
        if self._chart is not None:
            self._chart.each_frame()

    def _second(self, _now_ms: float) -> None:
        self._watch.each_second()
        self._window.board.sample(time.time() * 1000.0)
        self._status.judge(time.time() * 1000.0)
        self._depth.each_second()
        self._feeds.each_second()
        self._latency.each_second()
        self._shell.each_second()

    def _apply_flashes(self) -> None:
        settings, window = self._services.settings, self._window
        style, attention = settings.text("flash_style"), settings.number("flash_attention")
        window.board.writer.flashing = style != "off" and settings.flag("flash") and not settings.flag("reduce_motion")
        if style != "off":
            window.watch.grid.set_flashes(FlashStyle(style), ATTENTION[attention])
        for key in ("flash_style", "flash_attention"):
            window.apply_setting(key, settings.text(key))

    def _choose(self, key: str, value: str) -> None:
        success, answer, _status = self._services.settings.set(key, value)
        if not success:
            self._window.toast.say(str(answer["message"]))

    def _changed(self, key: str, _value: object) -> None:
        if not self._closed:
            self._apply(key)
            self._depth.apply(key)
            self._own_books.apply(key)
            if key == "number_format" and self._chart is not None:
                self._chart.select(self._selected)

    def _apply(self, key: str) -> None:
        settings, window = self._services.settings, self._window
        if key in _APPEARANCE:
            window.apply_setting(key, settings.text(key))
        elif key in _FLASHES:
            self._apply_flashes()
        elif key == "number_format":
            window.board.set_numbers(NumberStyle(settings.text(key)))
        elif key == "text_rate_hz":
            window.clock.set_rate(settings.number(key))
