"""Shows the book of the selected row; Depth is subscribed for that row only, and not for those passed on the way."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from market.exchanges import INDICES
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import depth_book, instrument_lines
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.views.main_window import MainWindow

HOLDER = "window.depth"
SETTLE_MS = 150


class DepthController(QObject):
    """Follows the selection."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._key: InstrumentKey | None = None
        self._tick: Tick | None = None
        self._levels = 5
        self._dirty = False
        self._refused = ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._subscribe)

    def close(self) -> None:
        """Let go of the book."""
        self._settle.stop()
        self._release()

    def select(self, key: InstrumentKey | None) -> None:
        """Show what is known of `key` now; its book is asked for when the selection rests."""
        self._key = key
        self._tick = None if key is None else self._services.desk.last(key)
        self._levels = len(self._tick.depth.buy) if self._tick and self._tick.depth else 5
        self._refused = ""
        self._dirty = True
        self._settle.start()

    def take(self, tick: Tick) -> None:
        """A new last value of the selected row."""
        self._tick = tick
        self._dirty = True

    def each_second(self) -> None:
        """How fresh the row is may have changed without a tick."""
        self._dirty = True

    def each_frame(self) -> None:
        """Redraw if something changed."""
        if not self._dirty:
            return
        self._dirty = False
        key, tick = self._key, self._tick
        if key is None:
            empty = depth_book.picture(None, RowStyle(), instrument=None, levels=5)
            self._window.book.show_book("Market depth", "no row selected", empty)
            return
        row = self._window.board.row(key)
        style = row.style if row is not None else RowStyle()
        depth = tick.depth if tick is not None else None
        levels = max(len(depth.buy), len(depth.sell)) if depth is not None else self._levels
        picture = depth_book.picture(
            tick, style, instrument=self._services.instruments.get(key), levels=5 if levels <= 5 else levels
        )
        venue = instrument_lines.venue(key)
        said = 0 if key.exchange in INDICES else levels
        subtitle = depth_book.heading(said, venue, tick.source if tick is not None else "")
        stale = row is not None and row.stale
        self._window.book.show_book(
            instrument_lines.title(key),
            f"{subtitle} · stale" if stale else subtitle,
            picture,
            note=self._note(key, tick),
            stale=stale,
        )

    def _note(self, key: InstrumentKey, tick: Tick | None) -> str:
        if tick is not None and tick.depth is not None:
            return ""
        if key.exchange in INDICES:
            return "An index has no order book."
        return self._refused

    def _subscribe(self) -> None:
        """The selection rests: release the previous book, ask for this one."""
        self._release()
        if self._key is None or self._key.exchange in INDICES:
            return
        wish = Subscription(self._key, Mode.DEPTH)
        for outcome in self._services.desk.subscribe(HOLDER, [wish]):
            self._refused = outcome.error or ""
            self._levels = outcome.depth_levels
        self._tick = self._services.desk.last(self._key) or self._tick
        self._dirty = True

    def _release(self) -> None:
        held = self._services.desk.subscriptions(HOLDER)
        if held:
            self._services.desk.unsubscribe(HOLDER, held)
