"""Everything around the panes: keys, notices, the session that comes back, unexpected failures."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from openalgo_desktop import __version__
from openalgo_desktop.controllers.brokers_controller import BrokersController
from openalgo_desktop.controllers.first_steps_controller import FirstStepsController
from openalgo_desktop.controllers.keys_controller import KeysController
from openalgo_desktop.controllers.palette_controller import PaletteController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.controllers.session_controller import SessionController
from openalgo_desktop.controllers.settings_controller import SettingsController
from openalgo_desktop.controllers.trouble_controller import TroubleController
from openalgo_desktop.views.crash_dialog import CrashDialog
from openalgo_desktop.views.main_window import MainWindow

ASKED_EVERY_MS = 1_000


class ShellController(QObject):
    """Make it after the controllers of the panes: it restores what they show."""

    # Failures come from any thread.
    _failed = Signal(str, str, int)

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._crashes: CrashDialog | None = None
        self._keys = KeysController(window, services)
        self.trouble = TroubleController(window, services)
        self._failed.connect(self._show_failure)
        services.host.on_unexpected(lambda failure: self._failed.emit(failure.sentence, failure.text, failure.times))
        self._brokers = BrokersController(window, services, services.brokers) if services.brokers is not None else None
        if self._brokers is not None:
            self.trouble.loginWanted.connect(self._brokers.go_to)
        self.settings = SettingsController(window, services)
        self.palette = PaletteController(window, services, self.settings.open)
        self._session = SessionController(window, services, self.trouble.say)
        self.first_steps = FirstStepsController(window, services, self._open_brokers)

        # The window's own clock stands still while it is minimised, which is when it is asked for.
        self._asked = QTimer(self)
        self._asked.setInterval(ASKED_EVERY_MS)
        self._asked.timeout.connect(self._answer_if_asked)
        self._asked.start()

    def close(self) -> None:
        """Keep the session."""
        self._asked.stop()
        self._session.close()
        self.settings.close()
        self.first_steps.close()
        if self._crashes is not None:
            self._crashes.close()

    def each_second(self) -> None:
        """What has to be looked at now and then."""
        self.trouble.each_second()
        if self._brokers is not None:
            self._brokers.each_second()

    def _open_brokers(self, name: str) -> None:
        if self._brokers is not None:
            self._brokers.use(name)

    def _answer_if_asked(self) -> None:
        """Another start on the profile brings this window to the front instead of a second one."""
        if self._services.host.asked_to_show():
            self._window.come_to_front()

    def _show_failure(self, sentence: str, text: str, times: int) -> None:
        if self._crashes is None:
            log_file = self._services.host.log_file
            self._crashes = CrashDialog(__version__, str(log_file or ""), self._window)
        self._crashes.show_failure(sentence, text, times)
        self.trouble.note(f"Something unexpected went wrong: {sentence}")
