"""Theme, pair of colours, direction of red, density and size are independent of each other, and change live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.palette import DARK, LIGHT
from openalgo_desktop.views.appearance import stepped
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.scale import CURRENT


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    yield window
    window.apply_setting("ui_scale", "100")


def test_choices_are_independent(window: MainWindow) -> None:
    window.apply_setting("up_is_red", "True")
    window.apply_setting("up_down_palette", "teal_red")
    window.apply_setting("theme", "light")
    worn = window.looks.palette
    assert (worn.up, worn.down) == (LIGHT.down_tritan, LIGHT.up_tritan)
    window.apply_setting("theme", "dark")
    window.apply_setting("up_is_red", "False")
    assert (window.looks.palette.up, window.looks.palette.bg_app) == (DARK.up_tritan, DARK.bg_app)
    assert not window.actions_by_id["view.up_is_red"].isChecked()


@pytest.mark.parametrize("percent", [80, 125, 150])
def test_everything_grows_and_shrinks_without_a_restart(window: MainWindow, percent: int) -> None:
    def sizes() -> dict[str, float]:
        grid = window.watch.grid
        title = next(label for label in window.watch.findChildren(QLabel) if label.property("role") == "title")
        title.ensurePolished()
        return {
            "rows": grid.row_height,
            "titles of columns": grid.header.height(),
            "figures": grid._painter.plain.font.pixelSize(),
            "status": window.status.height(),
            "depth": window.book.minimumHeight(),
            "heading": title.fontMetrics().height(),
            "menu": window.menuBar().fontMetrics().height(),
            "column": grid._painter.column_widths(window.board.columns)[1],
        }

    before = sizes()
    window.apply_setting("ui_scale", str(percent))
    after = sizes()
    for name, size in before.items():
        assert after[name] == pytest.approx(size * percent / 100, rel=0.1, abs=1.5), name
    window.apply_setting("ui_scale", "100")
    assert sizes() == before


def test_actions_ask_for_the_next_size(window: MainWindow, qtbot: QtBot) -> None:
    CURRENT.set(150)
    for action, wanted in (("view.smaller", "140"), ("view.larger", "150"), ("view.usual_size", "100")):
        with qtbot.waitSignal(window.settingChosen) as heard:
            window.actions_by_id[action].trigger()
        assert heard.args == ["ui_scale", wanted]


def test_steps_stay_within_what_is_offered() -> None:
    assert [stepped(100, 1), stepped(150, 1), stepped(80, -1), stepped(117, 1)] == [110, 150, 80, 120]
