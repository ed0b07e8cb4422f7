"""Leads a new user through the first steps, and stores what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.first_steps import BROKERS
from openalgo_desktop.views.first_steps import FirstStepsDialog
from openalgo_desktop.views.main_window import MainWindow

DONE, FEEDS = "first_steps_done", "feeds"
_SAID = "--feed on the command line decides now. What you choose here is used at a start without it."


class FirstStepsController(QObject):
    """Opens the steps by itself once, in a profile that is new and that nobody gave a source on the command line."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._dialog: FirstStepsDialog | None = None
        window.actions_by_id.on("help.first_steps", self.open)
        settings, host = services.settings, services.host
        if not settings.flag(DONE) and host.session is not None and FEEDS not in host.said and not host.safe:
            self.open()

    @property
    def dialog(self) -> FirstStepsDialog | None:
        """The steps while they are open."""
        return self._dialog

    def open(self) -> None:
        """Show the steps."""
        if self._dialog is not None:
            self._dialog.activateWindow()
            return
        services = self._services
        starters = [(each.name, each.about) for each in services.watchlists.starter_lists()]
        note = _SAID if FEEDS in services.host.said else ""
        dialog = FirstStepsDialog(services.settings.text(FEEDS), starters, note, self._window)
        dialog.tried.connect(lambda feeds: tasks.spawn(self._try(feeds), owner=self))
        dialog.brokersRequested.connect(self._window.actions_by_id["app.brokers"].trigger)
        dialog.chosen.connect(self._choose)
        dialog.finished.connect(lambda _result: self._end())
        self._dialog = dialog
        dialog.open()

    def close(self) -> None:
        """Close the steps; they come again at the next start if they were not made."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.close()

    async def _try(self, feeds: str) -> None:
        wrong = ""
        for source in (feeds or "simulated").split():
            wrong = wrong or await self._services.host.check_source(source)
        if self._dialog is not None:
            self._dialog.show_answer(feeds, wrong)

    def _choose(self, feeds: str, starter: str) -> None:
        services = self._services
        before = services.settings.text(FEEDS)
        if feeds == BROKERS:
            feeds = before  # the page of brokers has stored what is used
        services.settings.set(FEEDS, feeds)
        if starter:
            success, answer, _status = services.watchlists.add_starter(starter)
            if success:
                services.settings.set("starters_offered", True)
                self._window.watch.tabs.listChosen.emit(answer["data"]["id"])
            else:
                self._window.toast.say(str(answer["message"]))
        if feeds != before and FEEDS not in services.host.said:
            self._window.toast.say(
                "The new source of prices is used from the next start", action=("Start anew now", self._window.restart)
            )

    def _end(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
            self._services.settings.set(DONE, True)
            self._window.watch.grid.setFocus()
