"""Fills the box that goes to anything, and goes there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from market.instruments import Instrument
from market.symbols import parse_key
from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import instrument_lines
from openalgo_desktop.presentation.palette_search import (
    Entry,
    Kind,
    asked,
    found,
    read_recent,
    with_recent,
    write_recent,
)
from openalgo_desktop.presentation.settings_plan import KEPT
from openalgo_desktop.views.main_window import MainWindow

SETTING = "recent_choices"
MOST, MOST_BESIDE = 60, 6


class PaletteController(QObject):
    """Commands, lists and settings are at hand; instruments are looked for in a worker thread."""

    def __init__(self, window: MainWindow, services: DesktopServices, show_setting: Callable[[str], object]) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._show_setting = show_setting
        self._recent = read_recent(services.settings.text(SETTING))
        self._search: asyncio.Task[None] | None = None
        box, actions = window.palette_box, window.actions_by_id
        box.typed.connect(self._typed)
        box.chosen.connect(self._go)
        actions.on("palette.open", box.open)
        actions.on("palette.commands", lambda: box.open(">"))

    def _typed(self, text: str) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None
        kind, words = asked(text)
        if kind is not None:
            entries = [entry for entry in self._at_hand() if entry.kind is kind]
            self._window.palette_box.show_entries(found(entries, words, self._recent, most=MOST))
            return
        beside = found(self._at_hand(), words, self._recent, most=MOST if not words else MOST_BESIDE)
        self._window.palette_box.show_entries(beside)
        if words:
            self._search = tasks.spawn(self._find(words, beside), owner=self)

    async def _find(self, words: str, beside: list[Entry]) -> None:
        instruments = await asyncio.to_thread(self._services.instruments.search, words, MOST)
        self._window.palette_box.show_entries([*map(self._instrument, instruments), *beside])

    def _instrument(self, instrument: Instrument) -> Entry:
        key, listed = instrument.key, instrument.key in self._window.board
        details = instrument_lines.details(instrument, listed=listed)
        return Entry(
            Kind.INSTRUMENT, str(key), instrument_lines.title(key), instrument_lines.venue(key), details, listed
        )

    def _at_hand(self) -> Iterator[Entry]:
        actions = self._window.actions_by_id
        for each in self._services.watchlists.lists():
            yield Entry(Kind.LIST, str(each.id), each.name, "list", f"{len(each.items)} instruments")
        for info in actions.infos():
            if actions[info.id].isEnabled() and not info.id.startswith("palette."):
                yield Entry(Kind.COMMAND, info.id, info.name, info.group, actions.keys_text(info.id))
        for row in self._services.settings.table:
            if row.key not in KEPT:
                value = self._services.settings.get(row.key)
                yield Entry(Kind.SETTING, row.key, row.label, "setting", str(value))

    def _go(self, entry: Entry) -> None:
        self._recent = with_recent(self._recent, entry)
        self._services.settings.set(SETTING, write_recent(self._recent))
        self._window.watch.grid.setFocus()
        if entry.kind is Kind.COMMAND:
            self._window.actions_by_id[entry.id].trigger()
        elif entry.kind is Kind.LIST:
            self._window.watch.tabs.listChosen.emit(int(entry.id))
        elif entry.kind is Kind.SETTING:
            self._show_setting(entry.id)
        else:
            self._go_to_instrument(entry.id)

    def _go_to_instrument(self, name: str) -> None:
        """Select its row, or add it below the current one."""
        key, grid = parse_key(*name.split(":", 1)), self._window.watch.grid
        if key in self._window.board:
            grid.set_current_key(key)
        else:
            self._window.watch.search.chosen.emit(key)
