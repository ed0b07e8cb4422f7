"""What is shown comes back after an end that nobody planned."""

from __future__ import annotations

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from openalgo_desktop import tasks
from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.session_file import FILE_NAME, SessionFile
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import until


class Scene:
    def __init__(self, profile: Path, *, safe: bool = False) -> None:
        host = Host(session=SessionFile(profile), log_file=profile / "the.log", safe=safe)
        self.window = MainWindow()
        self.window.resize(900, 520)
        self.window.show()
        self.controller = MainController(self.window, Desktop().services(host))
        self.session = self.controller._shell._session

    async def end(self, *, killed: bool = False) -> None:
        if killed:
            self.session._timer.stop()
            self.session._file = None
        self.controller.close()
        self.window.close()
        await tasks.cancel_all()
        await until(lambda: not tasks.running())
        shiboken6.delete(self.window)


async def left_by_a_killed_session(profile: Path) -> list[str]:
    first = Scene(profile)
    grid = first.window.watch.grid
    grid.set_current_row(3)
    grid.set_current_row(6, extend=True)
    grid.verticalScrollBar().setValue(44)
    first.session.save()
    await until(lambda: (profile / FILE_NAME).exists())
    selected = [str(key) for key in grid.selected_keys()]
    assert len(selected) == 4
    await first.end(killed=True)
    return selected


async def test_selection_and_place_come_back_after_a_kill(app: QApplication, tmp_path: Path) -> None:
    selected = await left_by_a_killed_session(tmp_path)
    second = Scene(tmp_path)
    grid = second.window.watch.grid
    assert [str(key) for key in grid.selected_keys()] == selected
    assert str(grid.current_key) == selected[-1]
    assert grid.verticalScrollBar().value() == 44
    assert "The last session ended unexpectedly" in second.window.toast.text()
    assert "the.log" in second.window.toast.text()
    await second.end()


async def test_orderly_end_is_not_complained_of(app: QApplication, tmp_path: Path) -> None:
    first = Scene(tmp_path)
    first.window.watch.grid.set_current_row(5)
    current = first.window.watch.grid.current_key
    await first.end()
    second = Scene(tmp_path)
    assert "unexpectedly" not in second.window.toast.text()
    assert second.window.watch.grid.current_key == current
    await second.end()


async def test_safe_start_shows_the_usual_view(app: QApplication, tmp_path: Path) -> None:
    await left_by_a_killed_session(tmp_path)
    second = Scene(tmp_path, safe=True)
    assert len(second.window.watch.grid.selected_keys()) == 1
    await second.end()


@pytest.mark.expected_log("could not be kept")
async def test_profile_that_cannot_be_written_is_said_and_tried_again(app: QApplication, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    obstacle = tmp_path / f"{FILE_NAME}.new"
    obstacle.mkdir()
    scene.session.save()
    await until(lambda: "nothing is lost" in scene.window.toast.text())
    obstacle.rmdir()
    await until(lambda: not scene.session._writing)
    scene.session.save()
    await until(lambda: (tmp_path / FILE_NAME).exists())
    await scene.end()


async def test_session_file_of_anything_is_survived(app: QApplication, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"list": 1, "current": "nonsense", "selected": 4, "down": "x"}')
    scene = Scene(tmp_path)
    assert scene.window.watch.grid.current_position == 0
    await scene.end()
