"""Brokers: log in, see how long it lasts, fetch their instruments, choose which are used. Emits intent only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from market.logins import LoginForm, LoginKind
from openalgo_desktop.views.dialog import Dialog
from openalgo_desktop.views.login_form import LoginFormView

_NAME = Qt.ItemDataRole.UserRole
_VERBS = {LoginKind.BROWSER: "Log in with the &browser", LoginKind.DIRECT: "&Log in", LoginKind.PASTED: "&Log in"}


class BrokerEntry(NamedTuple):
    """A broker in the list: its name, its title, and how it stands in a word."""

    name: str
    title: str
    word: str


class BrokersDialog(Dialog):
    """`chosen(name)` when another broker is shown. The others are about the one that is shown."""

    chosen = Signal(str)
    loginRequested = Signal()
    cancelRequested = Signal()
    logoutRequested = Signal()
    forgetRequested = Signal()
    updateRequested = Signal()
    sourceToggled = Signal(bool)
    wanted = (840, 660)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Brokers")
        self.setModal(False)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Brokers")
        self.list.currentItemChanged.connect(self._choose)
        self._title = self._label("title")
        self._state = self._label("")
        self._exchanges = self._label("muted")
        self.form = LoginFormView(self)
        self.form.submitted.connect(self.loginRequested)
        self._note = self._label("muted")
        self._redirect = QLineEdit(self)
        self._redirect.setReadOnly(True)
        self._redirect.setAccessibleName("Redirect URL to register with the broker")
        self._redirect_label = QLabel("Redirect URL to register with the broker", self)
        self._redirect_label.setBuddy(self._redirect)
        self.login = self._button("", self.loginRequested)
        self.cancel = self._button("&Stop waiting", self.cancelRequested)
        self.logout = self._button("Log &out", self.logoutRequested)
        self.forget = self._button("&Forget what is kept", self.forgetRequested)
        self._answer = self._label("")
        self._instruments = self._label("")
        self.fetch = self._button("Fetch the &instruments now", self.updateRequested)
        self.source = QCheckBox("&Use as a source of prices, from the next start", self)
        self.source.toggled.connect(self.sourceToggled)
        self._limits = self._label("muted")
        self._arrange()

    def _arrange(self) -> None:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setSpacing(10)
        above: tuple[QWidget, ...] = (self._title, self._state, self._exchanges, self.form, self._note)
        for part in (*above, self._redirect_label, self._redirect):
            column.addWidget(part)
        column.addLayout(_row(self.login, self.cancel, self.logout, self.forget))
        column.addWidget(self._answer)
        column.addWidget(self._instruments)
        column.addLayout(_row(self.fetch))
        column.addWidget(self.source)
        column.addWidget(self._limits)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        across = QHBoxLayout(self)
        across.addWidget(self.list, 1)
        across.addWidget(scroll, 3)

    def show_brokers(self, entries: Sequence[BrokerEntry]) -> None:
        """Fill the list, keeping the one that is shown."""
        names = [self.list.item(row).data(_NAME) for row in range(self.list.count())]
        if names != [entry.name for entry in entries]:
            self.list.clear()
            for entry in entries:
                item = QListWidgetItem(self.list)
                item.setData(_NAME, entry.name)
        for row, entry in enumerate(entries):
            text = f"{entry.title}\n{entry.word}" if entry.word else entry.title
            if self.list.item(row).text() != text:
                self.list.item(row).setText(text)
        if self.list.currentRow() < 0 and entries:
            self.list.setCurrentRow(0)

    def go_to(self, name: str) -> None:
        """Choose the broker `name`, and begin with its fields."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_NAME) == name:
                self.list.setCurrentRow(row)
                QTimer.singleShot(0, self.form, self.form.setFocus)  # its fields are shown on the next turn

    def show_form(self, title: str, form: LoginForm, kept: frozenset[str], redirect: str) -> None:
        """Show the page of a broker."""
        self._title.setText(title)
        self.form.show_form(form, kept)
        self._note.setText(form.note)
        self._note.setVisible(bool(form.note))
        self._redirect.setText(redirect)
        for part in (self._redirect, self._redirect_label):
            part.setVisible(form.may_need_browser)
        self.login.setText(_VERBS[form.kind])
        self.show_answer("")

    def show_state(self, sentence: str, tone: str, *, is_in: bool, is_kept: bool, is_waiting: bool) -> None:
        """How it stands with the login, and what can be done about it."""
        self._state.setText(sentence)
        if self._state.property("role") != tone:
            self._state.setProperty("role", tone)
            self._state.style().polish(self._state)
        self.login.setEnabled(not is_waiting)
        self.cancel.setVisible(is_waiting)
        self.logout.setVisible(is_in and not is_waiting)
        self.forget.setVisible(is_kept and not is_waiting)

    def show_answer(self, sentence: str) -> None:
        """What came of the last attempt; empty for nothing."""
        self._answer.setText(sentence)
        self._answer.setVisible(bool(sentence))

    def show_instruments(self, sentence: str, *, is_busy: bool) -> None:
        """What is known of the instrument list, or how far its download is."""
        self._instruments.setText(sentence)
        self.fetch.setEnabled(not is_busy)

    def show_facts(self, exchanges: str, limits: str, *, is_source: bool) -> None:
        """What the broker can do, and whether it is used."""
        self._exchanges.setText(exchanges)
        self._limits.setText(limits)
        with QSignalBlocker(self.source):
            self.source.setChecked(is_source)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_NAME))

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if role:
            label.setProperty("role", role)
        return label

    def _button(self, text: str, requested: SignalInstance) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: requested.emit())
        return button


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
