"""The page on which keys are changed: find an action, press the new key, see who has it already."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation.action_catalogue import ActionInfo
from openalgo_desktop.presentation.key_bindings import PRESETS, KeyBindings, why_not
from openalgo_desktop.views.dialog import Dialog
from openalgo_desktop.views.window_actions import WindowActions

_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_ID = Qt.ItemDataRole.UserRole


class KeyRecorder(QPushButton):
    """Press it, then press the key: `recorded` carries its portable text. Esc goes back."""

    recorded = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Record a key", parent)
        self.setCheckable(True)
        self.setAccessibleName("Record a key for the chosen action")
        self.toggled.connect(lambda on: self.setText("Press the key, Esc to leave" if on else "Record a key"))

    def event(self, event: QEvent) -> bool:
        # Everything that is pressed while recording is for the recorder: shortcuts and Tab would be taken otherwise.
        if self.isChecked() and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _MODIFIERS:
            return
        self.setChecked(False)
        if event.key() == Qt.Key.Key_Escape:
            return
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        # A sign such as ? is itself; Shift is only how it is typed on this keyboard.
        if event.text() and event.text().isprintable() and not event.text().isalpha():
            modifiers &= ~Qt.KeyboardModifier.ShiftModifier
        sequence = QKeySequence(event.key() | modifiers.value)
        self.recorded.emit(sequence.toString(QKeySequence.SequenceFormat.PortableText))


class KeysDialog(Dialog):
    """`changed` carries the `KeyBindings` after every change; there is nothing to confirm."""

    changed = Signal(object)
    wanted = (700, 580)

    def __init__(self, actions: WindowActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._actions = actions
        self._infos = actions.infos()
        self._bindings = actions.bindings
        self._wanted = ""
        self._preset = QComboBox(self)
        self._preset.addItems(list(PRESETS))
        self._preset.setCurrentText(self._bindings.preset)
        self._preset.setAccessibleName("Set of keys")
        self._find = QLineEdit(self)
        self._find.setPlaceholderText("Find an action or a key")
        self._find.setAccessibleName("Find an action or a key")
        self._tree = self._make_tree()
        self._record = KeyRecorder(self)
        self._none = QPushButton("No key", self)
        self._reset = QPushButton("As in the set", self)
        self._said = QLabel("", self)
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._take_over = QPushButton("Use it here", self)
        self._take_over.hide()
        self._arrange()
        self._connect()
        self._fill()

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setHeaderLabels(["Action", "Keys", "Where"])
        tree.setRootIsDecorated(False)
        tree.setAlternatingRowColors(True)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("Actions and their keys")
        tree.setFrameShape(QFrame.Shape.NoFrame)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 190), (2, 120)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        return tree

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._find, 1)
        label = QLabel("&Set of keys", self)
        label.setBuddy(self._preset)
        top.addWidget(label)
        top.addWidget(self._preset)
        row = QHBoxLayout()
        for button in (self._record, self._none, self._reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        said = QHBoxLayout()
        said.addWidget(self._said, 1)
        said.addWidget(self._take_over)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        all_back = buttons.addButton("All as in the set", QDialogButtonBox.ButtonRole.ResetRole)
        all_back.clicked.connect(lambda: self._use(KeyBindings(self._bindings.preset), "All keys are those of the set"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self._tree, 1)
        layout.addLayout(row)
        layout.addLayout(said)
        layout.addWidget(buttons)

    def _connect(self) -> None:
        self._find.textChanged.connect(self._filter)
        self._preset.textActivated.connect(lambda name: self._use(KeyBindings(name), f"The keys are those of {name}"))
        self._tree.currentItemChanged.connect(lambda *_: self._say(""))
        self._tree.itemActivated.connect(lambda *_: self._start_recording())
        self._record.recorded.connect(self._recorded)
        self._none.clicked.connect(lambda: self._give(""))
        self._reset.clicked.connect(self._give_back)
        self._take_over.clicked.connect(lambda: self._give(self._wanted))

    def _fill(self) -> None:
        for info in self._infos:
            item = QTreeWidgetItem(self._tree, [f"{info.group}: {info.name}", "", info.place.value])
            item.setData(0, _ID, info.id)
        self._show_keys()
        self._tree.setCurrentIndex(self._tree.model().index(0, 0))

    def _show_keys(self) -> None:
        for row in range(self._tree.topLevelItemCount()):
            item = self._tree.topLevelItem(row)
            assert item is not None
            info = self._actions.info(item.data(0, _ID))
            native = QKeySequence.SequenceFormat.NativeText
            item.setText(1, ", ".join(QKeySequence(key).toString(native) for key in self._bindings.keys(info)))
            font = item.font(1)
            font.setBold(info.id in self._bindings.changed)
            item.setFont(1, font)
        self._filter(self._find.text())

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self._tree.topLevelItemCount()):
            item = self._tree.topLevelItem(row)
            assert item is not None
            texts = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in texts for word in words))

    @property
    def current(self) -> ActionInfo | None:
        """The chosen action."""
        item = self._tree.currentItem()
        return None if item is None else self._actions.info(item.data(0, _ID))

    def _start_recording(self) -> None:
        self._record.setFocus()
        self._record.setChecked(True)

    def _recorded(self, key: str) -> None:
        """Give the key, unless it is not free: then say whose it is, and offer to take it."""
        info, reason = self.current, why_not(key)
        if info is None or reason:
            self._say(reason)
            return
        owner = self._bindings.owner(key, info, self._infos)
        if owner is None:
            self._give(key)
            return
        self._wanted = key
        self._say(f"{key} belongs to “{owner.name}”, which would have no such key any more")
        self._take_over.show()
        self._take_over.setFocus()

    def _give(self, key: str) -> None:
        info = self.current
        if info is not None:
            said = f"{info.name}: {key}" if key else f"{info.name} has no key"
            self._use(self._bindings.with_key(info, key, self._infos), said)

    def _give_back(self) -> None:
        info = self.current
        if info is not None:
            self._use(self._bindings.without(info, self._infos), f"{info.name} has the keys of the set")

    def _use(self, bindings: KeyBindings, said: str) -> None:
        self._bindings = bindings
        self.changed.emit(bindings)
        self._show_keys()
        self._say(said)
        self._tree.setFocus()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._take_over.hide()
