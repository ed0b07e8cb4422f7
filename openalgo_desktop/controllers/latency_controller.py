"""Follows ticks of the selected row on their way while somebody looks; costs nothing otherwise."""

from __future__ import annotations

import asyncio
import time

from PySide6.QtCore import QObject

from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import instrument_lines
from openalgo_desktop.presentation.tick_journey import Journey, JourneyBook
from openalgo_desktop.views.latency_pane import LatencyPane
from openalgo_desktop.views.main_window import MainWindow


class LatencyController(QObject):
    """One journey at a time: the next tick is followed when the last one has been painted."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._key: InstrumentKey | None = None
        self._pane: LatencyPane | None = None
        self._book = JourneyBook()
        self._on_its_way: Journey | None = None
        self._written_ms: float | None = None

    @property
    def pane(self) -> LatencyPane | None:
        """The pane while it is open."""
        return self._pane if self._pane is not None and self._pane.isVisible() else None

    def open(self) -> None:
        """Show the pane for the selected row."""
        if self._pane is None:
            self._pane = LatencyPane(self._window.skin, self._window)
        self._pane.waterfall.skin = self._window.skin
        self.select(self._window.watch.grid.current_key)
        self._pane.show()
        self._pane.raise_()

    def close(self) -> None:
        """Close the pane."""
        if self._pane is not None:
            self._pane.close()

    def select(self, key: InstrumentKey | None) -> None:
        """Follow another instrument."""
        self._key, self._book = key, JourneyBook()
        self._on_its_way = self._written_ms = None
        self._show()

    def take(self, tick: Tick) -> None:
        """A tick of the selected row is here."""
        if self.pane is None or self._on_its_way is not None:
            return
        exchange_ms = None if tick.timestamp is None else float(tick.timestamp)
        journey = Journey(exchange_ms, tick.received_ms, time.time() * 1000.0)
        self._on_its_way = journey
        loop = asyncio.get_running_loop()
        # Clients are written to at the end of this turn of the loop: in the one after it, that is over.
        loop.call_soon(lambda: loop.call_soon(self._was_sent, journey, tick.key))

    def _was_sent(self, journey: Journey, key: InstrumentKey) -> None:
        sent_ms = self._services.sent_ms(key)
        if sent_ms is not None and sent_ms >= journey.received_ms:
            journey.sent_ms = sent_ms

    def each_frame(self) -> None:
        """A frame begins. It writes the row; when the next one begins, it has been painted, or was not in view."""
        journey, now_ms = self._on_its_way, time.time() * 1000.0
        if journey is None:
            return
        if self._written_ms is None:
            self._written_ms = now_ms
            return
        painted_ms = self._window.board.account.painted_ms
        if painted_ms >= self._written_ms:
            journey.shown_ms = painted_ms
        self._on_its_way = self._written_ms = None
        self._book.take(journey)

    def each_second(self) -> None:
        """Show the last journey: more often nobody could read it."""
        self._show()

    def _show(self) -> None:
        pane = self.pane
        if pane is not None:
            title = "no row selected" if self._key is None else instrument_lines.title(self._key)
            pane.show_journeys(title, self._book)
