"""Watchlists: the lists of a profile, in memory for the window, written behind it, with the last fifty steps undoable.

Calls return at once and are made on one thread, the window's; the database follows in its own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from services.kept_lists import KeptLists
from services.result import Result, answered
from services.starter_lists import Known, StarterList, resolve
from services.storage.database import Storage
from services.watchlist_steps import UNDO_STEPS, State
from services.watchlist_values import (
    Line,
    Lines,
    Section,
    WatchItem,
    Watchlist,
    clean_name,
    counted,
    phrase,
    with_added,
    with_marks,
    with_merged,
    with_moved,
    with_replaced,
    with_section_moved,
    with_title,
    without,
)

__all__ = ["UNDO_STEPS", "Section", "WatchItem", "Watchlist", "Watchlists"]

FIRST_NAME = "Watchlist 1"


class Watchlists:
    """The lists of one profile. Reading the stored ones blocks for a moment, in the constructor only.

    Make one in a process that holds the profile's lock: it takes over what a process that was killed left undone.

    Args:
        storage: where they are kept.
        starters: what the first list holds, in a profile that has no list yet.
    """

    def __init__(self, storage: Storage, *, starters: Iterable[InstrumentKey] = ()) -> None:
        self._kept = KeptLists(storage)
        self._starters: tuple[StarterList, ...] = ()
        self._resolve: Callable[[StarterList], Sequence[InstrumentKey]] = lambda each: each.keys
        # Ids are never used again, so that an undone deletion cannot meet a new list or section of its number.
        self._next_id = self._kept.highest_list + 1
        self._next_section = self._kept.highest_section + 1
        if not self._state:
            first = Watchlist(self._take_id(), FIRST_NAME, tuple(WatchItem(key) for key in dict.fromkeys(starters)))
            self._kept.become((first,))

    @property
    def _state(self) -> State:
        return self._kept.state

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

    @property
    def collapsed(self) -> frozenset[int]:
        """The ids of the sections that are folded."""
        return self._kept.collapsed

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after every change."""
        self._kept.on_change(callback)

    @property
    def undoable(self) -> str | None:
        """What `undo` would take back, as a phrase, or None."""
        return self._kept.steps.undoable

    @property
    def redoable(self) -> str | None:
        """What `redo` would do again, as a phrase, or None."""
        return self._kept.steps.redoable

    # Lists

    @answered
    def create(self, name: str) -> Result:
        """Add an empty list at the end; `data.id` is its id."""
        made = Watchlist(self._take_id(), self._free_name(name))
        self._kept.step(f"create {made.name}", (*self._state, made))
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
        made = self._made(starter.name, [WatchItem(key) for key in keys])
        untouched = len(self._state) == 1 and not self._state[0].lines and self._state[0].name == FIRST_NAME
        state = (made._replace(id=self._state[0].id),) if untouched else (*self._state, made)
        self._kept.step(f"create {made.name}", state)
        made = state[-1]
        message = f"{made.name} was created with {counted(keys)}"
        return Result.succeeded({"id": made.id, "name": made.name, "added": list(keys)}, message)

    @answered
    def merge(self, what: str, additions: Iterable[tuple[int | None, str, Lines]]) -> Result:
        """Add lines to lists in one step that is called `what`; `data.ids` are those lists.

        Each addition is (the id of a list, or None for a new one of that name; the name; the lines). Titles of sections
        come with any id: they join the section of their name, or get an id of their own.
        """
        state, ids = self._state, list[int]()
        for list_id, name, lines in additions:
            if list_id is None:
                made = self._made(name, lines)
                state = (*state, made)
                ids.append(made.id)
            else:
                into = next(known for known in state if known.id == self.get(list_id).id)
                state = _replaced(state, into._replace(lines=with_merged(into.lines, self._numbered(lines))))
                ids.append(list_id)
        self._kept.step(what, state)
        return Result.succeeded({"ids": ids})

    @answered
    def rename(self, list_id: int, name: str) -> Result:
        """Give a list another name, unique but for case."""
        renamed = self.get(list_id)._replace(name=self._free_name(name, besides=list_id))
        self._kept.step(f"rename to {renamed.name}", self._with(renamed))
        return Result.succeeded({"id": list_id, "name": renamed.name}, f"Renamed to {renamed.name}")

    @answered
    def delete(self, list_id: int) -> Result:
        """Delete a list; the last one stays."""
        gone = self.get(list_id)
        if len(self._state) == 1:
            raise InvalidRequestError("The last watchlist cannot be deleted")
        self._kept.step(f"delete {gone.name}", tuple(known for known in self._state if known.id != list_id))
        return Result.succeeded({"id": list_id}, f"{gone.name} was deleted")

    @answered
    def reorder(self, list_ids: Sequence[int]) -> Result:
        """Put the lists in the order of `list_ids`, which names each once."""
        if sorted(list_ids) != sorted(known.id for known in self._state):
            raise InvalidRequestError("The new order must name every watchlist once")
        self._kept.step("reorder watchlists", tuple(self.get(number) for number in list_ids))
        return Result.succeeded({"order": list(list_ids)})

    # Instruments

    @answered
    def add(self, list_id: int, keys: Iterable[InstrumentKey], *, position: int | None = None) -> Result:
        """Add instruments before the line at `position`, or at the end; `data.added` are those not there before."""
        into = self.get(list_id)
        present = set(into.keys)
        added = [key for key in dict.fromkeys(parse_key(key[0], key[1]) for key in keys) if key not in present]
        if added:
            lines = with_added(into.lines, [WatchItem(key) for key in added], position)
            self._kept.step(f"add {phrase(added)}", self._with(into._replace(lines=lines)))
        message = f"{phrase(added)} added to {into.name}" if added else f"Already in {into.name}"
        return Result.succeeded({"added": added}, message)

    @answered
    def remove(self, list_id: int, keys: Iterable[InstrumentKey]) -> Result:
        """Remove instruments; `data.removed` are those that were there."""
        out_of = self.get(list_id)
        wanted = set(keys)
        removed = [key for key in out_of.keys if key in wanted]
        if removed:
            lines = without(out_of.lines, removed)
            self._kept.step(f"remove {phrase(removed)}", self._with(out_of._replace(lines=lines)))
        return Result.succeeded({"removed": removed}, f"{phrase(removed) or 'Nothing'} removed from {out_of.name}")

    @answered
    def move(
        self,
        list_id: int,
        keys: Iterable[InstrumentKey],
        position: int | None,
        *,
        to_list: int | None = None,
        copy: bool = False,
    ) -> Result:
        """Move instruments, in their present order, before the line at `position` (None: the end) of a list.

        That is their own list, or `to_list`. `position` counts the lines that are there before the move, titles too.
        One that the other list has already moves within it. With `copy` they stay in their own list as well.
        """
        source = self.get(list_id)
        wanted = set(keys)
        moving = [item for item in source.items if item.key in wanted]
        if not moving:
            raise InvalidRequestError("None of these is in the watchlist")
        target = source if to_list is None else self.get(to_list)
        at = len(target.lines) if position is None else position
        if target is source:
            state = self._with(source._replace(lines=with_moved(source.lines, moving, at)))
        else:
            state = self._with(target._replace(lines=with_moved(target.lines, moving, at)))
            if not copy:
                rest = source._replace(lines=without(source.lines, [item.key for item in moving]))
                state = _replaced(state, rest)
        moved = [item.key for item in moving]
        self._kept.step(f"{'copy' if copy else 'move'} {phrase(moved)}", state)
        return Result.succeeded({"moved": moved}, f"{phrase(moved)} {'copied' if copy else 'moved'} to {target.name}")

    @answered
    def replace(self, list_id: int, instead: Mapping[InstrumentKey, InstrumentKey]) -> Result:
        """Put one instrument in the place of another, where it keeps section, note and flag; `data.replaced` tells."""
        known = self.get(list_id)
        replaced = {old: new for old, new in instead.items() if old in known.keys}
        if not replaced:
            raise InvalidRequestError("None of these is in the watchlist")
        self._kept.step(
            f"roll {phrase(list(replaced))}", self._with(known._replace(lines=with_replaced(known.lines, replaced)))
        )
        return Result.succeeded(
            {"replaced": replaced}, f"{phrase(list(replaced))} rolled to {phrase(list(replaced.values()))}"
        )

    @answered
    def annotate(self, list_id: int, key: InstrumentKey, *, note: str | None = None, flag: str | None = None) -> Result:
        """Change the note or the colour flag of a line."""
        return self._mark(list_id, [key], f"change {key.symbol}", note=note, flag=flag)

    @answered
    def set_flag(self, list_id: int, keys: Sequence[InstrumentKey], flag: str) -> Result:
        """Give instruments a colour flag, `1` to `7`; the empty text takes it away."""
        what = f"flag {phrase(keys)}" if flag else f"take the flag from {phrase(keys)}"
        return self._mark(list_id, keys, what, flag=flag)

    def _mark(
        self,
        list_id: int,
        keys: Sequence[InstrumentKey],
        what: str,
        *,
        note: str | None = None,
        flag: str | None = None,
    ) -> Result:
        known = self.get(list_id)
        for key in keys:
            known.place_of(key)
        self._kept.step(what, self._with(known._replace(lines=with_marks(known.lines, keys, note=note, flag=flag))))
        return Result.succeeded({"keys": list(keys)})

    # Sections

    @answered
    def add_section(self, list_id: int, name: str, *, position: int | None = None) -> Result:
        """Put a title before the line at `position`, or at the end; `data.id` is the section's id."""
        known = self.get(list_id)
        made = Section(self._next_section, clean_name(name, "section"))
        self._next_section += 1
        lines = with_added(known.lines, [made], position)
        self._kept.step(f"add the section {made.name}", self._with(known._replace(lines=lines)))
        return Result.succeeded({"id": made.id, "name": made.name})

    @answered
    def rename_section(self, list_id: int, section_id: int, name: str) -> Result:
        """Give a section another name."""
        known, title = self._section(list_id, section_id)
        renamed = title._replace(name=clean_name(name, "section"))
        lines = with_title(known.lines, section_id, renamed)
        self._kept.step(f"rename to {renamed.name}", self._with(known._replace(lines=lines)))
        return Result.succeeded({"id": section_id, "name": renamed.name})

    @answered
    def remove_section(self, list_id: int, section_id: int) -> Result:
        """Take a title out; its instruments stay, in the section above."""
        known, title = self._section(list_id, section_id)
        lines = with_title(known.lines, section_id, None)
        self._kept.step(f"remove the section {title.name}", self._with(known._replace(lines=lines)))
        return Result.succeeded({"id": section_id}, f"The section {title.name} was removed; its instruments stay")

    @answered
    def move_section(self, list_id: int, section_id: int, position: int) -> Result:
        """Move a section, with all that is in it, before the section that the line at `position` is in."""
        known, title = self._section(list_id, section_id)
        lines = with_section_moved(known.lines, section_id, position)
        self._kept.step(f"move the section {title.name}", self._with(known._replace(lines=lines)))
        return Result.succeeded({"id": section_id})

    @answered
    def set_collapsed(self, list_id: int, section_id: int, collapsed: bool) -> Result:  # noqa: FBT001
        """Fold or unfold a section. That is kept, but it is no step: undo leaves it as it is."""
        known, _ = self._section(list_id, section_id)
        before = self._kept.collapsed
        self._kept.collapsed = before | {section_id} if collapsed else before - {section_id}
        if self._kept.collapsed != before:
            # Another value of the same list, so that it is told and stored as changed.
            self._kept.become(self._with(known._replace(name=known.name)))
        return Result.succeeded({"id": section_id, "collapsed": collapsed})

    # Steps

    @answered
    def undo(self) -> Result:
        """Take back the last step."""
        what, state = self._kept.steps.undo(self._state)
        self._kept.become(state)
        return Result.succeeded({"step": what}, f"{what[:1].upper()}{what[1:]}: undone")

    @answered
    def redo(self) -> Result:
        """Do again what was taken back."""
        what, state = self._kept.steps.redo(self._state)
        self._kept.become(state)
        return Result.succeeded({"step": what}, f"{what[:1].upper()}{what[1:]}: done again")

    def save_again(self) -> bool:
        """Try once more to store what could not be stored; whether there was something. Meant for every few seconds."""
        return self._kept.save_again()

    def _with(self, changed: Watchlist) -> State:
        return _replaced(self._state, changed)

    def _section(self, list_id: int, section_id: int) -> tuple[Watchlist, Section]:
        known = self.get(list_id)
        for title in known.sections:
            if title.id == section_id:
                return known, title
        raise InvalidRequestError(f"There is no such section in {known.name}")

    def _free_name(self, name: str, *, besides: int | None = None) -> str:
        clean = clean_name(name, "watchlist")
        if any(known.name.casefold() == clean.casefold() and known.id != besides for known in self._state):
            raise InvalidRequestError(f"There is a watchlist named {clean!r} already")
        return clean

    def _numbered_name(self, name: str) -> str:
        """`name`, or with a number where it is taken."""
        taken = {known.name.casefold() for known in self._state}
        numbered = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
        return next(each for each in numbered if each.casefold() not in taken)

    def _made(self, name: str, lines: Iterable[Line]) -> Watchlist:
        fresh = clean_name(self._numbered_name(clean_name(name, "watchlist")), "watchlist")
        return Watchlist(self._take_id(), fresh, with_merged((), self._numbered(lines)))

    def _numbered(self, lines: Iterable[Line]) -> Lines:
        """`lines` with ids for their titles that nobody has."""
        numbered: list[Line] = []
        for line in lines:
            if isinstance(line, Section):
                numbered.append(Section(self._next_section, clean_name(line.name, "section")))
                self._next_section += 1
            else:
                numbered.append(line)
        return tuple(numbered)

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _replaced(state: State, changed: Watchlist) -> State:
    return tuple(changed if known.id == changed.id else known for known in state)
