"""Copy as code and inspect, from the menu to the clipboard and the dialog."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QGuiApplication

from market.modes import Mode
from openalgo_desktop.controllers.code_controller import CodeController
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.inspect_dialog import NOTHING
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop(count=6)
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.menu, self.grid = self.window.row_menu, self.window.watch.grid
        self.code: CodeController = self.controller._watch._code


@on_stage(Scene)
async def test_code_for_the_selected_rows_is_on_the_clipboard(scene: Scene) -> None:
    scene.desktop.open_all()
    scene.grid.set_current_row(1)
    scene.grid.set_current_row(2, extend=True)
    for language, sign in (("python", "subscribe_quote"), ("javascript", "new WebSocket"), ("curl", "/api/v1/quotes")):
        scene.menu.codeRequested.emit(language)
        text = QGuiApplication.clipboard().text()
        assert sign in text
        assert all(row.key.symbol in text for row in scene.window.board.quotes[1:3])
    assert "2 instruments" in scene.window.toast.text()


@on_stage(Scene)
async def test_curl_without_the_http_api_is_said(scene: Scene) -> None:
    scene.code._services = replace(scene.desktop.services(), http_url="")
    QGuiApplication.clipboard().setText("before")
    scene.menu.codeRequested.emit("curl")
    assert QGuiApplication.clipboard().text() == "before"
    assert "HTTP API is not served" in scene.window.toast.text()


@on_stage(Scene)
async def test_inspected_message_follows_the_mode_and_the_price(scene: Scene) -> None:
    scene.menu.inspectRequested.emit()
    dialog = scene.code.dialog
    assert dialog is not None
    assert dialog.text.toPlainText() == NOTHING
    scene.desktop.open_all()
    scene.window.clock.second.emit(0.0)
    shown = [dialog.table.topLevelItem(at) for at in range(dialog.table.topLevelItemCount())]
    fields = {item.text(0): (item.text(1), item.text(2)) for item in shown if item is not None}
    tick = scene.window.board.quotes[0].tick
    assert tick is not None
    assert fields["data.ltp"][0] == str(tick.ltp)
    assert fields["data.ltp"][1].replace(",", "") == f"{tick.ltp:.2f}"
    assert fields["mode"][0] == "2"
    dialog.modeChosen.emit(Mode.DEPTH)
    assert '"mode":3' in dialog.text.toPlainText()
    dialog.reject()
    assert scene.code.dialog is None
