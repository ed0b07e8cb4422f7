"""The main window: market watch left, depth right, chart below, status strip at the foot. It emits intent only."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.views.about import AboutDialog
from openalgo_desktop.views.appearance import Appearance, stepped
from openalgo_desktop.views.book_pane import LEAST_WIDTH, BookPane
from openalgo_desktop.views.chart_pane import ChartPane
from openalgo_desktop.views.column_menu import ColumnMenu
from openalgo_desktop.views.header_menu import HeaderMenu
from openalgo_desktop.views.keys_dialog import KeysDialog
from openalgo_desktop.views.keys_overlay import KeysOverlay
from openalgo_desktop.views.list_menu import ListMenu
from openalgo_desktop.views.main_menu import make_menus
from openalgo_desktop.views.pane_menus import PaneMenus
from openalgo_desktop.views.row_menu import RowMenu
from openalgo_desktop.views.watch_pane import WatchPane
from openalgo_desktop.views.window_actions import WindowActions
from openalgo_desktop.views.window_memory import WindowMemory
from openalgo_desktop.widgets import icons, scale
from openalgo_desktop.widgets.command_palette import CommandPalette
from openalgo_desktop.widgets.density import Density
from openalgo_desktop.widgets.frame_clock import FrameClock, now_ms
from openalgo_desktop.widgets.grid_accessible import announce
from openalgo_desktop.widgets.scale import px, scale_layouts
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.status_strip import StatusStrip
from openalgo_desktop.widgets.toast import Toast

TITLE = "OpenAlgo Desktop"
_DENSITIES = {"compact": Density.COMPACT, "standard": Density.STANDARD, "comfortable": Density.COMFORTABLE}


class MainWindow(QMainWindow):
    """Arranges the panes. `settingChosen(key, value)` is a choice from the view menu."""

    settingChosen = Signal(str, str)
    keysChosen = Signal(object)  # KeyBindings
    undoRequested = Signal()
    redoRequested = Signal()
    closing = Signal()
    restartRequested = Signal()  # told before the window closes

    def __init__(self, board: QuoteBoard | None = None, *, geometry: QSettings | None = None) -> None:
        super().__init__()
        self.board = board if board is not None else QuoteBoard()
        self.badge = ""
        self.geometry_store = geometry
        self.looks = Appearance(self)
        skin = self.skin = Skin(self.looks.palette)
        self.watch = WatchPane(self.board, skin, self)
        self.book = BookPane(skin, self)
        self.chart = ChartPane(skin, self)
        self.status = StatusStrip(skin, self)
        self.clock = FrameClock(self)
        self._arrange()
        self.toast = Toast(self)
        self.palette_box = CommandPalette(skin, self)
        self.palette_box.closed.connect(self.watch.grid.setFocus)
        self.actions_by_id = WindowActions(self)
        self.list_menu = ListMenu(self.actions_by_id, self)
        self.column_menu = ColumnMenu(self)
        self.row_menu = RowMenu(self.actions_by_id, self)
        self.header_menu = HeaderMenu(self, self.column_menu)
        self.watch.grid.header.menuRequested.connect(self.header_menu.popup_for)
        self.list_menu.renameRequested.connect(self.watch.rename)
        self.watch.tabs.menuRequested.connect(self.list_menu.popup)
        self.menus = make_menus(
            self,
            self.actions_by_id,
            {"lists": self.list_menu, "rows": self.row_menu, "columns": self.column_menu},
            self.settingChosen.emit,
        )
        self.pane_menus = PaneMenus(self.actions_by_id, self.book, self.chart, self.status)
        self._wire_actions()
        self.looks.changed.connect(self._wear)
        self.looks.wear()
        self.setWindowTitle(TITLE)
        self.setWindowIcon(icons.application())
        self.resize(px(1400), px(860))
        self.memory = WindowMemory(self, {"left": self._left, "across": self._across}, geometry)
        self.memory.restore()
        self.watch.grid.setFocus()

    def _arrange(self) -> None:
        self.book.setObjectName("depthArea")
        self.depth_area = self.book
        self._left = QSplitter(Qt.Orientation.Vertical, self)
        self._left.addWidget(self.watch)
        self._left.addWidget(self.chart)
        self._left.setStretchFactor(0, 3)
        self._left.setStretchFactor(1, 2)
        self._left.setSizes([545, 290])
        self._across = QSplitter(Qt.Orientation.Horizontal, self)
        self._across.addWidget(self._left)
        self._across.addWidget(self.book)
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

    # Actions

    def _wire_actions(self) -> None:
        actions, grid = self.actions_by_id, self.watch.grid
        for info in actions.infos():
            if info.place is Place.GRID:
                actions.on(info.id, partial(grid.run, info.id))
        for action_id, run in (
            ("app.quit", self.close),
            ("edit.undo", self.undoRequested.emit),
            ("edit.redo", self.redoRequested.emit),
            ("rows.filter", self.watch.filter.open),
            ("rows.read", self._read_row),
            ("view.watch", grid.setFocus),
            ("view.depth", partial(self._show_book, "depth")),
            ("view.trades", partial(self._show_book, "trades")),
            ("view.own_depth", self.book.ownWindowRequested.emit),
            ("view.snap", self.book.snapRequested.emit),
            ("view.chart", self.chart.take_focus),
            ("view.full_screen", self._toggle_full_screen),
            ("view.larger", partial(self._resize_everything, 1)),
            ("view.smaller", partial(self._resize_everything, -1)),
            ("view.usual_size", partial(self._resize_everything, 0)),
            ("view.up_is_red", self._swap_directions),
            ("help.keys", lambda: KeysOverlay(self.actions_by_id, self.place(), self).exec()),
            ("help.shortcuts", self._change_keys),
            ("help.about", lambda: AboutDialog(self).exec()),
        ):
            actions.on(action_id, run)
        actions.keysChanged.connect(self._take_keys)
        self.book.settingChosen.connect(self.settingChosen)
        self.book.leaveRequested.connect(grid.setFocus)

    def _show_book(self, tab: str) -> None:
        self.settingChosen.emit("book_tab", tab)
        self.book.setFocus()

    def _read_row(self) -> None:
        """Speak the current row, and write it for those who have no screen reader."""
        sentence = self.watch.grid.speech.current()
        announce(self.watch.grid, sentence)
        self.toast.say(sentence, cause="read row")

    def _take_keys(self) -> None:
        self.watch.grid.keys = dict(self.actions_by_id.of_place(Place.GRID))

    def place(self) -> Place:
        """The part of the window that has the keyboard, as keys know it."""
        focused = self.focusWidget()
        for place, part in (
            (Place.HEADER, self.watch.grid.header),
            (Place.GRID, self.watch.grid),
            (Place.SEARCH, self.watch.search),
            (Place.DEPTH, self.depth_area),
            (Place.CHART, self.chart),
        ):
            if focused is not None and (focused is part or part.isAncestorOf(focused)):
                return place
        return Place.WINDOW

    def _change_keys(self) -> None:
        dialog = KeysDialog(self.actions_by_id, self)
        dialog.changed.connect(self.keysChosen)
        dialog.exec()

    def _swap_directions(self) -> None:
        self.settingChosen.emit("up_is_red", str(self.actions_by_id["view.up_is_red"].isChecked()))

    def _toggle_full_screen(self) -> None:
        full = not self.isFullScreen()
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.actions_by_id["view.full_screen"].setChecked(full)

    # How it looks

    def apply_setting(self, key: str, value: str) -> None:
        """Take a value of a setting of looks, and mark it in the menu."""
        actions = self.actions_by_id
        if f"{key}.{value}" in actions:
            actions[f"{key}.{value}"].setChecked(True)
        elif f"view.{key}" in actions:
            actions[f"view.{key}"].setChecked(value.lower() == "true")
        if key == "density" and value in _DENSITIES:
            self.watch.grid.set_density(_DENSITIES[value])
        else:
            self.looks.take(key, value)

    def _wear(self, skin: Skin) -> None:
        self.skin = skin
        for part in (self.watch, self.book, self.chart, self.status, self.palette_box):
            part.set_skin(skin)
        self.toast.dress(skin.palette)
        self.book.setMinimumWidth(LEAST_WIDTH)
        self.setMinimumSize(px(820), px(520))
        scale_layouts(self)

    def _resize_everything(self, by: int) -> None:
        percent = scale.USUAL if not by else stepped(scale.CURRENT.percent, by)
        self.settingChosen.emit("ui_scale", str(percent))

    def show_badge(self, badge: str) -> None:
        """Mark data that is not live, in the title and beside the grid; empty for live data."""
        self.badge = badge
        self.setWindowTitle(f"{TITLE} — {badge}" if badge else TITLE)
        self.watch.show_badge(badge)

    # Coming and going

    def restart(self) -> None:
        """Close the window and start anew."""
        self.restartRequested.emit()
        self.close()

    def come_to_front(self) -> None:
        """Show the window, whatever was in front of it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        # Qt paints everything that changed in the window while it handles this one event.
        began_ms = now_ms()
        done = super().event(event)
        self.clock.times.painted(now_ms() - began_ms)
        return done

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
        self.memory.save()
        self.clock.stop()
        super().closeEvent(event)
        self.closing.emit()
