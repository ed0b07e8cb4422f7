"""Order books in windows of their own: each holds its instrument at the desk until it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from market.ticks import Tick, Update
from openalgo_desktop.controllers.depth_controller import DepthController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import instrument_lines
from openalgo_desktop.views.book_window import BookWindow
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.frame_clock import FrameClock

HOLDER = "window.depth"
SETTING = "own_books"
MOST = 24


class _OwnBook:
    """One window with its instrument. `number` tells those of the same instrument apart."""

    def __init__(self, key: InstrumentKey, number: int, window: BookWindow, depth: DepthController) -> None:
        self.key = key
        self.number = number
        self.window = window
        self.depth = depth


class OwnBooks(QObject):
    """Opens, feeds and closes them. They have a clock of their own: the main window may be minimised."""

    snapRequested = Signal(object)  # InstrumentKey

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._main = window
        self._services = services
        self._books: list[_OwnBook] = []
        self._by_key: dict[InstrumentKey, list[_OwnBook]] = {}
        self._closed = False
        self._clock = FrameClock(self, rate_hz=services.settings.number("text_rate_hz"))
        self._clock.frame.connect(self._frame)
        self._clock.second.connect(self._second)
        for text in services.settings.text(SETTING).split():
            exchange, _, symbol = text.partition(":")
            try:
                self.open(parse_key(exchange, symbol), is_restored=True)
            except InvalidRequestError:
                continue  # another version wrote it

    def __len__(self) -> int:
        return len(self._books)

    @property
    def windows(self) -> list[BookWindow]:
        """The windows that are open, in the order in which they were opened."""
        return [book.window for book in self._books]

    def open(self, key: InstrumentKey, *, is_restored: bool = False) -> None:
        """Open a window for `key`, another one if there is one already."""
        if len(self._books) >= MOST:
            self._main.toast.say(f"{MOST} windows are open, and that is the most: close one first")
            return
        taken = {book.number for book in self._by_key.get(key, ())}
        number = next(each for each in range(1, MOST + 1) if each not in taken)
        name = f"{instrument_lines.title(key)} {instrument_lines.venue(key)}"
        window = BookWindow(self._main.skin, name, f"{key}/{number}", self._main.geometry_store)
        depth = DepthController(window.pane, self._services, f"{HOLDER}.{key}.{number}", tab=window.tab)
        book = _OwnBook(key, number, window, depth)
        window.closed.connect(partial(self._let_go, book))
        window.pane.settingChosen.connect(partial(self._choose, book))
        window.pane.snapRequested.connect(partial(self.snapRequested.emit, key))
        self._books.append(book)
        self._by_key.setdefault(key, []).append(book)
        depth.select(key)
        window.show_badge(self._main.badge)
        window.show()
        if not is_restored:
            window.pane.setFocus()
            self._remember()
        self._clock.start()

    def take(self, updates: Sequence[Update]) -> None:
        """Every batch of ticks, on the loop: store and mark, nothing else."""
        if not self._books:
            return
        by_key = self._by_key
        for tick, _changed in updates:
            for book in by_key.get(tick.key, ()):
                book.depth.take(tick)
            if ":" in tick.key.symbol:
                self._take_deep(tick)

    def _take_deep(self, tick: Tick) -> None:
        for book in self._books:
            if book.depth.deep == tick.key:
                book.depth.take(tick)

    def apply(self, key: str) -> None:
        """Take a setting that has changed."""
        if key == "text_rate_hz":
            self._clock.set_rate(self._services.settings.number(key))
        for book in self._books:
            book.depth.apply(key)

    def close(self) -> None:
        """Close all of them; they come back at the next start."""
        self._closed = True
        self._clock.stop()
        for book in list(self._books):
            book.window.close()

    def _choose(self, book: _OwnBook, key: str, value: str) -> None:
        """The tab is each window's own choice; the rest is chosen for all books."""
        if key == "book_tab":
            book.depth.show_tab(value)
        else:
            self._main.settingChosen.emit(key, value)

    def _let_go(self, book: _OwnBook) -> None:
        if book not in self._books:
            return
        self._books.remove(book)
        self._by_key[book.key].remove(book)
        book.depth.close()
        book.window.deleteLater()
        if not self._books:
            self._clock.stop()
        if not self._closed:
            self._remember()

    def _remember(self) -> None:
        keys = " ".join(str(book.key) for book in self._books)
        success, answer, _status = self._services.settings.set(SETTING, keys)
        if not success:
            self._main.toast.say(str(answer["message"]))

    def _frame(self, now_ms: float) -> None:
        for book in self._books:
            if not book.window.isMinimized():
                book.depth.each_frame(now_ms)

    def _second(self, _now_ms: float) -> None:
        for book in self._books:
            if book.window.skin is not self._main.skin:
                book.window.wear(self._main.skin)
            book.window.show_badge(self._main.badge)
            book.depth.each_second()
