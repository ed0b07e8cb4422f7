"""The result list under Qt's own model test."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.models.search_results import KEY_ROLE, RESULT_ROLE, SearchResult, SearchResultsModel

KEY = InstrumentKey(Exchange.NSE, "INFY")
RESULT = SearchResult(KEY, "INFY", "NSE", "lot 1 · already in list", True)


def test_model_keeps_qts_rules(app: QApplication) -> None:
    model = SearchResultsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for count in (3, 0, 1):
        model.replace([RESULT] * count)
        assert model.rowCount() == count


def test_roles() -> None:
    model = SearchResultsModel()
    model.replace([RESULT])
    index = model.index(0, 0)
    assert index.data() == "INFY NSE"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "INFY, NSE, lot 1 · already in list"
    assert index.data(KEY_ROLE) == KEY
    assert index.data(RESULT_ROLE) is RESULT
    assert model.data(QModelIndex(), KEY_ROLE) is None
    assert model.rowCount(index) == 0
