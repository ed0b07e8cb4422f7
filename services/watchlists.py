"""Watchlists: the lists of a profile, in memory for the window, written behind it, with the last fifty steps undoable.

Calls return at once and are made on one thread, the window's; the database follows in its own thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from services.result import Result, answered
from services.starter_lists import Known, StarterList, resolve
from services.storage.database import Storage
from services.storage.watchlist_rows import ItemRow, ListRow

FIRST_NAME = "Watchlist 1"
MAX_NAME = 64
UNDO_STEPS = 50


class WatchItem(NamedTuple):
    """One line: an instrument, the user's note, and a colour flag (its name, or empty)."""

    key: InstrumentKey
    note: str = ""
    flag: str = ""


class Watchlist(NamedTuple):
    """One list with its lines in order. The id stays when it is renamed or moved."""

    id: int
    name: str
    items: tuple[WatchItem, ...] = ()

    @property
    def keys(self) -> tuple[InstrumentKey, ...]:
        """The instruments, in order."""
        return tuple(item.key for item in self.items)


_State = tuple[Watchlist, ...]


class Watchlists:
    """The lists of one profile. Reading the stored ones blocks for a moment, in the constructor only.

    Args:
        storage: where they are kept.
        starters: what the first list holds, in a profile that has no list yet.
    """

    def __init__(self, storage: Storage, *, starters: Iterable[InstrumentKey] = ()) -> None:
        self._storage = storage
        self._state: _State = tuple(_from_row(row) for row in storage.watchlists.load())
        self._undo: deque[tuple[str, _State]] = deque(maxlen=UNDO_STEPS)
        self._redo: list[tuple[str, _State]] = []
        self._listeners: list[Callable[[], None]] = []
        self._unsaved = False
        self._starters: tuple[StarterList, ...] = ()
        self._resolve: Callable[[StarterList], Sequence[InstrumentKey]] = lambda each: each.keys
        storage.on_failure(self._write_failed)
        # Ids are never used again, so that an undone deletion cannot meet a new list of its number.
        self._next_id = max((known.id for known in self._state), default=0) + 1
        if not self._state:
            first = Watchlist(self._take_id(), FIRST_NAME, tuple(WatchItem(key) for key in dict.fromkeys(starters)))
            self._become((first,))

    def lists(self) -> tuple[Watchlist, ...]:
        """Every list in order; never empty."""
        return self._state

    def get(self, list_id: int) -> Watchlist:
        """The list with that id.

        Raises:
            InvalidRequestError: there is none.
        """
        for known in self._state:
            if known.id == list_id:
                return known
        raise InvalidRequestError("There is no such watchlist")

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after every change."""
        self._listeners.append(callback)

    @property
    def undoable(self) -> str | None:
        """What `undo` would take back, as a phrase, or None."""
        return self._undo[-1][0] if self._undo else None

    @property
    def redoable(self) -> str | None:
        """What `redo` would do again, as a phrase, or None."""
        return self._redo[-1][0] if self._redo else None

    @answered
    def create(self, name: str) -> Result:
        """Add an empty list at the end; `data.id` is its id."""
        made = Watchlist(self._take_id(), self._free_name(name))
        self._step(f"create {made.name}", (*self._state, made))
        return Result.succeeded({"id": made.id, "name": made.name}, f"{made.name} was created")

    def offer(self, starters: Sequence[StarterList], known: Known, today: Callable[[], date]) -> None:
        """Offer these starter lists, resolved by what is `known` on the day `today()`."""
        self._starters = tuple(starters)
        self._resolve = lambda starter: resolve(starter, known, today())

    def starter_lists(self) -> tuple[StarterList, ...]:
        """The lists that `add_starter` can make, in the order in which they are offered."""
        return self._starters

    @answered
    def add_starter(self, name: str) -> Result:
        """Make the starter list `name`, in one step; `data` has its `id`, its `name` and the `added` instruments.

        In a profile whose one list is untouched and empty, that list becomes it.
        """
        starter = next((each for each in self._starters if each.name.casefold() == name.strip().casefold()), None)
        if starter is None:
            raise InvalidRequestError(f"There is no starter list named {name!r}")
        keys = tuple(self._resolve(starter))
        if not keys:
            raise InvalidRequestError(
                f"Nothing of {starter.name} is known yet: the feeds have not named their contracts"
            )
        state = self._state
        untouched = len(state) == 1 and not state[0].items and state[0].name == FIRST_NAME
        number = state[0].id if untouched else self._take_id()
        made = Watchlist(number, self._numbered_name(starter.name), tuple(WatchItem(key) for key in keys))
        self._step(f"create {made.name}", (made,) if untouched else (*state, made))
        message = f"{made.name} was created with {_counted(keys)}"
        return Result.succeeded({"id": made.id, "name": made.name, "added": list(keys)}, message)

    @answered
    def rename(self, list_id: int, name: str) -> Result:
        """Give a list another name, unique but for case."""
        renamed = self.get(list_id)._replace(name=self._free_name(name, besides=list_id))
        self._step(f"rename to {renamed.name}", self._with(renamed))
        return Result.succeeded({"id": list_id, "name": renamed.name}, f"Renamed to {renamed.name}")

    @answered
    def delete(self, list_id: int) -> Result:
        """Delete a list; the last one stays."""
        gone = self.get(list_id)
        if len(self._state) == 1:
            raise InvalidRequestError("The last watchlist cannot be deleted")
        self._step(f"delete {gone.name}", tuple(known for known in self._state if known.id != list_id))
        return Result.succeeded({"id": list_id}, f"{gone.name} was deleted")

    @answered
    def reorder(self, list_ids: Sequence[int]) -> Result:
        """Put the lists in the order of `list_ids`, which names each once."""
        if sorted(list_ids) != sorted(known.id for known in self._state):
            raise InvalidRequestError("The new order must name every watchlist once")
        self._step("reorder watchlists", tuple(self.get(number) for number in list_ids))
        return Result.succeeded({"order": list(list_ids)})

    @answered
    def add(self, list_id: int, keys: Iterable[InstrumentKey], *, position: int | None = None) -> Result:
        """Add instruments at `position`, or at the end; `data.added` are those that were not there yet."""
        into = self.get(list_id)
        present = set(into.keys)
        added = [key for key in dict.fromkeys(parse_key(key[0], key[1]) for key in keys) if key not in present]
        at = len(into.items) if position is None else max(0, min(position, len(into.items)))
        items = (*into.items[:at], *(WatchItem(key) for key in added), *into.items[at:])
        if added:
            self._step(f"add {_phrase(added)}", self._with(into._replace(items=items)))
        message = f"{_phrase(added)} added to {into.name}" if added else f"Already in {into.name}"
        return Result.succeeded({"added": added}, message)

    @answered
    def remove(self, list_id: int, keys: Iterable[InstrumentKey]) -> Result:
        """Remove instruments; `data.removed` are those that were there."""
        out_of = self.get(list_id)
        wanted = set(keys)
        removed = [key for key in out_of.keys if key in wanted]
        kept = tuple(item for item in out_of.items if item.key not in wanted)
        if removed:
            self._step(f"remove {_phrase(removed)}", self._with(out_of._replace(items=kept)))
        return Result.succeeded({"removed": removed}, f"{_phrase(removed) or 'Nothing'} removed from {out_of.name}")

    @answered
    def move(self, list_id: int, keys: Sequence[InstrumentKey], position: int, *, to_list: int | None = None) -> Result:
        """Move instruments, in their present order, to `position` of their own or of another list.

        `position` counts the lines that are there before the move. One that the other list has already moves within it.
        """
        source = self.get(list_id)
        wanted = set(keys)
        moving = tuple(item for item in source.items if item.key in wanted)
        if not moving:
            raise InvalidRequestError("None of these is in the watchlist")
        target = source if to_list is None else self.get(to_list)
        at = max(0, min(position, len(target.items)))
        head = tuple(item for item in target.items[:at] if item.key not in wanted)
        tail = tuple(item for item in target.items[at:] if item.key not in wanted)
        state = self._with(source._replace(items=tuple(item for item in source.items if item.key not in wanted)))
        state = _replaced(state, target._replace(items=(*head, *moving, *tail)))
        self._step(f"move {_phrase([item.key for item in moving])}", state)
        return Result.succeeded({"moved": [item.key for item in moving]})

    @answered
    def annotate(self, list_id: int, key: InstrumentKey, *, note: str | None = None, flag: str | None = None) -> Result:
        """Change the note or the colour flag of a line."""
        known = self.get(list_id)
        if key not in known.keys:
            raise InvalidRequestError(f"{key} is not in {known.name}")
        items = tuple(
            item._replace(note=item.note if note is None else note, flag=item.flag if flag is None else flag)
            if item.key == key
            else item
            for item in known.items
        )
        self._step(f"change {key.symbol}", self._with(known._replace(items=items)))
        return Result.succeeded({"key": key})

    @answered
    def undo(self) -> Result:
        """Take back the last step."""
        return self._back("undone", self._undo, self._redo)

    @answered
    def redo(self) -> Result:
        """Do again what was taken back."""
        return self._back("done again", self._redo, self._undo)

    def _back(
        self,
        word: str,
        source: deque[tuple[str, _State]] | list[tuple[str, _State]],
        target: deque[tuple[str, _State]] | list[tuple[str, _State]],
    ) -> Result:
        if not source:
            raise InvalidRequestError("There is nothing to be " + word)
        phrase, state = source.pop()
        target.append((phrase, self._state))
        self._become(state)
        return Result.succeeded({"step": phrase}, f"{phrase[:1].upper()}{phrase[1:]}: {word}")

    def _step(self, phrase: str, state: _State) -> None:
        if state == self._state:
            return
        self._undo.append((phrase, self._state))
        self._redo.clear()
        self._become(state)

    def _become(self, state: _State) -> None:
        before = {known.id: known for known in self._state}
        self._state = state
        order = [known.id for known in state]
        changed = [_to_row(known) for known in state if self._unsaved or before.get(known.id) is not known]
        self._unsaved = False
        self._storage.later(lambda: self._storage.watchlists.save(order, changed))
        for callback in tuple(self._listeners):
            callback()

    def _write_failed(self, _sentence: str) -> None:
        self._unsaved = True

    def _with(self, changed: Watchlist) -> _State:
        return _replaced(self._state, changed)

    def _free_name(self, name: str, *, besides: int | None = None) -> str:
        clean = " ".join(name.split())
        if not clean or len(clean) > MAX_NAME:
            raise InvalidRequestError(f"A watchlist needs a name of 1 to {MAX_NAME} characters")
        if any(known.name.casefold() == clean.casefold() and known.id != besides for known in self._state):
            raise InvalidRequestError(f"There is a watchlist named {clean!r} already")
        return clean

    def _numbered_name(self, name: str) -> str:
        """`name`, or with a number where it is taken."""
        taken = {known.name.casefold() for known in self._state}
        numbered = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
        return next(each for each in numbered if each.casefold() not in taken)

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _replaced(state: _State, changed: Watchlist) -> _State:
    return tuple(changed if known.id == changed.id else known for known in state)


def _counted(keys: Sequence[InstrumentKey]) -> str:
    return "1 instrument" if len(keys) == 1 else f"{len(keys)} instruments"


def _phrase(keys: Sequence[InstrumentKey]) -> str:
    return keys[0].symbol if len(keys) == 1 else f"{len(keys)} instruments" if keys else ""


def _from_row(row: ListRow) -> Watchlist:
    items = (WatchItem(parse_key(item.exchange, item.symbol), item.note, item.flag) for item in row.items)
    return Watchlist(row.id, row.name, tuple(items))


def _to_row(known: Watchlist) -> ListRow:
    items = (ItemRow(str(item.key.exchange), item.key.symbol, item.note, item.flag) for item in known.items)
    return ListRow(known.id, known.name, tuple(items))
