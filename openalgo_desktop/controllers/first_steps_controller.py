"""Leads a new user through the first steps, and stores what was chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.first_steps import PAGES
from openalgo_desktop.views.first_steps import FirstStepsDialog
from openalgo_desktop.views.main_window import MainWindow

DONE, FEEDS = "first_steps_done", "feeds"
_SAID = "--feed on the command line decides now. What you choose here is used at a start without it."


class FirstStepsController(QObject):
    """Opens the steps by itself once, in a profile that is new and that nobody gave a source on the command line."""

    def __init__(self, window: MainWindow, services: DesktopServices, open_brokers: Callable[[str], object]) -> None:
        super().__init__(window)
        self._open_brokers = open_brokers
        self._before = services.settings.text(FEEDS)
        self._window = window
        self._services = services
        self._dialog: FirstStepsDialog | None = None
        window.actions_by_id.on("help.first_steps", self.open)
        settings, host = services.settings, services.host
        # A profile that was used before has had its starter list, or instruments of its own.
        is_used = settings.flag("starters_offered") or any(each.items for each in services.watchlists.lists())
        is_settled = FEEDS in host.said or host.safe or host.session is None or settings.flag(DONE)
        if not is_used and not is_settled:
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
        dialog.brokersRequested.connect(self._open_brokers)
        dialog.chosen.connect(self._choose)
        dialog.finished.connect(lambda _result: self._end())
        self._dialog = dialog
        dialog.show()

    def close(self) -> None:
        """Close the steps."""
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
        if feeds in PAGES:
            feeds = services.settings.text(FEEDS)  # the page of brokers has stored what is used
        services.settings.set(FEEDS, feeds)
        if starter:
            success, answer, _status = services.watchlists.add_starter(starter)
            if success:
                services.settings.set("starters_offered", True)
                self._window.watch.tabs.listChosen.emit(answer["data"]["id"])
            else:
                self._window.toast.say(str(answer["message"]))

    def _end(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
            self._services.settings.set(DONE, True)
            self._window.watch.grid.setFocus()
            self._say_what_changed()

    def _say_what_changed(self) -> None:
        """The page of brokers stores a source even if the steps are skipped after it."""
        feeds = self._services.settings.text(FEEDS)
        if feeds != self._before and FEEDS not in self._services.host.said:
            named = feeds or "the demonstration"
            self._window.toast.say(
                f"Prices come from {named} from the next start on", action=("Start anew now", self._window.restart)
            )
