"""The fields of a login, made from what the broker declares. No broker has a page of its own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from market.logins import LoginField, LoginForm

_KEPT = "kept from the last login"


class LoginFormView(QWidget):
    """`submitted` when Enter is pressed in a field."""

    submitted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._edits: dict[str, QLineEdit] = {}

    def show_form(self, form: LoginForm, kept: frozenset[str]) -> None:
        """Show the fields of `form`; those in `kept` may stay empty."""
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self._edits = {}
        way = ""
        for each in form.fields:
            if each.way and each.way != way:
                self._layout.addRow(self._heading(f"or: {each.way}" if way else each.way))
            way = each.way or way
            edit = self._edit(each, is_kept=each.name in kept)
            self._edits[each.name] = edit
            optional = "" if each.is_required or each.way else " (optional)"
            label = QLabel(f"{each.label}{optional}", self)
            label.setBuddy(edit)
            self._layout.addRow(label, self._with_hint(edit, each.help))
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
        heading.setContentsMargins(0, 8, 0, 0)
        return heading

    def _with_hint(self, edit: QLineEdit, text: str) -> QWidget:
        if not text:
            return edit
        hint = QLabel(text, self)
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        both = QWidget(self)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(edit)
        column.addWidget(hint)
        return both

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
