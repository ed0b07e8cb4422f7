"""The page of keys: recording, keys that others have, sets, and going back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.key_bindings import KeyBindings
from openalgo_desktop.views.keys_dialog import KeysDialog
from openalgo_desktop.views.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(app: QApplication, qtbot: QtBot) -> KeysDialog:
    window = MainWindow()
    qtbot.addWidget(window)
    dialog = KeysDialog(window.actions_by_id, window)
    dialog.changed.connect(window.actions_by_id.bind)
    dialog.show()
    return dialog


def choose(dialog: KeysDialog, name: str) -> None:
    (item,) = dialog._tree.findItems(name, Qt.MatchFlag.MatchExactly, 0)
    dialog._tree.setCurrentItem(item)


def press(dialog: KeysDialog, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    dialog._start_recording()
    QTest.keyClick(dialog._record, key, modifiers)


def test_a_free_key_is_given_at_once(dialog: KeysDialog, qtbot: QtBot) -> None:
    choose(dialog, "Rows: Filter rows")
    with qtbot.waitSignal(dialog.changed) as heard:
        press(dialog, Qt.Key.Key_J, CONTROL)
    assert heard.args == [KeyBindings(changed={"rows.filter": ("Ctrl+J",)})]
    assert not dialog._record.isChecked()


def test_a_key_that_another_has_is_said_and_taken_only_on_request(dialog: KeysDialog, qtbot: QtBot) -> None:
    choose(dialog, "Rows: Filter rows")
    with qtbot.assertNotEmitted(dialog.changed):
        press(dialog, Qt.Key.Key_Z, CONTROL)
    assert "Ctrl+Z belongs to “Undo”" in dialog._said.text()
    with qtbot.waitSignal(dialog.changed) as heard:
        dialog._take_over.click()
    assert heard.args[0].changed == {"rows.filter": ("Ctrl+Z",), "edit.undo": ()}


def test_a_key_that_moves_is_refused(dialog: KeysDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.changed):
        press(dialog, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    assert "moves and chooses" in dialog._said.text()


def test_find_looks_at_actions_and_keys(dialog: KeysDialog) -> None:
    def shown() -> list[str]:
        items = [dialog._tree.topLevelItem(row) for row in range(dialog._tree.topLevelItemCount())]
        return [item.text(0) for item in items if item is not None and not item.isHidden()]

    dialog._find.setText("ctrl+z")
    assert shown() == ["Edit: Undo"]
    dialog._find.setText("row filter")
    assert shown() == ["Rows: Filter rows"]


def test_a_set_replaces_all_keys(dialog: KeysDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.changed) as heard:
        dialog._preset.textActivated.emit("Kite")
    assert heard.args == [KeyBindings("Kite")]
