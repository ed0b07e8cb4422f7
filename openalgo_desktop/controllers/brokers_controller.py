"""The page of brokers: logins that may wait for a browser, downloads with progress, which sources are used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from openalgo_desktop import tasks
from openalgo_desktop.controllers.broker_ports import Brokers, Facts
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import broker_lines
from openalgo_desktop.presentation.broker_lines import LoginLine
from openalgo_desktop.views.brokers_dialog import BrokerEntry, BrokersDialog
from openalgo_desktop.views.main_window import MainWindow

_FEEDS = "feeds"


class BrokersController(QObject):
    """Makes the page when it is asked for."""

    def __init__(self, window: MainWindow, services: DesktopServices, brokers: Brokers) -> None:
        super().__init__(window)
        self._window = window
        self._settings = services.settings
        self._brokers = brokers
        self._dialog: BrokersDialog | None = None
        self._shown = ""
        self._facts: Facts | None = None
        self._logging_in: asyncio.Task[None] | None = None
        self._fetching = False
        window.actions_by_id.on("app.brokers", self.open)

    def open(self) -> None:
        """Show the page."""
        if self._dialog is None:
            self._dialog = dialog = BrokersDialog(self._window)
            dialog.chosen.connect(self._choose)
            dialog.loginRequested.connect(self._log_in)
            dialog.cancelRequested.connect(self._cancel)
            dialog.logoutRequested.connect(lambda: self._log_out(forget=False))
            dialog.forgetRequested.connect(lambda: self._log_out(forget=True))
            dialog.updateRequested.connect(self._fetch)
            dialog.sourceToggled.connect(self._use)
        self.each_second()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def go_to(self, name: str) -> None:
        """Show the page of `name`."""
        self.open()
        if self._dialog is not None:
            self._dialog.go_to(name)

    def use(self, name: str) -> None:
        """Show the page of `name`, as a source that is used; of the first broker, unused, if there is no name."""
        if not name:
            self.open()
            return
        self.go_to(name)
        if self._dialog is not None:
            self._dialog.source.setChecked(True)

    def each_second(self) -> None:
        """How long logins last changes by itself."""
        dialog = self._dialog
        if dialog is None:
            return
        lines = {name: self._line(name) for name in self._brokers.names()}
        dialog.show_brokers(
            [BrokerEntry(name, self._brokers.state(name).title, line.word) for name, line in lines.items()]
        )
        line = lines.get(self._shown)
        if line is not None:
            dialog.show_state(
                line.sentence,
                line.tone,
                is_in=self._brokers.state(self._shown).state != "none",
                is_kept=bool(self._brokers.kept_fields(self._shown)),
                is_waiting=self._logging_in is not None,
            )

    def _line(self, name: str) -> LoginLine:
        return broker_lines.login_line(self._brokers.state(name), time.time() * 1000.0)

    def _choose(self, name: str) -> None:
        assert self._dialog is not None
        self._cancel()
        self._shown = name
        self._facts = None
        title = self._brokers.state(name).title
        self._dialog.show_form(
            title, self._brokers.form(name), self._brokers.kept_fields(name), self._brokers.redirect_url
        )
        self._dialog.show_facts("", "", is_source=self._is_source())
        self._dialog.show_instruments("", is_busy=self._fetching)
        self.each_second()
        tasks.spawn(self._look(name), owner=self)

    async def _look(self, name: str) -> None:
        facts = await self._brokers.facts(name)
        if self._dialog is None or name != self._shown:
            return
        self._facts = facts
        self._dialog.show_facts(", ".join(facts.exchanges), f"Limits: {facts.limits}.", is_source=self._is_source())
        if not self._fetching:
            listed = broker_lines.list_line(facts.rows, facts.fetched_ms, time.time() * 1000.0)
            self._dialog.show_instruments(listed, is_busy=False)

    # Logging in

    def _log_in(self) -> None:
        if self._dialog is None or self._logging_in is not None:
            return
        fields = self._dialog.form.values()
        self._dialog.show_answer("")
        self._logging_in = tasks.spawn(self._try(self._shown, fields), owner=self)
        self.each_second()

    async def _try(self, name: str, fields: Mapping[str, str]) -> None:
        try:
            success, answer, _status = await self._brokers.log_in(name, fields, self._send_browser)
        finally:
            self._logging_in = None
            self.each_second()
        if self._dialog is None or name != self._shown:
            return
        if success:
            self._dialog.form.show_form(self._brokers.form(name), self._brokers.kept_fields(name))
        self._dialog.show_answer(f"{answer['message']}.")
        self.each_second()

    async def _send_browser(self, url: str) -> None:
        if self._dialog is not None:
            self._dialog.show_answer("Your browser shows the broker's page; log in there. This waits for five minutes.")
        if not QDesktopServices.openUrl(QUrl(url)) and self._dialog is not None:
            self._dialog.show_answer(f"No browser could be opened. Open this address yourself: {url}")

    def _cancel(self) -> None:
        if self._logging_in is not None:
            self._logging_in.cancel()
            self._logging_in = None
            self.each_second()

    def _log_out(self, *, forget: bool) -> None:
        assert self._dialog is not None
        self._brokers.log_out(self._shown, forget=forget)
        self._dialog.form.show_form(self._brokers.form(self._shown), self._brokers.kept_fields(self._shown))
        self._dialog.show_answer("Everything that was kept is forgotten." if forget else "Logged out here.")
        self.each_second()

    # Instruments and sources

    def _fetch(self) -> None:
        if self._dialog is None or self._fetching:
            return
        self._fetching = True
        self._dialog.show_instruments("Asking the broker…", is_busy=True)
        tasks.spawn(self._fetch_list(self._shown), owner=self)

    async def _fetch_list(self, name: str) -> None:
        def tell(file: str, done: int, total: int | None) -> None:
            if self._dialog is not None and name == self._shown:
                self._dialog.show_instruments(broker_lines.progress_line(file, done, total), is_busy=True)

        try:
            _success, answer, _status = await self._brokers.update_instruments(name, tell)
        finally:
            self._fetching = False
        if self._dialog is not None and name == self._shown:
            self._dialog.show_instruments(f"{answer['message']}.", is_busy=False)

    def _is_source(self) -> bool:
        return broker_lines.is_source(self._settings.text(_FEEDS), self._shown)

    def _use(self, used: bool) -> None:  # noqa: FBT001 - a toggled signal
        feeds = broker_lines.with_source(self._settings.text(_FEEDS), self._shown, used=used)
        success, answer, _status = self._settings.set(_FEEDS, feeds)
        if not success:
            self._window.toast.say(str(answer["message"]))
        elif used and self._dialog is not None and self._brokers.state(self._shown).state == "none":
            who = self._brokers.state(self._shown).title
            self._dialog.show_answer(
                f"{who} gives prices after a login only: log in here, now or after the next start."
            )
