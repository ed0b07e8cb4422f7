"""The fields of a login, made from what the broker declares. No broker has a page of its own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from market.logins import LoginField, LoginForm

_KEPT = "kept from the last login"


class LoginFormView(QWidget):
    """`submitted` when Enter is pressed in a field."""

    submitted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # A grid, for a QFormLayout forgets how high hints of several lines are when anything around it changes.
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setVerticalSpacing(2)
        self._layout.setColumnStretch(1, 1)
        self._edits: dict[str, QLineEdit] = {}

    def show_form(self, form: LoginForm, kept: frozenset[str]) -> None:
        """Show the fields of `form`; those in `kept` may stay empty."""
        while (item := self._layout.takeAt(0)) is not None:
            part = item.widget()
            assert part is not None, "there are widgets in it, and nothing else"
            part.hide()
            part.deleteLater()
        self._edits = {}
        way, row = "", 0
        for each in form.fields:
            if each.way and each.way != way:
                self._layout.addWidget(self._heading(f"or: {each.way}" if way else each.way), row, 0, 1, 2)
                row += 1
            way = each.way or way
            edit = self._edit(each, is_kept=each.name in kept)
            self._edits[each.name] = edit
            optional = "" if each.is_required or each.way else " (optional)"
            label = QLabel(f"{each.label}{optional}", self)
            label.setBuddy(edit)
            self._layout.addWidget(label, row, 0)
            self._layout.addWidget(edit, row, 1)
            if each.help:
                self._layout.addWidget(self._hint(each.help), row + 1, 1)
            row += 2
        for first in list(self._edits.values())[:1]:
            self.setFocusProxy(first)

    def values(self) -> Mapping[str, str]:
        """What was typed, by field."""
        return {name: edit.text() for name, edit in self._edits.items() if edit.text().strip()}

    def clear(self) -> None:
        """Forget what was typed."""
        for edit in self._edits.values():
            edit.clear()

    def edit(self, name: str) -> QLineEdit:
        """The field of that name."""
        return self._edits[name]

    def _heading(self, text: str) -> QLabel:
        heading = QLabel(text, self)
        heading.setProperty("role", "title")
        heading.setContentsMargins(0, 8, 0, 4)
        return heading

    def _hint(self, text: str) -> QLabel:
        hint = QLabel(text, self)
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        hint.setContentsMargins(0, 0, 0, 6)
        return hint

    def _edit(self, field: LoginField, *, is_kept: bool) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setAccessibleName(field.label)
        edit.setAccessibleDescription(field.help)
        if field.is_secret or field.is_totp_secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        if is_kept:
            edit.setPlaceholderText(_KEPT)
        edit.returnPressed.connect(self.submitted)
        return edit
