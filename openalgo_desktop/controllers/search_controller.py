"""Finding an instrument by typing: searches in worker threads, keeps to an exchange, unfolds contracts of a find."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.models.search_results import SearchResult
from openalgo_desktop.presentation import contract_lines, formats, instrument_lines
from openalgo_desktop.views.main_window import MainWindow

FOUND = 50


class SearchController(QObject):
    """Answers the search box; what is chosen there is for others to add."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._box = window.watch.search
        self._task: asyncio.Task[None] | None = None
        self._text = ""
        self._exchange: Exchange | None = None
        # The lists of results that lead to what is shown now, each with what was chosen in it.
        self._trail: list[tuple[list[SearchResult], int]] = []
        self._shown: list[SearchResult] = []
        self._contracts: Sequence[Instrument] = ()
        self._spot: float | None = None
        self._box.textTyped.connect(self._typed)
        self._box.exchangeStepped.connect(self._step_exchange)
        self._box.unfolded.connect(self._unfold)
        self._box.foldedBack.connect(self._back)
        self._box.closed.connect(self._closed)
        self._box.typedChosen.connect(self._not_found)

    def close(self) -> None:
        """Stop searching."""
        if self._task is not None:
            self._task.cancel()

    # Finds

    def _typed(self, text: str) -> None:
        self._text = text
        self._trail.clear()
        self.close()
        if not text.strip():
            self._box.show_results(text, [])
            return
        self._task = tasks.spawn(self._find(text), owner=self)

    async def _find(self, text: str) -> None:
        asked = f"{self._exchange}: {text}" if self._exchange is not None else text
        found = await asyncio.to_thread(self._services.instruments.search, asked, FOUND)
        results = [self._result(instrument) for instrument in found]
        typed = instrument_lines.typed_key(text)
        if typed is not None and all(result.key != typed for result in results):
            listed = typed in self._window.board
            results.insert(0, SearchResult(typed, typed.symbol, typed.exchange, "as typed", listed))
        self._shown = results
        self._box.show_results(text, results)

    def _result(self, instrument: Instrument) -> SearchResult:
        key, listed = instrument.key, instrument.key in self._window.board
        details = instrument_lines.details(instrument, listed=listed)
        return SearchResult(key, instrument_lines.title(key), instrument_lines.venue(key), details, listed)

    def relabel(self) -> None:
        """Something was added or removed: say anew what is in the list already."""
        if not self._box.isVisible():
            return
        fresh = []
        for result in self._shown:
            instrument = None if result.key is None else self._services.instruments.get(result.key)
            is_plain = instrument is not None and result.expiry is None
            fresh.append(self._result(instrument) if instrument is not None and is_plain else result)
        self._shown = fresh
        self._box.relabel(fresh)

    def _not_found(self, text: str) -> None:
        self._window.toast.say(
            f"Nothing known matches {text[:40]!r}. EXCHANGE:SYMBOL adds what is not known, as NSE:INFY"
        )

    def _closed(self) -> None:
        self._exchange = None
        self._trail.clear()

    # Exchanges

    def _step_exchange(self, by: int) -> None:
        """Keep the finds to the next exchange that has any, or to none again."""
        if self._text.strip() and not self._trail:
            self.close()
            self._task = tasks.spawn(self._to_exchange(self._text, by), owner=self)

    async def _to_exchange(self, text: str, by: int) -> None:
        boards = await asyncio.to_thread(self._services.instruments.exchanges_of, text)
        choices = [None, *boards]
        at = choices.index(self._exchange) if self._exchange in choices else 0
        self._exchange = choices[(at + by) % len(choices)]
        self._box.show_exchange(str(self._exchange or ""))
        await self._find(text)

    # Contracts of a find

    def _unfold(self, result: SearchResult) -> None:
        """Show the expiries of a find, or the strikes of an expiry."""
        if result.expiry is not None:
            self._show_strikes(result.expiry)
        elif not self._trail and result.key is not None:
            self.close()
            self._task = tasks.spawn(self._show_expiries(result.key), owner=self)

    async def _show_expiries(self, key: InstrumentKey) -> None:
        instrument = self._services.instruments.get(key)
        base = instrument_lines.base(key)
        if instrument is None:
            return
        board, base = contract_lines.board_of(instrument, base)
        self._contracts = await asyncio.to_thread(self._services.instruments.contracts, board, base)
        lines = contract_lines.expiry_lines(self._contracts, self._today())
        if not lines:
            self._window.toast.say(f"No futures or options on {instrument_lines.title(key)} are known")
            return
        self._spot = self._price_of(instrument, lines)
        self._push([self._expiry(line, base) for line in lines], self._chosen(), 0)

    def _expiry(self, line: contract_lines.ExpiryLine, base: str) -> SearchResult:
        key = line.future.key if line.future is not None else None
        name = f"{base} {formats.day(line.expiry)}"
        listed = key is not None and key in self._window.board
        details = line.details(self._today()) + (" · already in list" if listed else "")
        return SearchResult(key, name, str(line.first.key.exchange), details, listed, line.expiry)

    def _show_strikes(self, expiry: date) -> None:
        near, at = contract_lines.near_strikes(self._contracts, expiry, self._spot)
        chosen = next((place for place, each in enumerate(near) if each.key == at), 0)
        self._push([self._result(each) for each in near], self._chosen(), chosen)

    def _push(self, results: list[SearchResult], left_at: int, chosen: int) -> None:
        self._trail.append((self._shown, left_at))
        self._shown = results
        self._box.show_contracts(results, chosen)

    def _back(self) -> None:
        """Show what was unfolded, with the same line chosen."""
        if not self._trail:
            return
        self._shown, at = self._trail.pop()
        if self._trail:
            self._box.show_contracts(self._shown, at)
        else:
            self._box.show_results(self._text, self._shown, at)

    def _chosen(self) -> int:
        return max(self._box.results.currentIndex().row(), 0)

    def _price_of(self, instrument: Instrument, lines: Sequence[contract_lines.ExpiryLine]) -> float | None:
        """The last price of what the contracts are written on, as well as it is known."""
        futures = [line.future for line in lines if line.future is not None]
        asked = [each for each in (instrument.underlying, instrument.key) if each is not None]
        if instrument.strike is not None:
            asked = [key for key in asked if key != instrument.key]
        for key in (*asked, *(future.key for future in futures)):
            tick = self._services.desk.last(key)
            if tick is not None and tick.ltp is not None:
                return tick.ltp
        return None

    @staticmethod
    def _today() -> date:
        return formats.ist_date(time.time() * 1000.0)
