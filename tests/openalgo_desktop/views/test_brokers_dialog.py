"""The page of a broker: what it says is never cut nor spread, whatever comes and goes on it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from adapters.dhan.login import FORM
from openalgo_desktop.views.brokers_dialog import BrokerEntry, BrokersDialog


def _misfits(dialog: BrokersDialog, app: QApplication) -> list[str]:
    """The texts that are given less room than they need, or a line more."""
    for _ in range(5):
        app.processEvents()
    labels = [each for each in dialog.findChildren(QLabel) if each.isVisible() and each.wordWrap()]
    assert labels
    return [each.text() for each in labels if not 0 <= each.height() - each.heightForWidth(each.width()) < 10]


def test_no_text_is_cut_when_the_login_changes(app: QApplication, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = BrokersDialog(parent)
    dialog.show_brokers([BrokerEntry("dhan", "Dhan", "for 22 h")])
    dialog.show_form("Dhan", FORM, frozenset({"client_id"}), "http://127.0.0.1:8766/callback")
    dialog.show_facts("BCD, BFO, BSE", "Limits: 5 connections", is_source=False)
    dialog.show_instruments("23,115 instruments", is_busy=False)
    dialog.show()
    for is_in in (True, False, True):
        said = "Logged in as AB1234, until 27 Nov 02:49 IST (22 h 12 min), renewed by itself." if is_in else "No login."
        dialog.show_state(said, "", is_in=is_in, is_kept=True, is_waiting=False)
        dialog.show_answer("" if is_in else "Logged out here.")
        assert _misfits(dialog, app) == []
    for width in (700, 820, 760, 1_000):
        dialog.resize(width, 500)
        assert _misfits(dialog, app) == []
