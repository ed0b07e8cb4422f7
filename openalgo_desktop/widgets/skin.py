"""A palette turned into Qt colours, made once per theme so that painters never parse or blend per cell."""

from __future__ import annotations

import gc
from functools import cache
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from openalgo_desktop.presentation import flash
from openalgo_desktop.presentation.palette import DEPTH_BAR_ALPHA, FLASH_ALPHA, Palette, blend
from openalgo_desktop.widgets import fonts, scale


class Skin:
    """The colours of one theme."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.app = QColor(palette.bg_app)
        self.panel = QColor(palette.bg_panel)
        self.row_alt = QColor(palette.bg_row_alt)
        self.hover = QColor(palette.bg_hover)
        self.selected = QColor(palette.bg_selected)
        self.hairline = QColor(palette.border_hairline)
        self.control = QColor(palette.border_control)
        self.primary = QColor(palette.text_primary)
        self.secondary = QColor(palette.text_secondary)
        self.muted = QColor(palette.text_muted)
        self.disabled = QColor(palette.text_disabled)
        self.up = QColor(palette.up)
        self.down = QColor(palette.down)
        self.accent = QColor(palette.accent)
        self.warn = QColor(palette.warn)
        self.demo = QColor(palette.demo)
        self.on_accent = QColor(palette.on_accent)
        self.flags = tuple(QColor(colour) for colour in palette.flags)
        self.buy_bar = QColor(blend(palette.up, palette.bg_panel, DEPTH_BAR_ALPHA))
        self.sell_bar = QColor(blend(palette.down, palette.bg_panel, DEPTH_BAR_ALPHA))
        self.buy_edge = QColor(blend(palette.up, palette.bg_panel, 0.5))
        self.sell_edge = QColor(blend(palette.down, palette.bg_panel, 0.5))
        self._flashes: dict[tuple[int, int, str], QColor] = {}

    def direction(self, sign: int) -> QColor:
        """The ink of a rise, a fall, or neither."""
        return self.up if sign > 0 else self.down if sign < 0 else self.primary

    def flash(self, sign: int, step: int, paper: QColor) -> QColor:
        """The background of a flashing cell on `paper`, for a step of `flash.strength`."""
        key = (sign, step, paper.name())
        found = self._flashes.get(key)
        if found is None:
            colour = self.palette.up if sign > 0 else self.palette.down
            found = QColor(blend(colour, paper.name(), FLASH_ALPHA * step / flash.STEPS))
            self._flashes[key] = found
        return found


_STYLE = Template(
    """
