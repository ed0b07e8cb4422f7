"""Takes a quote of an instrument, all fields at one moment."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject

from market.freshness import Freshness
from market.instruments import InstrumentKey
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import instrument_lines
from openalgo_desktop.presentation.book_style import style_of
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.snap_quote import snap_quote
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.snap_pane import SnapPane


class SnapController(QObject):
    """One pane, shown again for each quote."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self.pane: SnapPane | None = None
        self._key: InstrumentKey | None = None

    def take(self) -> None:
        """Show the quote of the selected row as it is now."""
        key = self._window.watch.grid.current_key
        if key is None:
            self._window.toast.say("Select a row to take its quote")
        else:
            self.take_of(key)

    def take_of(self, key: InstrumentKey) -> None:
        """Show the quote of `key` as it is now."""
        self._key, services = key, self._services
        tick, now_ms = services.desk.last(key), time.time() * 1000.0
        instrument = services.instruments.get(key)
        in_lots = services.settings.text("quantity_unit") == "lots"
        style = style_of(instrument, NumberStyle(services.settings.text("number_format")), in_lots=in_lots)
        state = Freshness.STALE if tick is None else services.care.liveness.state(tick, now_ms)
        title = f"{instrument_lines.title(key)} {instrument_lines.venue(key)}"
        if self.pane is None:
            self.pane = SnapPane(self._window)
            self.pane.againRequested.connect(self._again)
        self.pane.show_quote(snap_quote(title, tick, style, instrument, state, now_ms))
        self.pane.show()
        self.pane.raise_()

    def _again(self) -> None:
        if self._key is not None:
            self.take_of(self._key)

    def close(self) -> None:
        """Close the pane."""
        if self.pane is not None:
            self.pane.close()
