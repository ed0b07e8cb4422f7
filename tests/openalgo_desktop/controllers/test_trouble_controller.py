"""What goes wrong is said once with a button, is over with a word, and can be read again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from market.feeds import FeedState, FeedStatus
from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.crash_hooks import Failure
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.notices_dialog import NoticesDialog
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop()
        self.storage: list[Callable[[str], object]] = []
        self.failures: list[Callable[[Failure], object]] = []
        host = Host(
            on_storage_failure=self.storage.append,
            on_unexpected=self.failures.append,
            notices=("The database was damaged",),
        )
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services(host))
        self.window.show()
        self.trouble = self.controller._shell.trouble

    def seconds(self, count: int) -> None:
        for _ in range(count):
            self.trouble.each_second()

    def said(self) -> list[str]:
        return [each.sentence for each in self.trouble.log]


@on_stage(Scene)
async def test_lost_feed_is_said_once_with_a_button_and_its_return(scene: Scene) -> None:
    desk, toast = scene.desktop.desk, scene.window.toast
    desk.status = FeedStatus("simulated", FeedState.RECONNECTING, "next attempt in 4 s", since_ms=1.0, attempt=1)
    scene.seconds(1)
    assert not toast.isVisible(), "a moment is not worth a word"
    scene.seconds(5)
    assert "simulated is reconnecting since" in toast.text()
    assert "next attempt in 4 s" in toast.text()
    assert (toast.button.isVisible(), toast.button.text()) == (True, "Reconnect now")
    assert "×" not in toast.text(), "the same trouble is one cause"
    desk.status = FeedStatus("simulated", FeedState.LIVE, since_ms=2.0)
    scene.seconds(1)
    assert "simulated is back" in toast.text()
    assert not toast.button.isVisible()


@on_stage(Scene)
async def test_feed_without_a_login_asks_for_one(scene: Scene) -> None:
    desk, toast = scene.desktop.desk, scene.window.toast
    wanted: list[str] = []
    scene.trouble.loginWanted.connect(wanted.append)
    said = "Log in to Simulated to get its prices"
    desk.status = FeedStatus("simulated", FeedState.FAILED, said, since_ms=1.0, needs_login=True)
    scene.seconds(5)
    assert toast.text() == said
    assert toast.button.text() == "Log in…"
    toast.button.click()
    assert wanted == ["simulated"]


@on_stage(Scene)
async def test_profile_that_cannot_be_written_is_one_cause_however_often(scene: Scene) -> None:
    (tell,) = scene.storage
    tell("The database cannot be written: the disk is full")
    tell("The database cannot be written: the disk is full")
    assert "Nothing is lost" in scene.window.toast.text()
    (noticed,) = [each for each in scene.trouble.log if "disk is full" in each.sentence]
    assert noticed.times == 2


@on_stage(Scene)
async def test_unexpected_failure_opens_one_dialog_that_counts(scene: Scene) -> None:
    (tell,) = scene.failures
    tell(Failure("ValueError in the window", "in the window", "Traceback …", 1))
    crashes = scene.controller._shell._crashes
    assert crashes is not None
    assert crashes.isVisible()
    assert not crashes.isModal(), "prices go on"
    crashes.close()
    tell(Failure("ValueError in the window", "in the window", "Traceback …", 2))
    assert not crashes.isVisible(), "a cause that is known does not come back"
    crashes.copy.click()
    assert "ValueError in the window (×2)" in QApplication.clipboard().text()
    assert "ValueError" in scene.said()[0]


@on_stage(Scene)
async def test_everything_said_can_be_read_again(scene: Scene) -> None:
    scene.window.toast.say("TCS removed")
    dialog = NoticesDialog(scene.trouble.log, "/profile/logs/openalgo-desktop.log", scene.window)
    assert "TCS removed" in dialog.text()
    assert "The database was damaged" in dialog.text()
    dialog.deleteLater()
    await until(lambda: True)
