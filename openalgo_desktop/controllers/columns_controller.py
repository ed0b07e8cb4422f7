"""Keeps the columns of the market watch and their setting the same."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.column_catalogue import PRESETS
from openalgo_desktop.presentation.column_layout import ColumnLayout, read_layout
from openalgo_desktop.presentation.row_order import next_sort
from openalgo_desktop.views.header_menu import HeaderMenu
from openalgo_desktop.views.main_window import MainWindow

SETTING = "columns"
SAVE_AFTER_MS = 500


class ColumnsController(QObject):
    """One layout for all lists."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._settings = services.settings
        self._layout = read_layout(services.settings.text(SETTING))
        # Dragging an edge changes a width with every pixel; it is kept when the hand rests.
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(SAVE_AFTER_MS)
        self._save.timeout.connect(self.save)
        header, menu = window.watch.grid.header, window.column_menu
        header.sortRequested.connect(
            lambda each: self._take(self._layout.sorted_by(next_sort(self._layout.sort, each)))
        )
        header.resizeRequested.connect(lambda each, width: self._take(self._layout.resized(each, width)))
        header.moveRequested.connect(lambda each, position: self._take(self._layout.moved(each, position)))
        header.hideRequested.connect(lambda each: self._take(self._layout.toggled(each)))
        menu.toggled.connect(lambda each: self._take(self._layout.toggled(each)))
        menu.presetChosen.connect(lambda name: self._take(self._layout.with_ids(PRESETS[name])))
        menu.naturalWidthsChosen.connect(lambda: self._take(replace(self._layout, widths={})))
        menu.resetChosen.connect(lambda: self._take(ColumnLayout()))
        self._connect_titles(window.header_menu)
        self._show()

    def _connect_titles(self, menu: HeaderMenu) -> None:
        menu.sortChosen.connect(lambda sort: self._take(self._layout.sorted_by(sort)))
        menu.hideChosen.connect(lambda each: self._take(self._layout.toggled(each)))
        menu.fitChosen.connect(lambda each: self._take(self._layout.resized(each, 0)))
        menu.freezeChosen.connect(lambda each: self._take(self._layout.frozen_at(each)))
        menu.alignChosen.connect(lambda each, align: self._take(self._layout.aligned(each, align)))
        menu.writingChosen.connect(lambda each, writing: self._take(self._layout.written(each, writing)))

    def save(self) -> None:
        """Keep the layout now."""
        self._save.stop()
        self._settings.set(SETTING, self._layout.to_text())

    def close(self) -> None:
        """Keep what has not been kept yet."""
        if self._save.isActive():
            self.save()

    def _take(self, layout: ColumnLayout) -> None:
        self._layout = layout
        self._show()
        self._save.start()

    def _show(self) -> None:
        self._window.watch.grid.set_layout(self._layout)
        self._window.column_menu.show_layout(self._layout)
        self._window.header_menu.show_layout(self._layout)
