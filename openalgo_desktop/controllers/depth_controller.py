"""Shows the order book of one instrument; Depth is subscribed for it alone, and not for rows passed on the way."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer

from market.exchanges import INDICES
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from openalgo_desktop.controllers.deep_book import DeepBook
from openalgo_desktop.controllers.ladder_controller import LadderController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import depth_book, formats, instrument_lines
from openalgo_desktop.presentation.book_reach import reach, sentence
from openalgo_desktop.presentation.book_style import BookStyle, style_of
from openalgo_desktop.presentation.depth_book import LEVEL_CHOICES, BookWriter, level_choices
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.order_size import average_size
from openalgo_desktop.views.book_pane import BookPane

HOLDER = "window.depth"
SETTLE_MS = 150
_WRITING = ("depth_levels", "quantity_unit", "number_format")


class DepthController(QObject):
    """One instrument at a time on one pane, held under one name at the desk.

    With a `tab` of its own the pane does not follow the setting; empty for what the setting says to begin with.
    """

    def __init__(
        self, pane: BookPane, services: DesktopServices, holder: str = HOLDER, *, tab: str | None = None
    ) -> None:
        super().__init__(pane)
        self._has_own_tab = tab is not None
        self._pane = pane
        self._services = services
        self._holder = holder
        self._key: InstrumentKey | None = None
        self._feed = ""
        self._deep = DeepBook(services.desk, holder)
        self._tick: Tick | None = None
        self._granted = 5
        self._pointed = (0, -1)
        self._dirty = False
        self._refused = ""
        self._writer = BookWriter(BookStyle())
        self._ladder = LadderController(pane.ladder, pane.tape, services.settings)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._subscribe)
        pane.depth_panel.levelPointed.connect(self._point)
        for key in LadderController.SETTINGS:
            self._ladder.apply(key)
        self.show_tab(tab or services.settings.text("book_tab"))
        self._begin()

    def close(self) -> None:
        """Let go of the book."""
        self._settle.stop()
        self._release()

    def apply(self, key: str) -> None:
        """Take a setting that has changed."""
        if key == "book_tab":
            if not self._has_own_tab:
                self.show_tab(self._services.settings.text(key))
        elif key in _WRITING:
            self._begin()
            self._ask_deep()
        elif key in LadderController.SETTINGS:
            self._ladder.apply(key)

    def show_tab(self, tab: str) -> None:
        """Show another tab of the pane."""
        self._pane.show_tab(tab)
        self._dirty = True

    def select(self, key: InstrumentKey | None) -> None:
        """Show what is known of `key` now; its book is asked for when the selection rests."""
        self._key = key
        self._tick = None if key is None else self._services.desk.last(key)
        self._granted = len(self._tick.depth.buy) if self._tick and self._tick.depth else 5
        self._refused = ""
        self._pane.depth_panel.begin()
        self._begin()
        self._ladder.begin(self._writer.style, self._tick)
        self._settle.start()

    @property
    def deep(self) -> InstrumentKey | None:
        """The name under which a deeper book comes, where it has one of its own; its ticks are for `take` too."""
        return self._deep.key

    def take(self, tick: Tick) -> None:
        """A new last value of the instrument, or of its deep book."""
        if tick.key == self._deep.key:
            self._deep.take(tick)
            if self._tick is None:
                return
            tick = self._tick
        self._tick = tick = self._deep.within(tick)
        self._ladder.take(tick)
        self._dirty = True

    def each_second(self) -> None:
        """How fresh the book is may have changed without a tick, and contract details may have come in."""
        self._dirty = True
        if self._key is not None and self._writer.instrument is not self._services.instruments.get(self._key):
            self._begin()

    def each_frame(self, now_ms: float) -> None:
        """Redraw if something changed; `now_ms` is monotonic."""
        if self._dirty:
            self._dirty = False
            if self._key is None:
                self._show_nothing()
            else:
                self._show(self._key, self._tick, now_ms)

    def _begin(self) -> None:
        """Write everything anew: another instrument, or another way of writing."""
        settings, key = self._services.settings, self._key
        instrument = None if key is None else self._services.instruments.get(key)
        in_lots = settings.text("quantity_unit") == "lots"
        style = style_of(instrument, NumberStyle(settings.text("number_format")), in_lots=in_lots)
        self._writer = BookWriter(style, instrument)
        self._ladder.restyle(style, self._tick)
        self._dirty = True

    def _show_nothing(self) -> None:
        empty = BookWriter(BookStyle()).picture(None, least=5, most=5, now_ms=0.0)
        self._pane.head.show_lines("Market depth", "no row selected")
        self._pane.depth_panel.show_book(empty)
        self._pane.ladder.refresh(0.0, note="Select a row to see its ladder.")
        self._pane.tape.refresh(note="Select a row to see its trades.")

    def _show(self, key: InstrumentKey, tick: Tick | None, now_ms: float) -> None:
        stale, note = tick is not None and self._is_stale(tick), self._note(key, tick)
        most = self._services.settings.number("depth_levels")
        depth = tick.depth if tick is not None else None
        sent = max(len(depth.buy), len(depth.sell)) if depth is not None else 0
        if self._pane.tab == "ladder":
            self._dirty = self._ladder.show(tick, now_ms, note=note, stale=stale)
            shown = sent
        elif self._pane.tab == "trades":
            self._ladder.show_tape(note=self._no_trades(key), stale=stale)
            shown = sent
        else:
            # Until the first book the room for what was promised, then for what is sent.
            least = LEVEL_CHOICES[0] if sent else min(self._granted, most)
            picture = self._writer.picture(tick, least=least, most=most, now_ms=now_ms)
            # What has just appeared is drawn faded for half a second, and then as the rest without another tick.
            self._dirty = any(side.young for row in picture.rows for side in row)
            self._pane.depth_panel.show_book(picture, note=note, hint=self._hint(tick), stale=stale)
            shown = min(sent, most)
        self._show_head(key, tick, shown, sent, stale=stale)
        self._pane.show_options(
            levels=most,
            offered=level_choices(max(sent or self._granted, self._deep.most)),
            in_lots=self._writer.style.in_lots,
            has_lots=self._writer.style.has_lots,
        )

    def _show_head(self, key: InstrumentKey, tick: Tick | None, shown: int, sent: int, *, stale: bool) -> None:
        style, said = self._writer.style, 0 if key.exchange in INDICES else shown
        line = depth_book.heading(said, sent, instrument_lines.venue(key), tick.source if tick is not None else "")
        change = tick.change if tick is not None else None
        signed = formats.signed(change, style.row.decimals, style=style.row.numbers)
        percent = formats.percent(tick.change_percent if tick is not None else None)
        self._pane.head.show_lines(
            instrument_lines.title(key),
            f"{line} · stale" if stale else line,
            style.price(tick.ltp if tick is not None else None),
            f"{signed}  {percent}",
            direction=(change or 0.0) > 0 or -((change or 0.0) < 0),
            stale=stale,
        )

    def _is_stale(self, tick: Tick) -> bool:
        return self._services.care.liveness.state(tick, time.time() * 1000.0) is Freshness.STALE

    def _note(self, key: InstrumentKey, tick: Tick | None) -> str:
        if tick is not None and tick.depth is not None:
            return ""
        if key.exchange in INDICES:
            return "An index has no order book."
        return self._refused

    def _no_trades(self, key: InstrumentKey) -> str:
        return "An index is not traded." if key.exchange in INDICES else self._refused

    def _point(self, side: int, number: int) -> None:
        self._pointed = (side, number)
        self._dirty = True

    def _hint(self, tick: Tick | None) -> str:
        """What the level under the mouse means."""
        side, number = self._pointed
        if number < 0 or tick is None or tick.depth is None:
            return ""
        levels = (tick.depth.buy, tick.depth.sell)[side]
        if number >= len(levels):
            return ""
        said = sentence(reach(levels[: number + 1]), self._writer.style)
        size = average_size(levels[number])
        return said if size is None else f"{said} · avg order {self._writer.style.rounded(size)}"

    def _subscribe(self) -> None:
        """The selection rests: release the previous book, ask for this one."""
        self._release()
        if self._key is None or self._key.exchange in INDICES:
            return
        wish = Subscription(self._key, Mode.DEPTH)
        for outcome in self._services.desk.subscribe(self._holder, [wish]):
            self._refused = outcome.error or ""
            self._granted = outcome.depth_levels
            self._feed = (outcome.feed or "") if outcome.accepted else ""
        self._ask_deep()
        self._tick = self._services.desk.last(self._key) or self._tick
        self._dirty = True

    def _ask_deep(self) -> None:
        """Have a deeper book where there is one and the setting wants it."""
        if self._key is not None and self._feed:
            self._deep.ask(self._key, self._feed, self._services.settings.number("depth_levels"))

    def _release(self) -> None:
        self._feed = ""
        self._deep.let_go()
        held = self._services.desk.subscriptions(self._holder)
        if held:
            self._services.desk.unsubscribe(self._holder, held)
