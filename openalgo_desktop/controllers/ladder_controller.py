"""Feeds the price ladder and the time and sales of one pane: the book at the screen's rate, trades one by one."""

from __future__ import annotations

from market.ticks import Tick
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.ladder_layout import read_extras
from openalgo_desktop.presentation.trade_side import TradeReader
from openalgo_desktop.widgets.ladder_view import LadderView
from openalgo_desktop.widgets.tape_view import TapeView
from services.settings import Settings

_MOST_WAITING = 512


class LadderController:
    """Ticks only wait here until the next frame: nothing is computed per tick."""

    SETTINGS = ("ladder_columns", "reduce_motion")

    def __init__(self, view: LadderView, tape: TapeView, settings: Settings) -> None:
        self._view = view
        self._tape = tape
        self._settings = settings
        self._waiting: list[Tick] = []
        self._trades = TradeReader()

    def apply(self, key: str) -> None:
        """Take a setting that has changed."""
        if key == "ladder_columns":
            self._view.set_extras(read_extras(self._settings.text(key)))
        elif key == "reduce_motion":
            self._view.slides = not self._settings.flag(key)

    def begin(self, style: BookStyle, tick: Tick | None) -> None:
        """Another instrument, of which `tick` is known."""
        self._waiting.clear()
        self._trades = TradeReader()
        if tick is not None:
            self._trades.read(tick)
        self._view.scene.begin(style)
        self._view.begin()
        self._tape.begin(style)

    def restyle(self, style: BookStyle, tick: Tick | None) -> None:
        """Write numbers in another way. Another tick size is another ladder."""
        if style.tick_size != self._view.scene.style.tick_size:
            self.begin(style, tick)
        else:
            self._view.scene.restyle(style)
            self._tape.restyle(style)

    def take(self, tick: Tick) -> None:
        """A new last value of the instrument."""
        self._waiting.append(tick)
        if len(self._waiting) >= _MOST_WAITING:
            # No frame comes while the window is hidden.
            self._read_trades()

    def show(self, tick: Tick | None, now_ms: float, *, note: str, stale: bool) -> bool:
        """Show the book; returns whether it must be shown again without another tick."""
        self._read_trades()
        self._view.scene.set_book(tick, now_ms)
        self._view.refresh(now_ms, note=note, stale=stale)
        return self._view.scene.has_young or self._view.position.held_ms(now_ms) > 0

    def show_tape(self, *, note: str, stale: bool) -> None:
        """Show the trades."""
        self._read_trades()
        self._tape.refresh(note=note, stale=stale)

    def _read_trades(self) -> None:
        if not self._waiting:
            return
        read, tape = self._trades.read, self._tape.tape
        trades = [trade for tick in self._waiting if (trade := read(tick)) is not None]
        self._waiting.clear()
        self._view.scene.take(trades)
        for trade in trades:
            tape.add(trade)