QMainWindow, QDialog { background: $bg_app; }
QWidget { color: $text_primary; font-family: "$family"; font-size: 12px; }
QLabel[role="muted"] { color: $text_muted; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="good"] { color: $text_primary; }
QLabel[role="title"] { font-family: "$family Semi Bold", "$family"; font-size: 13px; font-weight: 600; }
QListWidget::item { padding: 5px 8px; }
QListWidget::item:selected { background: $bg_selected; color: $text_primary; }
QMenuBar { background: $bg_app; border-bottom: 1px solid $border_hairline; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 3px; background: transparent; color: $text_secondary; }
QMenuBar::item:selected { background: $bg_hover; color: $text_primary; }
QMenu { background: $bg_panel; border: 1px solid $border_control; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 22px; border-radius: 3px; }
QMenu::item:selected { background: $bg_selected; }
QMenu::item:disabled { color: $text_disabled; }
QMenu::separator { height: 1px; background: $border_hairline; margin: 4px 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 5px; border-radius: 6px; }
QMenu::indicator:checked { background: $accent; width: 8px; height: 8px; border-radius: 4px; left: 7px; }
QSplitter::handle { background: $bg_app; }
QSplitter::handle:hover { background: $border_hairline; }
QScrollBar { background: $bg_panel; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $border_hairline; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $border_control; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea { border: none; background: $bg_panel; }
QScrollArea#depthArea { border: 2px solid transparent; }
QScrollArea#depthArea:focus { border: 2px solid $accent; }
QAbstractScrollArea::corner { background: $bg_panel; }
QLineEdit { background: $bg_panel; border: 1px solid $border_control; border-radius: 3px; padding: 5px 8px;
            selection-background-color: $bg_selected; selection-color: $text_primary; }
QLineEdit:focus { border: 2px solid $accent; padding: 4px 7px; }
QComboBox, QSpinBox { background: $bg_panel; border: 1px solid $border_control; border-radius: 3px; padding: 4px 8px; }
QComboBox:focus, QSpinBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QComboBox:disabled, QSpinBox:disabled, QLineEdit:disabled { color: $text_disabled; border-color: $border_hairline; }
QComboBox QAbstractItemView { background: $bg_panel; border: 1px solid $border_control; outline: 0;
                              selection-background-color: $bg_selected; selection-color: $text_primary; }
QTreeView { background: $bg_panel; alternate-background-color: $bg_row_alt; border: 1px solid $border_hairline;
            outline: 0; }
QTreeView:focus, QListView:focus, QPlainTextEdit:focus { border: 2px solid $accent; }
QTreeView::item { padding: 3px 4px; }
QTreeView::item:hover { background: $bg_hover; }
QTreeView::item:selected { background: $bg_selected; color: $text_primary; }
QHeaderView::section { background: $bg_app; color: $text_muted; border: none;
                       border-bottom: 1px solid $border_hairline; padding: 4px; }
QCheckBox, QRadioButton { spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 3px; }
QCheckBox::indicator, QRadioButton::indicator { width: 13px; height: 13px; border: 1px solid $border_control;
                                                background: $bg_panel; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $accent; border-color: $accent; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
QPushButton { background: $bg_panel; border: 1px solid $border_control; border-radius: 3px; padding: 5px 14px; }
QPushButton:hover { background: $bg_hover; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 13px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 3px; padding: 2px 5px;
              color: $text_secondary; }
QToolButton:hover { background: $bg_hover; color: $text_primary; }
QToolButton:checked { background: $bg_selected; color: $text_primary; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $text_disabled; }
QTabBar#listTabs { background: $bg_app; }
QTabBar#listTabs::tab { background: transparent; color: $text_secondary; padding: 4px 10px 5px 10px; max-width: 220px;
                        border: 1px solid transparent; border-top: 2px solid transparent; }
QTabBar#listTabs::tab:hover { background: $bg_hover; color: $text_primary; }
QTabBar#listTabs::tab:selected { background: $bg_panel; color: $text_primary; border-top: 2px solid $accent; }
QTabBar#listTabs::tab:selected:focus { border: 1px solid $accent; border-top: 2px solid $accent; }
QLineEdit#tabEditor, QLineEdit#tabEditor:focus { padding: 0 5px; border: 1px solid $accent; }
QLineEdit#rowEditor, QLineEdit#rowEditor:focus { padding: 0 5px; border: 1px solid $accent; }
QSlider::groove:horizontal { height: 4px; background: $border_hairline; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; margin: -4px 0; border-radius: 6px; background: $accent; }
QSlider::handle:horizontal:focus { background: $text_primary; }
QToolTip { background: $bg_hover; color: $text_primary; border: 1px solid $border_control; padding: 4px 6px; }
"""
)


def style_sheet(palette: Palette) -> str:
    """Return the application's style sheet in the present scale; set once per theme and scale, never per tick."""
    return scale.css(_filled(palette))


@cache
def _filled(palette: Palette) -> str:
    tokens = {name: getattr(palette, name) for name in palette.__dataclass_fields__}
    return _STYLE.substitute(tokens, family=fonts.FAMILY)


def dress(app: QApplication, palette: Palette) -> None:
    """Give the whole application the colours of `palette`."""
    fonts.load()
    app.setStyle("Fusion")
    app.setFont(fonts.font(fonts.GRID_PX))
    colours = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, palette.bg_app),
        (QPalette.ColorRole.WindowText, palette.text_primary),
        (QPalette.ColorRole.Base, palette.bg_panel),
        (QPalette.ColorRole.AlternateBase, palette.bg_row_alt),
        (QPalette.ColorRole.Text, palette.text_primary),
        (QPalette.ColorRole.PlaceholderText, palette.text_muted),
        (QPalette.ColorRole.Button, palette.bg_panel),
        (QPalette.ColorRole.ButtonText, palette.text_primary),
        (QPalette.ColorRole.Highlight, palette.bg_selected),
        (QPalette.ColorRole.HighlightedText, palette.text_primary),
        (QPalette.ColorRole.ToolTipBase, palette.bg_hover),
        (QPalette.ColorRole.ToolTipText, palette.text_primary),
        (QPalette.ColorRole.Link, palette.accent),
    ):
        colours.setColor(role, QColor(colour))
    app.setPalette(colours)
    QToolTip.setPalette(colours)
    # Qt walks a list of all widgets here and calls into Python on the way. A collection that took down a forgotten
    # widget meanwhile would leave it a pointer to nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        app.setStyleSheet(style_sheet(palette))
    finally:
        if collecting:
            gc.enable()
