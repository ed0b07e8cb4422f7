"""The instruments that match what was typed, as a Qt list; the texts come from the presentation package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from market.instruments import InstrumentKey

KEY_ROLE = Qt.ItemDataRole.UserRole + 1
RESULT_ROLE = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One line of the popup. One with an `expiry` stands for all contracts of that day; `key` is then its future."""

    key: InstrumentKey | None
    name: str
    venue: str
    details: str
    listed: bool = False
    expiry: date | None = None


class SearchResultsModel(QAbstractListModel):
    """Replaced as a whole for every letter: the results of two letters have little in common."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: list[SearchResult] = []

    def replace(self, results: Sequence[SearchResult]) -> None:
        """Show `results`."""
        self.beginResetModel()
        self._results = list(results)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._results)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._results):
            return None
        result = self._results[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{result.name} {result.venue}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{result.name}, {result.venue}, {result.details}"
        if role == KEY_ROLE:
            return result.key
        return result if role == RESULT_ROLE else None
