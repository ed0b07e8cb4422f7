"""The first steps: they come once, try the source for real, and store what was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from openalgo_desktop import tasks
from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.session_file import SessionFile
from openalgo_desktop.views.first_steps import FirstStepsDialog
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import until


class Scene:
    def __init__(self, profile: Path, *, said: frozenset[str] = frozenset(), safe: bool = False) -> None:
        self.asked: list[str] = []
        self.wrong = ""
        self.desktop = Desktop(keys=[])
        host = Host(session=SessionFile(profile), said=said, safe=safe, check_source=self.check)
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services(host))
        self.window.show()
        self.steps = self.controller._shell.first_steps

    async def check(self, source: str) -> str:
        self.asked.append(source)
        return self.wrong

    @property
    def dialog(self) -> FirstStepsDialog:
        assert self.steps.dialog is not None
        return self.steps.dialog

    def choose(self, feeds: str) -> None:
        numbers = [button for button in self.dialog._sources.buttons() if feeds in button.text()]
        numbers[0].setChecked(True)

    async def end(self) -> None:
        self.controller.close()
        self.window.close()
        await tasks.cancel_all()
        await until(lambda: not tasks.running())
        shiboken6.delete(self.window)


async def test_three_steps_store_source_and_list(app: QApplication, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.choose("Binance, live")
    scene.dialog._next.click()
    await until(lambda: "prices arrive" in scene.dialog._answer.text())
    assert scene.asked == ["binance"]
    scene.dialog._next.click()
    scene.dialog._lists.buttons()[-1].setChecked(True)
    scene.dialog._next.click()
    assert scene.steps.dialog is None
    assert scene.desktop.settings.text("feeds") == "binance"
    assert scene.desktop.settings.flag("first_steps_done")
    assert "next start" in scene.window.toast.text()
    restarts: list[bool] = []
    scene.window.restartRequested.connect(lambda: restarts.append(True))
    scene.window.toast.button.click()
    assert restarts
    await scene.end()


async def test_brokers_are_logged_in_on_their_own_page(app: QApplication, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    opened: list[str] = []
    scene.steps._open_brokers = opened.append
    scene.steps.close()
    scene.steps.open()
    scene.choose("An OpenAlgo server")
    scene.dialog._next.click()
    assert opened == ["openalgo"]
    scene.desktop.settings.set("feeds", "openalgo")
    assert "Log in on the page of brokers" in scene.dialog._answer.text()
    assert scene.dialog._brokers.isVisible()
    scene.dialog._back.click()
    scene.choose("A broker account")
    scene.dialog._next.click()
    scene.dialog._brokers.click()
    assert opened == ["openalgo", "", ""]
    scene.dialog._next.click()
    scene.dialog._next.click()
    assert scene.desktop.settings.text("feeds") == "openalgo", "what the page stored stays"
    assert "next start" in scene.window.toast.text()
    assert not scene.asked
    await scene.end()


async def test_source_stored_on_the_page_of_brokers_is_said_even_if_the_rest_is_skipped(
    app: QApplication, tmp_path: Path
) -> None:
    scene = Scene(tmp_path)
    scene.desktop.settings.set("feeds", "zerodha")
    scene.dialog._skip.click()
    assert "Prices come from zerodha from the next start on" in scene.window.toast.text()
    await scene.end()


async def test_source_that_fails_is_said_and_can_be_tried_again(app: QApplication, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.wrong = "binance gave no prices within 15 seconds: the network cannot be reached"
    scene.choose("Binance, live")
    scene.dialog._next.click()
    await until(lambda: "the network cannot be reached" in scene.dialog._answer.text())
    scene.wrong = ""
    scene.dialog._again.click()
    await until(lambda: "prices arrive" in scene.dialog._answer.text())
    await scene.end()


async def test_skipped_steps_change_nothing_and_do_not_come_again(app: QApplication, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.dialog._skip.click()
    assert scene.steps.dialog is None
    assert scene.desktop.settings.text("feeds") == ""
    assert scene.desktop.settings.flag("first_steps_done")
    scene.window.actions_by_id["help.first_steps"].trigger()
    assert scene.dialog.isVisible(), "the menu brings them back"
    await scene.end()


@pytest.mark.parametrize("how", ["said", "safe", "done", "used"])
async def test_steps_do_not_come_by_themselves(app: QApplication, tmp_path: Path, how: str) -> None:
    if how in ("done", "used"):
        desktop = Desktop(keys=[] if how == "done" else None)
        desktop.settings.set("first_steps_done", how == "done")
        window = MainWindow()
        controller = MainController(window, desktop.services(Host(session=SessionFile(tmp_path))))
        assert controller._shell.first_steps.dialog is None
        controller.close()
        await tasks.cancel_all()
        await until(lambda: not tasks.running())
        shiboken6.delete(window)
        return
    scene = Scene(tmp_path, said=frozenset({"feeds"} if how == "said" else ()), safe=how == "safe")
    assert scene.steps.dialog is None
    await scene.end()
