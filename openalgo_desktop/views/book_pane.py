"""The order book of one instrument: heading, tabs, and what the chosen tab shows. It emits intent only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation.depth_book import LEVEL_CHOICES
from openalgo_desktop.presentation.ladder_layout import EXTRA_TITLES, EXTRAS
from openalgo_desktop.widgets.book_head import BookHead
from openalgo_desktop.widgets.depth_panel import DepthPanel
from openalgo_desktop.widgets.ladder_view import LadderView
from openalgo_desktop.widgets.scale import live
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.tape_view import TapeView

LEAST_WIDTH = live(300)
# (setting, title on the tab, key while the pane has the keyboard)
TABS = (("depth", "Depth", Qt.Key.Key_D), ("ladder", "Ladder", Qt.Key.Key_L), ("trades", "Trades", Qt.Key.Key_T))
# In the market watch letters find instruments, so these are no keys of the whole window.
_TAB_OF_KEY = {key: tab for tab, _title, key in TABS}


class BookPane(QWidget):
    """`settingChosen(key, value)` is a choice for every book, `leaveRequested` asks for the market watch."""

    settingChosen = Signal(str, str)
    leaveRequested = Signal()
    ownWindowRequested = Signal()
    snapRequested = Signal()

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = BookHead(skin, self)
        self.depth_panel = DepthPanel(skin, self)
        self._stack = QStackedWidget(self)
        self.ladder = LadderView(skin, self)
        self.tape = TapeView(skin, self)
        self._views: dict[str, QWidget] = {"depth": self.depth_panel, "ladder": self.ladder, "trades": self.tape}
        self._tabs = QButtonGroup(self)
        self._tab = "depth"
        self._offered: tuple[int, ...] = LEVEL_CHOICES
        self._levels, self._in_lots, self._has_lots = 20, False, False
        self._options = QToolButton(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addLayout(self._make_bar())
        layout.addWidget(self._stack, 1)
        for view in self._views.values():
            self._stack.addWidget(view)
        self._ladder_keys = self._make_ladder_keys()
        self.setFocusProxy(self.depth_panel)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAutoFillBackground(True)

    def _make_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 0, 6, 4)
        bar.setSpacing(4)
        for number, (_tab, title, key) in enumerate(TABS):
            button = QToolButton(self)
            button.setText(title)
            button.setCheckable(True)
            button.setToolTip(f"{title} ({chr(key)})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._tabs.addButton(button, number)
            bar.addWidget(button)
        self._tabs.idClicked.connect(lambda number: self.settingChosen.emit("book_tab", TABS[number][0]))
        bar.addStretch(1)
        self._options.setText("Options ▾")
        self._options.setAccessibleName("Options of the depth")
        self._options.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._options.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._options.clicked.connect(self._show_options)
        bar.addWidget(self._options)
        return bar

    def _make_ladder_keys(self) -> list[QAction]:
        """What the ladder can do, in its menu and with its own keys."""
        made = []
        for name, title, key, run in (
            ("centre", "&Centre", "Space", self.ladder.centre),
            ("pin", "&Pin here", "P", self.ladder.toggle_pin),
            ("coarser", "C&oarser rows", "+", lambda: self.ladder.step_group(1)),
            ("finer", "&Finer rows", "-", lambda: self.ladder.step_group(-1)),
        ):
            action = QAction(title, self.ladder)
            action.setObjectName(f"ladder.{name}")
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, run=run: run())
            self.ladder.addAction(action)
            made.append(action)
        made[1].setCheckable(True)
        return made

    # What is shown

    @property
    def tab(self) -> str:
        """The chosen tab, as the setting names it."""
        return self._tab

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self.head.set_skin(skin)
        self.depth_panel.set_skin(skin)
        self.ladder.set_skin(skin)
        self.tape.set_skin(skin)

    def show_tab(self, tab: str) -> None:
        """Show another tab; the keyboard follows if it was in the pane."""
        view = self._views.get(tab)
        if view is None:
            return
        had_focus = self._views[self._tab].hasFocus()
        self._tab = tab
        self._stack.setCurrentWidget(view)
        self.setFocusProxy(view)
        self._tabs.button([each for each, _, _ in TABS].index(tab)).setChecked(True)
        if had_focus:
            view.setFocus()

    def show_options(self, *, levels: int, offered: tuple[int, ...], in_lots: bool, has_lots: bool) -> None:
        """Know what the options are: levels chosen and offered, quantities in lots and whether there are any."""
        self._levels, self._offered = levels, offered
        self._in_lots, self._has_lots = in_lots, has_lots

    def options_menu(self) -> QMenu:
        """The menu behind the button, as things stand; the caller deletes it."""
        menu = QMenu(self)
        group = QActionGroup(menu)
        for levels in self._offered:
            self._choice(menu, group, f"{levels} levels", "depth_levels", str(levels), checked=levels == self._levels)
        menu.addSeparator()
        group = QActionGroup(menu)
        for unit, title, checked in (
            ("units", "Quantities in units", not self._in_lots),
            ("lots", "Quantities in lots", self._in_lots),
        ):
            action = self._choice(menu, group, title, "quantity_unit", unit, checked=checked)
            action.setEnabled(self._has_lots)
        if self._tab == "ladder":
            self._add_ladder(menu)
        return menu

    def _add_ladder(self, menu: QMenu) -> None:
        menu.addSeparator()
        chosen = self.ladder.extras
        for part in EXTRAS:
            others = [each for each in EXTRAS if (each in chosen) != (each is part)]
            text = ",".join(others)
            self._choice(menu, None, EXTRA_TITLES[part], "ladder_columns", text, checked=part in chosen)
        menu.addSeparator()
        self._ladder_keys[1].setChecked(self.ladder.position.pinned)
        menu.addActions(self._ladder_keys)

    def _choice(
        self, menu: QMenu, group: QActionGroup | None, title: str, key: str, value: str, *, checked: bool
    ) -> QAction:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(checked)
        action.setObjectName(f"book.{key}.{value}")
        action.triggered.connect(lambda: self.settingChosen.emit(key, value))
        if group is not None:
            group.addAction(action)
        return action

    def _show_options(self) -> None:
        menu = self.options_menu()
        menu.exec(self._options.mapToGlobal(self._options.rect().bottomLeft()))
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        tab = _TAB_OF_KEY.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.leaveRequested.emit()
        elif tab is not None and not event.modifiers():
            self.settingChosen.emit("book_tab", tab)
        else:
            super().keyPressEvent(event)
