"""Opens the settings page and keeps it and the settings the same."""

from __future__ import annotations

from PySide6.QtCore import QObject

from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.settings_plan import SettingRow
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.settings_dialog import SettingsDialog
from services.settings import Source
from services.settings_table import Setting


class SettingsController(QObject):
    """The environment and the command line win over what is stored, and the page says so."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._page: SettingsDialog | None = None
        self._closed = False
        window.actions_by_id.on("settings.open", self.open)
        services.settings.on_change(lambda _key, _value: self._refresh())

    @property
    def page(self) -> SettingsDialog | None:
        """The page while it is open."""
        return self._page

    def open(self, key: str = "") -> None:
        """Show the page, at the setting `key` if one is named."""
        page = self._page
        if page is None:
            page = self._page = SettingsDialog(self.rows(), self._window)
            page.changed.connect(self._change)
            page.resetRequested.connect(self._reset)
            page.finished.connect(lambda _result: self._forget())
        page.open()
        page.go_to(key)

    def close(self) -> None:
        """Close the page."""
        self._closed = True
        if self._page is not None:
            self._page.close()

    def rows(self) -> list[SettingRow]:
        """The settings as the page shows them."""
        return [self._row(row) for row in self._services.settings.table]

    def _row(self, row: Setting) -> SettingRow:
        settings, host = self._services.settings, self._services.host
        source, decided_by = settings.source(row.key), ""
        if row.key in host.said:
            decided_by = "The command line"
        if source is Source.ENVIRONMENT:
            decided_by = f"{row.variable} in the environment"
        return SettingRow(
            key=row.key,
            label=row.label,
            help=row.help,
            value=settings.get(row.key),
            default=row.default,
            choices=row.choices,
            least=row.least,
            most=row.most,
            is_stored=source is Source.STORED,
            decided_by=decided_by,
        )

    def _change(self, key: str, value: object) -> None:
        wrong = self._services.host.wrong_sources(str(value)) if key == "feeds" else ""
        self._tell(wrong or str(self._services.settings.set(key, value).data["message"]))

    def _reset(self, key: str) -> None:
        self._services.settings.reset(key)
        self._tell("The default is used again")

    def _tell(self, sentence: str) -> None:
        if self._page is not None:
            self._page.say(sentence)
        self._refresh()

    def _refresh(self) -> None:
        if self._page is not None and not self._closed:
            self._page.show_rows(self.rows())

    def _forget(self) -> None:
        if self._page is not None:
            self._page.deleteLater()
            self._page = None
