"""The settings page: made from the table, changed at once, honest about what decides."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox

from openalgo_desktop.controllers.host import Host
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.settings_plan import KEPT, NEXT_START
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.settings_dialog import SettingsDialog
from services.settings import TABLE, Settings
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop()
        self.desktop.settings = Settings(environment={"FLASK_PORT": "5005"})
        host = Host(said=frozenset({"ws_port"}), wrong_sources=lambda text: "" if text == "binance" else "Unknown feed")
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services(host))
        self.window.show()

    @property
    def page(self) -> SettingsDialog:
        settings = self.controller._shell.settings
        if settings.page is None:
            self.window.actions_by_id["settings.open"].trigger()
        assert settings.page is not None
        return settings.page


@on_stage(Scene)
async def test_every_setting_is_on_the_page_or_kept_by_the_window(scene: Scene) -> None:
    assert set(scene.page.controls) | KEPT >= {row.key for row in TABLE}
    assert not set(scene.page.controls) & KEPT
    assert {row.key for row in TABLE} >= NEXT_START


@on_stage(Scene)
async def test_changes_count_at_once(scene: Scene) -> None:
    settings, controls = scene.desktop.settings, scene.page.controls
    theme, flash, scale = controls["theme"].control, controls["flash"].control, controls["ui_scale"].control
    assert isinstance(theme, QComboBox)
    assert isinstance(flash, QCheckBox)
    assert isinstance(scale, QSpinBox)
    theme.setCurrentIndex(theme.findData("light"))
    theme.activated.emit(theme.currentIndex())
    assert scene.window.looks.palette.name == "light"
    flash.setChecked(False)
    assert not settings.flag("flash")
    scale.setValue(120)
    assert settings.number("ui_scale") == 120
    assert controls["flash"]._reset.isEnabled()
    controls["flash"]._reset.click()
    assert flash.isChecked(), "the default is shown again"
    assert not controls["flash"]._reset.isEnabled()
    scale.setValue(100)


@on_stage(Scene)
async def test_what_decides_is_said(scene: Scene) -> None:
    notes = {key: control.row.notes for key, control in scene.page.controls.items()}
    assert "The command line decides now" in notes["ws_port"]
    assert "FLASK_PORT in the environment decides now" in notes["http_port"]
    assert "next start" in notes["feeds"]
    assert "decides" not in notes["theme"]


@on_stage(Scene)
async def test_change_from_elsewhere_is_shown(scene: Scene) -> None:
    control = scene.page.controls["density"].control
    assert isinstance(control, QComboBox)
    scene.desktop.settings.set("density", "compact")
    assert control.currentData() == "compact"


@on_stage(Scene)
async def test_sources_that_do_not_exist_are_not_stored(scene: Scene) -> None:
    line = scene.page.controls["feeds"].control
    assert isinstance(line, QLineEdit)
    line.setText("nosuch")
    line.editingFinished.emit()
    assert scene.page._said.text() == "Unknown feed"
    assert scene.desktop.settings.text("feeds") == ""
    line.setText("binance")
    line.editingFinished.emit()
    assert scene.desktop.settings.text("feeds") == "binance"


@on_stage(Scene)
async def test_find_leaves_what_matches(scene: Scene) -> None:
    scene.page.finder.setText("port bus")
    left = {key for key, control in scene.page.controls.items() if not control.isHidden()}
    assert left == {"zmq_port", "zmq_pub_port"}
