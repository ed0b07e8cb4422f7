"""The main window: market watch left, depth right, chart below, status strip at the foot. It emits intent only."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QScrollArea, QSplitter, QVBoxLayout, QWidget

from openalgo_desktop.presentation.palette import DARK, LIGHT, Palette, for_colour_blind, with_red_up
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.views.about import AboutDialog, ShortcutsDialog
from openalgo_desktop.views.chart_pane import ChartPane
from openalgo_desktop.views.column_menu import ColumnMenu
from openalgo_desktop.views.list_menu import ListMenu
from openalgo_desktop.views.watch_pane import WatchPane
from openalgo_desktop.widgets import icons
from openalgo_desktop.widgets.density import Density
from openalgo_desktop.widgets.depth_panel import DepthPanel
from openalgo_desktop.widgets.frame_clock import FrameClock
from openalgo_desktop.widgets.skin import Skin, dress
from openalgo_desktop.widgets.status_strip import StatusStrip
from openalgo_desktop.widgets.toast import Toast

TITLE = "OpenAlgo Desktop"
_CHOICES = {
    "theme": (("dark", "&Dark"), ("light", "&Light"), ("system", "&System")),
    "density": (("compact", "&Compact"), ("standard", "&Standard"), ("comfortable", "C&omfortable")),
    "up_down_palette": (
        ("green_red", "&Green up, red down"),
        ("red_green", "&Red up, green down"),
        ("blue_orange", "&Blue up, orange down"),
    ),
}
_MENU_TITLES = {"theme": "&Theme", "density": "Row &height", "up_down_palette": "&Colours of up and down"}
_DENSITIES = {"compact": Density.COMPACT, "standard": Density.STANDARD, "comfortable": Density.COMFORTABLE}


class MainWindow(QMainWindow):
    """Arranges the panes. `settingChosen(key, value)` is a choice from the view menu."""

    settingChosen = Signal(str, str)
    undoRequested = Signal()
    redoRequested = Signal()
    closing = Signal()

    def __init__(self, board: QuoteBoard | None = None, *, geometry: QSettings | None = None) -> None:
        super().__init__()
        self.board = board if board is not None else QuoteBoard()
        self._geometry_store = geometry
        self._theme, self._up_down = "system", "green_red"
        self._badge = ""
        self.palette_tokens = DARK
        self._is_dressed = False
        skin = Skin(self.palette_tokens)
        self.watch = WatchPane(self.board, skin, self)
        self.book = DepthPanel(skin)
        self.chart = ChartPane(skin, self)
        self.status = StatusStrip(skin, self)
        self.clock = FrameClock(self)
        self._arrange()
        self.toast = Toast(self)
        self._choices: dict[tuple[str, str], QAction] = {}
        self.list_menu = ListMenu(self)
        self.column_menu = ColumnMenu(self)
        self.watch.grid.header.menuRequested.connect(self.column_menu.popup)
        self.list_menu.renameRequested.connect(self.watch.tabs.edit_current)
        self.watch.tabs.menuRequested.connect(self.list_menu.popup)
        self._make_menus()
        self._apply_palette()
        self._restore()
        self.watch.grid.setFocus()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def _arrange(self) -> None:
        scroll = QScrollArea(self)
        scroll.setWidget(self.book)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(self.book.minimumWidth() + 10)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._left = QSplitter(Qt.Orientation.Vertical, self)
        self._left.addWidget(self.watch)
        self._left.addWidget(self.chart)
        self._left.setStretchFactor(0, 3)
        self._left.setStretchFactor(1, 2)
        self._left.setSizes([545, 290])
        self._across = QSplitter(Qt.Orientation.Horizontal, self)
        self._across.addWidget(self._left)
        self._across.addWidget(scroll)
        self._across.setStretchFactor(0, 1)
        self._across.setStretchFactor(1, 0)
        self._across.setSizes([1030, 366])
        for splitter in (self._left, self._across):
            splitter.setHandleWidth(4)
            splitter.setChildrenCollapsible(False)
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._across, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(body)

    # Menus

    def _make_menus(self) -> None:
        bar = self.menuBar()
        file_menu = bar.addMenu("&File")
        self._action(file_menu, "&Add an instrument…", "Ctrl+K").triggered.connect(lambda: self.watch.search.open(""))
        file_menu.addSeparator()
        self._action(file_menu, "&Quit", QKeySequence.StandardKey.Quit, "Ctrl+Q").triggered.connect(self.close)
        edit_menu = bar.addMenu("&Edit")
        self._action(edit_menu, "&Undo", "Ctrl+Z").triggered.connect(self.undoRequested)
        self._action(edit_menu, "&Redo", "Ctrl+Y", "Ctrl+Shift+Z").triggered.connect(self.redoRequested)
        edit_menu.addSeparator()
        self._action(edit_menu, "&Filter rows", "Ctrl+F").triggered.connect(self.watch.filter.open)
        bar.addMenu(self.list_menu)
        view_menu = bar.addMenu("&View")
        for key, choices in _CHOICES.items():
            self._make_choices(view_menu.addMenu(_MENU_TITLES[key]), key, choices)
        view_menu.addMenu(self.column_menu)
        view_menu.addSeparator()
        go = self._action(view_menu, "&Market watch", "F4")
        go.triggered.connect(self.watch.grid.setFocus)
        help_menu = bar.addMenu("&Help")
        self._action(help_menu, "&Keyboard shortcuts", "?").triggered.connect(lambda: ShortcutsDialog(self).exec())
        self._action(help_menu, "&About").triggered.connect(lambda: AboutDialog(self).exec())

    def _action(self, menu: QMenu, text: str, *keys: str | QKeySequence.StandardKey) -> QAction:
        action = menu.addAction(text)
        shortcuts = [QKeySequence(key) for key in keys]
        action.setShortcuts(list({str(keys.toString()): keys for keys in shortcuts if not keys.isEmpty()}.values()))
        return action

    def _make_choices(self, menu: QMenu, key: str, choices: tuple[tuple[str, str], ...]) -> None:
        group = QActionGroup(self)
        for value, text in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData((key, value))
            group.addAction(action)
            self._choices[key, value] = action
        group.triggered.connect(lambda action: self.settingChosen.emit(*action.data()))

    # How it looks

    def apply_setting(self, key: str, value: str) -> None:
        """Take a value of `theme`, `density` or `up_down_palette` and mark it in the menu."""
        action = self._choices.get((key, value))
        if action is not None:
            action.setChecked(True)
        if key == "density" and value in _DENSITIES:
            self.watch.grid.set_density(_DENSITIES[value])
        elif key == "theme":
            self._theme = value
            self._apply_palette()
        elif key == "up_down_palette":
            self._up_down = value
            self._apply_palette()

    def _apply_palette(self) -> None:
        palette = _palette(self._theme, self._up_down)
        if palette == self.palette_tokens and self._is_dressed:
            return  # a style sheet for the whole application costs too much to set for nothing
        self.palette_tokens, self._is_dressed = palette, True
        app = QApplication.instance()
        if isinstance(app, QApplication):
            dress(app, palette)
        skin = Skin(palette)
        self.watch.set_skin(skin)
        self.book.set_skin(skin)
        self.chart.set_skin(skin)
        self.status.set_skin(skin)
        self.toast.dress(palette)

    def _system_changed(self) -> None:
        if self._theme == "system":
            self._apply_palette()

    def show_badge(self, badge: str) -> None:
        """Mark data that is not live, in the title and beside the grid; empty for live data."""
        self._badge = badge
        self.setWindowTitle(f"{TITLE} — {badge}" if badge else TITLE)
        self.watch.show_badge(badge)

    # Coming and going

    def _restore(self) -> None:
        self.setWindowTitle(TITLE)
        self.setWindowIcon(icons.application())
        self.resize(1400, 860)
        self.setMinimumSize(820, 520)
        store = self._geometry_store
        if store is None:
            return
        for name, restore in (
            ("window", self.restoreGeometry),
            ("left", self._left.restoreState),
            ("across", self._across.restoreState),
        ):
            saved = store.value(name)
            if isinstance(saved, QByteArray):
                restore(saved)
        screens = QGuiApplication.screens()
        if not any(screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens):
            self.move(QGuiApplication.primaryScreen().availableGeometry().topLeft())

    def save_geometry(self) -> None:
        """Keep sizes and positions for the next start."""
        if self._geometry_store is not None:
            self._geometry_store.setValue("window", self.saveGeometry())
            self._geometry_store.setValue("left", self._left.saveState())
            self._geometry_store.setValue("across", self._across.saveState())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_clock()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.clock.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._run_clock()

    def _run_clock(self) -> None:
        if self.isVisible() and not self.isMinimized():
            self.watch.grid.refresh()
            self.clock.start()
        else:
            self.clock.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_geometry()
        self.clock.stop()
        super().closeEvent(event)
        self.closing.emit()


def _palette(theme: str, up_down: str) -> Palette:
    if theme == "system":
        light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
        palette = LIGHT if light else DARK
    else:
        palette = LIGHT if theme == "light" else DARK
    if up_down == "blue_orange":
        return for_colour_blind(palette)
    return with_red_up(palette) if up_down == "red_green" else palette
