"""Finding in place: exchanges with Tab, contracts with the arrows, and where what is chosen is added."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.doubles.listed_market import named
from tests.openalgo_desktop.conftest import on_stage, until

NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
SYMBOLS = [
    (Exchange.NSE, "ZEEL"),
    (Exchange.BSE, "ZEEL"),
    (Exchange.NFO, "ZEEL28DEC99FUT"),
    (Exchange.NFO, "ZEEL28DEC99100CE"),
    (Exchange.NFO, "ZEEL28DEC99110CE"),
    (Exchange.NFO, "ZEEL28DEC99110PE"),
    (Exchange.NFO, "ZEEL28DEC99120CE"),
    (Exchange.NFO, "ZEEL29DEC99100CE"),
]


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop(count=6)
        self.desktop.directory.add(named(board, symbol) for board, symbol in SYMBOLS)
        self.window = MainWindow()
        self.window.resize(1300, 900)
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.desktop.open_all()
        self.grid, self.box = self.window.watch.grid, self.window.watch.search

    @property
    def found(self) -> list[str]:
        model = self.box.model
        return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]

    @property
    def keys(self) -> list[str]:
        return [str(key) for key in self.desktop.lists.get(1).keys]

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.box.line, key, modifiers)

    async def type(self, text: str) -> None:
        QTest.keyClick(self.grid, text[0])
        QTest.keyClicks(self.box.line, text[1:])
        await until(lambda: self.box._results_for == text)


@on_stage(Scene)
async def test_letter_opens_the_line_over_the_next_blank_row(scene: Scene) -> None:
    await scene.type("zeel")
    place = scene.box.line.mapTo(scene.window.watch, QPoint(0, 0))
    blank = scene.grid.viewport().mapTo(scene.window.watch, QPoint(0, 6 * scene.grid.row_height))
    assert abs(place.y() - blank.y()) <= 1
    scene.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert scene.keys[-1] == "NSE:ZEEL"
    assert scene.box.isVisible()
    moved = scene.box.line.mapTo(scene.window.watch, QPoint(0, 0))
    assert moved.y() - place.y() == scene.grid.row_height, "the next blank row is one further"
    result = scene.box.model._results[0]
    assert result.details.endswith("already in list")


@on_stage(Scene)
async def test_tab_keeps_to_each_exchange_in_turn_and_to_none_again(scene: Scene) -> None:
    await scene.type("zeel")
    assert len(scene.found) == 8
    seen = []
    for _ in range(4):
        before = scene.found
        scene.press(Qt.Key.Key_Tab)
        await until(lambda before=before: scene.found != before)  # type: ignore[misc]
        seen.append((scene.box._exchange.text(), len(scene.found)))
    assert seen == [("NSE", 1), ("BSE", 1), ("NFO", 6), ("", 8)]
    scene.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: len(scene.found) == 6)
    QTest.keyClicks(scene.box.line, " 110")
    await until(lambda: scene.box._results_for == "zeel 110")
    assert len(scene.found) == 2, "what is typed on stays with the exchange"


@on_stage(Scene)
async def test_arrows_unfold_expiries_and_strikes_near_the_price_and_come_back(scene: Scene) -> None:
    spot = InstrumentKey(Exchange.NSE, "ZEEL")
    scene.desktop.desk.values[spot] = Tick(spot, 0.0, "test", ltp=113.0)
    await scene.type("zeel")
    before = scene.found
    scene.press(Qt.Key.Key_Right)
    await until(lambda: scene.found == ["ZEEL 28 Dec 2099 NFO", "ZEEL 29 Dec 2099 NFO"])
    scene.press(Qt.Key.Key_Right)
    assert scene.found[0] == "ZEEL 28 DEC FUT NFO"
    assert [text.split()[3] for text in scene.found[1:]] == ["100", "110", "110", "120"]
    assert scene.box.results.currentIndex().row() == 2
    scene.press(Qt.Key.Key_Left)
    assert scene.found == ["ZEEL 28 Dec 2099 NFO", "ZEEL 29 Dec 2099 NFO"]
    scene.press(Qt.Key.Key_Left)
    assert scene.found == before
    scene.press(Qt.Key.Key_Right)
    await until(lambda: len(scene.found) == 2)
    scene.press(Qt.Key.Key_Down)
    scene.press(Qt.Key.Key_Return)
    assert scene.found == ["ZEEL 29 DEC 100 CE NFO"], "an expiry without a future opens"
    scene.press(Qt.Key.Key_Return)
    assert scene.keys[-1] == "NFO:ZEEL29DEC99100CE"
    assert not scene.box.isVisible()


@on_stage(Scene)
async def test_enter_on_an_expiry_adds_its_future(scene: Scene) -> None:
    await scene.type("zeel")
    scene.press(Qt.Key.Key_Right)
    await until(lambda: len(scene.found) == 2)
    scene.press(Qt.Key.Key_Return)
    assert scene.keys[-1] == "NFO:ZEEL28DEC99FUT"


@on_stage(Scene)
async def test_find_without_contracts_is_said(scene: Scene) -> None:
    await scene.type("reliance")
    scene.press(Qt.Key.Key_Right)
    await until(lambda: "No futures or options on RELIANCE" in scene.window.toast.text())
    assert scene.box.isVisible()
