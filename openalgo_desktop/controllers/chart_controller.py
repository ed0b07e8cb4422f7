"""Shows the candles of the selected row: history fetched behind the window, the live bar from ticks."""

from __future__ import annotations

import asyncio
import logging

from PySide6.QtCore import QObject, QTimer

from market.errors import OpenAlgoError
from market.exchanges import INDICES
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import chart_texts, instrument_lines
from openalgo_desktop.presentation.candles import CandleSeries, session_breaks, session_of
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.views.main_window import MainWindow

HISTORY_BARS = 500
SETTLE_MS = 60
FRAMES_PER_REDRAW = 2

log = logging.getLogger(__name__)


class ChartController(QObject):
    """Follows the selection and the interval buttons."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._pane = window.chart
        self._services = services
        self._key: InstrumentKey | None = None
        self._interval_s = chart_texts.DEFAULT_INTERVAL_S
        self._style = RowStyle()
        self._series = self._new_series()
        self._breaks: list[int] = []
        self._breaks_for = 0
        self._pointed = -1
        self._dirty = False
        self._frames = 0
        self._load: asyncio.Task[None] | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._start_loading)
        self._pane.intervalChosen.connect(self.set_interval)
        self._pane.chart.barPointed.connect(self._point)

    def close(self) -> None:
        """Stop loading."""
        self._settle.stop()
        self._cancel()

    def select(self, key: InstrumentKey | None) -> None:
        """Begin the chart of `key`."""
        self._key = key
        self._begin()

    def set_interval(self, seconds: int) -> None:
        """Begin the chart anew with bars of `seconds`."""
        self._interval_s = seconds
        self._pane.set_interval(seconds)
        self._begin()

    def take(self, tick: Tick) -> None:
        """A new last value of the selected row."""
        if self._series.add(tick):
            self._dirty = True

    def each_frame(self) -> None:
        """Redraw every other frame, if a bar changed."""
        self._frames += 1
        if self._dirty and self._frames % FRAMES_PER_REDRAW == 0:
            self.redraw()

    def redraw(self) -> None:
        """Draw the series as it is."""
        self._dirty = False
        bars = self._series.bars
        if len(bars) != self._breaks_for:
            # A new bar may open a session; daily bars all do, so they have no rules.
            self._breaks = session_breaks(bars, self._session_start) if self._interval_s < 86_400 else []
            self._breaks_for = len(bars)
        self._pane.chart.show_bars(bars, self._breaks, interval_s=self._interval_s, direction=self._series.direction)
        self._show_legend()

    def _begin(self) -> None:
        self._cancel()
        self._series = self._new_series()
        self._breaks, self._breaks_for, self._pointed = [], -1, -1
        key = self._key
        if key is None:
            self._pane.show_title("No row selected")
            self._pane.show_note("")
            self.redraw()
            return
        instrument = self._services.instruments.get(key)
        row = self._window.board.row(key)
        self._style = row.style if row is not None else RowStyle()
        tick_size = instrument.tick_size if instrument is not None else 0.05
        self._pane.show_title(f"{instrument_lines.title(key)}  {instrument_lines.venue(key)}")
        self._pane.show_note("loading history…")
        self._pane.chart.begin(self._style, tick_size=tick_size, with_volume=key.exchange not in INDICES)
        last = self._services.desk.last(key)
        if last is not None:
            self._series.add(last)
        self._pane.set_refused(self._without_history(last.source if last is not None else None))
        self.redraw()
        self._settle.start()

    def _without_history(self, source: str | None) -> list[int]:
        """The intervals of which the feed says that it keeps no candles; none where it does not say."""
        for status, capabilities in self._services.desk.feeds():
            if status.feed == source and capabilities.history_s:
                return [seconds for seconds, _name in chart_texts.INTERVALS if seconds not in capabilities.history_s]
        return []

    def _start_loading(self) -> None:
        if self._key is not None:
            self._load = tasks.spawn(self._fill(self._key, self._interval_s, self._series), owner=self)

    async def _fill(self, key: InstrumentKey, interval_s: int, series: CandleSeries) -> None:
        try:
            history = await self._services.history(key, interval_s, HISTORY_BARS)
        except OpenAlgoError as error:
            log.info("No history of %s in bars of %s s: %s", key, interval_s, error)
            self._pane.show_note("no history from this feed: bars begin now")
            return
        series.seed(history)
        self._breaks_for = -1
        self._pane.show_note("" if history else "no history yet: bars begin now")
        self.redraw()

    def _cancel(self) -> None:
        if self._load is not None:
            self._load.cancel()
            self._load = None

    def _new_series(self) -> CandleSeries:
        return CandleSeries(self._interval_s, self._session_start)

    def _session_start(self, at_ms: float) -> float:
        if self._key is None:
            return 0.0
        return session_of(self._services.calendar, self._key.exchange, at_ms)

    def _point(self, position: int) -> None:
        self._pointed = position
        self._show_legend()

    def _show_legend(self) -> None:
        with_volume = self._key is not None and self._key.exchange not in INDICES
        bar = self._pane.chart.bar(self._pointed)
        self._pane.show_legend(
            chart_texts.legend(bar, self._style, interval_s=self._interval_s, with_volume=with_volume)
        )
