"""Sections with keys and mouse, rows to other lists, flags, notes: from the event to the list and back to the grid."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.section_row import SectionRow
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.doubles.listed_market import named as listed
from tests.openalgo_desktop.conftest import on_stage

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
ROW = 22


class Scene:
    """Six instruments `a` to `f`, and a second list."""

    def __init__(self) -> None:
        self.desktop = Desktop(count=6)
        self.keys = self.desktop.market.keys
        self.lists = self.desktop.lists
        self.second = self.lists.create("Second").data["data"]["id"]
        self.window = MainWindow()
        self.window.resize(1300, 900)
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.desktop.open_all()
        self.grid, self.menu = self.window.watch.grid, self.window.row_menu

    @property
    def shape(self) -> str:
        letters = dict(zip(self.keys, "abcdef", strict=True))
        rows = self.window.board.rows
        return " ".join(f"[{row.name}]" if isinstance(row, SectionRow) else letters[row.key] for row in rows)

    @property
    def order(self) -> str:
        letters = dict(zip(self.keys, "abcdef", strict=True))
        return "".join(letters[key] for key in self.lists.get(1).keys)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.grid, key, modifiers)

    def section_above(self, row: int, name: str) -> None:
        self.grid.set_current_row(row)
        self.menu.sectionRequested.emit()
        self.grid.editor.setText(name)
        QTest.keyClick(self.grid.editor, Qt.Key.Key_Return)

    def drag(self, row: int, to: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """`to` is a global position."""
        view = self.grid.viewport()
        start = QPoint(200, row * ROW + 5)
        QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, start)
        target = view.mapFromGlobal(to)
        for at in (start + QPoint(0, 20), target):
            event = QMouseEvent(
                QEvent.Type.MouseMove, QPointF(at), QPointF(view.mapToGlobal(at)), LEFT, LEFT, modifiers
            )
            QApplication.sendEvent(view, event)
        QTest.mouseRelease(view, LEFT, modifiers, target)

    def at_row(self, row: int) -> QPoint:
        return self.grid.viewport().mapToGlobal(QPoint(200, row * ROW + 2))


@on_stage(Scene)
async def test_section_is_made_named_folded_and_dissolved_by_key(scene: Scene) -> None:
    scene.section_above(2, "Banks")
    assert scene.shape == "a b [Banks] c d e f"
    assert scene.grid.current_section is not None
    scene.press(Qt.Key.Key_Left)
    assert scene.shape == "a b [Banks]"
    scene.press(Qt.Key.Key_Left)
    scene.press(Qt.Key.Key_Right)
    assert scene.shape == "a b [Banks] c d e f"
    scene.press(Qt.Key.Key_Space)
    scene.press(Qt.Key.Key_Return)
    assert scene.shape == "a b [Banks] c d e f"
    QTest.qWaitForWindowActive(scene.window)
    scene.press(Qt.Key.Key_F2)
    scene.grid.editor.setText("Lenders")
    QTest.keyClick(scene.grid.editor, Qt.Key.Key_Return)
    assert scene.shape == "a b [Lenders] c d e f"
    assert scene.grid.hasFocus()
    scene.press(Qt.Key.Key_Delete)
    assert scene.shape == "a b c d e f"
    for expected in ("a b [Lenders] c d e f", "a b [Banks] c d e f", "a b [Section 1] c d e f", "a b c d e f"):
        scene.window.undoRequested.emit()
        assert scene.shape == expected


@on_stage(Scene)
async def test_escape_leaves_the_name_as_it_was(scene: Scene) -> None:
    scene.section_above(0, "Banks")
    scene.grid.edit_section()
    scene.grid.editor.setText("other")
    QTest.keyClick(scene.grid.editor, Qt.Key.Key_Escape)
    assert scene.shape.startswith("[Banks]")


@on_stage(Scene)
async def test_left_goes_to_the_title_and_a_fold_takes_the_current_row_to_it(scene: Scene) -> None:
    scene.section_above(2, "Banks")
    scene.grid.set_current_row(4)
    seen = scene.grid.current_key
    changes: list[object] = []
    scene.grid.currentChanged.connect(changes.append)
    scene.press(Qt.Key.Key_Left)
    assert scene.grid.current_position == 2
    assert changes == [], "depth and chart stay with what they show"
    scene.grid.set_current_row(4)
    scene.menu.foldAllRequested.emit()
    assert scene.grid.current_position == 2
    assert scene.grid.current_key is None
    scene.menu.foldAllRequested.emit()
    assert scene.shape == "a b [Banks] c d e f"
    assert seen == scene.keys[3]


@on_stage(Scene)
async def test_mouse_folds_at_the_mark_and_by_double_click(scene: Scene) -> None:
    scene.section_above(2, "Banks")
    view = scene.grid.viewport()
    QTest.mouseClick(view, LEFT, pos=QPoint(8, 2 * ROW + 5))
    assert scene.shape == "a b [Banks]"
    QTest.mouseClick(view, LEFT, pos=QPoint(100, 2 * ROW + 5))
    assert scene.shape == "a b [Banks]"
    QTest.mouseDClick(view, LEFT, pos=QPoint(100, 2 * ROW + 5))
    assert scene.shape == "a b [Banks] c d e f"


@on_stage(Scene)
async def test_sections_and_rows_move_by_key_across_titles(scene: Scene) -> None:
    scene.section_above(4, "Two")
    scene.section_above(2, "One")
    assert scene.shape == "a b [One] c d [Two] e f"
    scene.press(Qt.Key.Key_Down, ALT)
    assert scene.shape == "a b [Two] e f [One] c d"
    scene.press(Qt.Key.Key_Up, ALT)
    assert scene.shape == "a b [One] c d [Two] e f"
    scene.press(Qt.Key.Key_Up, ALT)
    assert scene.shape == "a b [One] c d [Two] e f"
    scene.grid.set_current_key(scene.keys[1])
    scene.press(Qt.Key.Key_Down, ALT)
    assert scene.shape == "a [One] b c d [Two] e f"
    scene.press(Qt.Key.Key_Up, ALT)
    assert scene.shape == "a b [One] c d [Two] e f"


@on_stage(Scene)
async def test_rows_and_sections_are_dragged_across_sections(scene: Scene) -> None:
    scene.section_above(4, "Two")
    scene.section_above(2, "One")
    scene.drag(0, scene.at_row(6))
    assert scene.shape == "b [One] c d [Two] a e f"
    scene.drag(4, scene.at_row(2))
    assert scene.shape == "b [Two] a e f [One] c d"


@on_stage(Scene)
async def test_rows_dragged_on_a_tab_move_there_and_with_control_are_copied(scene: Scene) -> None:
    tabs = scene.window.watch.tabs
    other = tabs.mapToGlobal(tabs.tabRect(1).center())
    scene.drag(0, other)
    assert scene.order == "bcdef"
    assert scene.lists.get(scene.second).keys == (scene.keys[0],)
    scene.drag(1, other, CONTROL)
    assert scene.order == "bcdef"
    assert scene.lists.get(scene.second).keys == (scene.keys[0], scene.keys[2])
    assert "copied to Second" in scene.window.toast.text()
    scene.drag(1, tabs.mapToGlobal(tabs.tabRect(0).center()))
    assert scene.order == "bcdef"
    assert tabs._drop_at == -1


@on_stage(Scene)
async def test_menu_is_about_what_is_selected(scene: Scene) -> None:
    scene.menu.aboutToShow.emit()
    assert [action.text() for action in scene.menu._move.actions()] == ["Second"]
    assert scene.menu._copy.text() == f"&Copy {scene.keys[0]}"
    assert not scene.menu._of_section[0].isEnabled()
    scene.menu._also.actions()[0].trigger()
    assert scene.lists.get(scene.second).keys == (scene.keys[0],)
    scene.section_above(2, "One")
    scene.menu.aboutToShow.emit()
    assert scene.menu._of_section[0].isEnabled()
    assert not scene.menu._note.isEnabled()


@on_stage(Scene)
async def test_instrument_added_on_a_folded_title_opens_it_and_stands_first_in_it(scene: Scene) -> None:
    scene.section_above(2, "One")
    scene.lists.remove(1, [scene.keys[0]])
    scene.grid.set_current_row(1)
    scene.press(Qt.Key.Key_Left)
    scene.window.watch.search.chosen.emit(scene.keys[0])
    assert scene.shape == "b [One] a c d e f"
    assert scene.grid.current_key == scene.keys[0]


@on_stage(Scene)
async def test_flag_is_given_and_taken_with_the_same_key(scene: Scene) -> None:
    scene.grid.set_current_row(1)
    scene.grid.set_current_row(2, extend=True)
    scene.menu.flagRequested.emit(3)
    assert [item.flag for item in scene.lists.get(1).items] == ["", "3", "3", "", "", ""]
    scene.menu.flagRequested.emit(3)
    assert [item.flag for item in scene.lists.get(1).items] == [""] * 6


@on_stage(Scene)
async def test_picture_of_a_list_with_sections_differs_where_it_is_folded(scene: Scene) -> None:
    scene.section_above(2, "One")
    opened = scene.grid.grab().toImage()
    scene.menu.foldAllRequested.emit()
    assert scene.grid.grab().toImage() != opened


@on_stage(Scene)
async def test_note_is_typed_over_the_row_or_in_its_column(scene: Scene) -> None:
    scene.grid.set_current_row(1)
    scene.menu.noteRequested.emit()
    scene.grid.editor.setText(" stop 182 ")
    QTest.keyClick(scene.grid.editor, Qt.Key.Key_Return)
    assert scene.lists.get(1).items[1].note == "stop 182"
    scene.window.column_menu.presetChosen.emit("Compact")
    scene.window.column_menu._actions["note"].trigger()
    columns = [column.id for column in scene.window.board.columns]
    cell = scene.grid.places.cells_rect(2, [columns.index("note")])
    QTest.mouseDClick(scene.grid.viewport(), LEFT, pos=cell.center())
    assert scene.grid.editor.geometry().left() == cell.left()
    scene.grid.editor.setText("two")
    scene.grid.verticalScrollBar().setRange(0, 50)
    scene.grid.verticalScrollBar().setValue(10)
    assert scene.lists.get(1).items[2].note == "two", "scrolling keeps what was typed"
    assert not scene.grid.editor.isVisible()
    assert scene.window.board.quotes[1].texts[columns.index("note")] == "stop 182"


@on_stage(Scene)
async def test_contracts_roll_in_place_and_what_cannot_is_said(scene: Scene) -> None:
    old, new = (InstrumentKey(Exchange.NFO, f"ACC{day}FUT") for day in ("29OCT24", "31DEC99"))
    scene.desktop.directory.add([listed(Exchange.NFO, new.symbol)])
    scene.lists.add(1, [old], position=1)
    scene.lists.annotate(1, old, note="hedge", flag="5")
    scene.grid.set_current_key(old)
    assert scene.window.board.quotes[1].expired.startswith("expired 29 Oct")
    scene.grid.set_current_row(2, extend=True)
    scene.menu.rollRequested.emit()
    assert scene.lists.get(1).items[1] == (new, "hedge", "5")
    assert "has no expiry" in scene.window.toast.text()
    scene.window.undoRequested.emit()
    assert scene.lists.get(1).items[1] == (old, "hedge", "5")
    scene.grid.set_current_key(old)
    scene.menu.rollRequested.emit()
    assert scene.grid.current_key == new
