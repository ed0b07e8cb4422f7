"""The first steps: pick a source of prices, try it, pick a list to begin with. Each can be skipped and made later."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation.first_steps import NO_LIST, PAGES, SOURCES, source_of
from openalgo_desktop.views.dialog import Dialog

_TITLES = ("1 of 3 · Where prices come from", "2 of 3 · Does it work?", "3 of 3 · A list to begin with")


class FirstStepsDialog(Dialog):
    """`tried(feeds)` asks to try a source, to be answered by `show_answer`; `chosen(feeds, list)` is the end."""

    tried = Signal(str)
    brokersRequested = Signal(str)  # the entry of the page of brokers
    chosen = Signal(str, str)
    wanted = (560, 430)

    def __init__(self, feeds: str, starters: Sequence[tuple[str, str]], note: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("First steps")
        # Prices move behind it, and the page of brokers may be used beside it.
        self.setModal(False)
        self._sources, self._lists = QButtonGroup(self), QButtonGroup(self)
        self._starters = [*starters, (NO_LIST, "Add instruments one by one: just type a name in the market watch.")]
        self._title = QLabel("", self)
        self._title.setProperty("role", "title")
        self._answer = QLabel("", self)
        self._answer.setWordWrap(True)
        self._answer.setTextFormat(Qt.TextFormat.PlainText)
        self._answer.setAccessibleName("What came of trying the source")
        self._again = QPushButton("&Try again", self)
        self._again.clicked.connect(self._try)
        self._brokers = QPushButton("&Open the page of brokers", self)
        self._brokers.clicked.connect(lambda: self.brokersRequested.emit(PAGES[self.feeds]))
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._make_sources(feeds, note))
        self._pages.addWidget(self._make_trial())
        self._pages.addWidget(self._make_lists())
        self._back, self._next = QPushButton("&Back", self), QPushButton("&Next", self)
        self._skip = QPushButton("&Skip", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._pages, 1)
        layout.addLayout(self._make_buttons())
        self._show(0)

    @property
    def feeds(self) -> str:
        """The chosen source, as the setting holds it."""
        return SOURCES[self._sources.checkedId()].feeds

    @property
    def starter(self) -> str:
        """The name of the chosen starter list, or nothing."""
        return self._starters[self._lists.checkedId()][0]

    def show_answer(self, feeds: str, wrong: str) -> None:
        """Say what came of trying `feeds`: what is `wrong`, or that prices arrive."""
        if feeds != self.feeds or self._pages.currentIndex() != 1:
            return
        title = source_of(feeds).title
        after = "Try again, go back to choose another source, or go on: it is tried as long as the window runs."
        self._answer.setText(f"✗ {wrong}\n\n{after}" if wrong else f"✓ {title}: prices arrive.")
        self._again.setVisible(bool(wrong))

    def _make_sources(self, feeds: str, note: str) -> QWidget:
        page, column = _page(self)
        for number, source in enumerate(SOURCES):
            self._sources.addButton(_choice(column, source.title, source.about, page), number)
        self._sources.button(SOURCES.index(source_of(feeds))).setChecked(True)
        if note:
            said = QLabel(note, page)
            said.setWordWrap(True)
            column.addWidget(said)
        column.addStretch(1)
        return page

    def _make_trial(self) -> QWidget:
        page, column = _page(self)
        column.addWidget(self._answer)
        column.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._brokers, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def _make_lists(self) -> QWidget:
        page, column = _page(self)
        for number, (name, about) in enumerate(self._starters):
            self._lists.addButton(_choice(column, name or "None", about, page), number)
        self._lists.button(0).setChecked(True)
        column.addStretch(1)
        return page

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._skip)
        row.addStretch(1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        self._skip.setToolTip("Choose nothing here; Help → First steps brings this back")
        self._skip.clicked.connect(self.reject)
        self._back.clicked.connect(lambda: self._show(self._pages.currentIndex() - 1))
        self._next.clicked.connect(self._go_on)
        self._next.setDefault(True)
        return row

    def _go_on(self) -> None:
        if self._pages.currentIndex() == 2:
            self.chosen.emit(self.feeds, self.starter)
            self.accept()
        else:
            self._show(self._pages.currentIndex() + 1)

    def _show(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        self._title.setText(_TITLES[step])
        self._back.setEnabled(step > 0)
        self._next.setText("&Done" if step == 2 else "&Next")
        if step == 1:
            self._try()
        focused = (self._sources.checkedButton(), self._next, self._lists.checkedButton())[step]
        if focused is not None:
            focused.setFocus()

    def _try(self) -> None:
        self._again.hide()
        self._brokers.setVisible(self.feeds in PAGES)
        if self.feeds in PAGES:
            self._answer.setText(
                "Log in on the page of brokers. It tries the login and says what is wrong. Tick “Use as a source of "
                "prices” there if it is not ticked; the next start uses it."
            )
            self.brokersRequested.emit(PAGES[self.feeds])
            return
        self._answer.setText("Asking for a price …")
        self.tried.emit(self.feeds)


def _page(parent: QWidget) -> tuple[QWidget, QVBoxLayout]:
    page = QWidget(parent)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    return page, column


def _choice(column: QVBoxLayout, title: str, about: str, parent: QWidget) -> QRadioButton:
    button = QRadioButton(title.replace("&", "&&"), parent)
    button.setAccessibleDescription(about)
    said = QLabel(about, parent)
    said.setProperty("role", "muted")
    said.setWordWrap(True)
    said.setIndent(26)
    column.addWidget(button)
    column.addWidget(said)
    return button
