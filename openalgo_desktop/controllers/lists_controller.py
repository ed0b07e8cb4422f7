"""Which watchlist is shown, and what is done with the lists as a whole: new, rename, delete, reorder, undo."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QObject

from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.list_tabs import ListTab
from services.result import Result
from services.watchlists import Watchlist

SETTING = "shown_list"


class ListsController(QObject):
    """Keeps the tabs and the lists the same. `on_change` is called when the shown list is another, or has changed."""

    def __init__(self, window: MainWindow, services: DesktopServices, on_change: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._on_change = on_change
        self._closed = False
        self._shown = self._by_id(services.settings.number(SETTING)) or services.watchlists.lists()[0]
        self._position = 0
        tabs, menu = window.watch.tabs, window.list_menu
        tabs.listChosen.connect(self.show)
        tabs.renamed.connect(lambda list_id, name: self._tell(services.watchlists.rename(list_id, name)))
        tabs.reordered.connect(self._reorder)
        window.watch.new_list.clicked.connect(self.create)
        menu.createRequested.connect(self.create)
        menu.starterRequested.connect(self.create_starter)
        menu.offer_starters((each.name, each.about) for each in services.watchlists.starter_lists())
        menu.deleteRequested.connect(self.delete)
        menu.moveRequested.connect(self._move)
        menu.stepRequested.connect(self._step)
        menu.numberRequested.connect(self._number)
        window.undoRequested.connect(lambda: self._back(services.watchlists.undo))
        window.redoRequested.connect(lambda: self._back(services.watchlists.redo))
        services.watchlists.on_change(self._sync)
        self._show_tabs()

    @property
    def shown(self) -> Watchlist:
        """The list on the grid."""
        return self._shown

    def close(self) -> None:
        """Do nothing more when lists change."""
        self._closed = True

    def show(self, list_id: int) -> None:
        """Put another list on the grid, and remember it for the next start."""
        chosen = self._by_id(list_id)
        if chosen is None or chosen is self._shown:
            return
        self._shown = chosen
        self._services.settings.set(SETTING, list_id)
        self._show_tabs()
        self._on_change()

    def create(self) -> None:
        """Make an empty list with a free name, show it, and let its name be typed."""
        taken = {each.name.casefold() for each in self._services.watchlists.lists()}
        name = next(name for number in count(1) if (name := f"Watchlist {number}").casefold() not in taken)
        result = self._services.watchlists.create(name)
        self._tell(result)
        if result.success:
            self.show(result.data["data"]["id"])
            self._window.watch.tabs.edit_current()

    def create_starter(self, name: str) -> None:
        """Make a starter list and show it."""
        result = self._services.watchlists.add_starter(name)
        self._tell(result, suffix=" · Ctrl+Z to undo")
        if result.success:
            self.show(result.data["data"]["id"])

    def delete(self) -> None:
        """Delete the shown list; Ctrl+Z brings it back."""
        self._tell(self._services.watchlists.delete(self._shown.id), suffix=" · Ctrl+Z to undo")

    def _tell(self, result: Result, *, suffix: str = "") -> None:
        if not result.success or suffix:
            self._window.toast.say(f"{result.data['message']}{suffix if result.success else ''}")

    def _reorder(self, order: list[int]) -> None:
        self._tell(self._services.watchlists.reorder(order))
        self._show_tabs()

    def _move(self, by: int) -> None:
        order = [each.id for each in self._services.watchlists.lists()]
        at = order.index(self._shown.id)
        if 0 <= at + by < len(order):
            order.insert(at + by, order.pop(at))
            self._reorder(order)

    def _step(self, by: int) -> None:
        lists = self._services.watchlists.lists()
        self.show(lists[(self._position + by) % len(lists)].id)

    def _number(self, position: int) -> None:
        lists = self._services.watchlists.lists()
        if position < len(lists):
            self.show(lists[position].id)

    def _back(self, step: Callable[[], Result]) -> None:
        """Undo or redo, and show the list in which something came back or went."""
        before = set(self._services.watchlists.lists())
        result = step()
        self._window.toast.say(str(result.data["message"]))
        changed = [each.id for each in self._services.watchlists.lists() if each not in before]
        if changed and self._shown.id not in changed:
            self.show(changed[0])

    def _sync(self) -> None:
        """The lists changed: the shown one stays, or gives way to its neighbour."""
        if self._closed:
            return
        before, lists = self._shown, self._services.watchlists.lists()
        self._shown = self._by_id(before.id) or lists[min(self._position, len(lists) - 1)]
        if self._shown.id != before.id:
            self._services.settings.set(SETTING, self._shown.id)
        self._show_tabs()
        if self._shown is not before:
            self._on_change()

    def _show_tabs(self) -> None:
        lists = self._services.watchlists.lists()
        self._position = next(at for at, each in enumerate(lists) if each.id == self._shown.id)
        self._window.watch.tabs.show_lists(
            [ListTab(each.id, each.name, len(each.items)) for each in lists], self._shown.id
        )
        self._window.list_menu.show_count(len(lists))

    def _by_id(self, list_id: int) -> Watchlist | None:
        return next((each for each in self._services.watchlists.lists() if each.id == list_id), None)
