"""Everything that can be done in the window: what it is called, with which keys, and where those keys are heard.

Menus, the command palette, the list of keys and the page that changes keys are all made from this table. Nothing here
trades, and nothing may: a test reads every title. Key texts are Qt's portable form, such as `Ctrl+Shift+Del`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where the keys of an action are heard."""

    WINDOW = "Everywhere"
    GRID = "Market watch"
    HEADER = "Titles"
    SEARCH = "Search box"
    DEPTH = "Depth"
    CHART = "Chart"

    def meets(self, other: Place) -> bool:
        """Whether one key cannot mean two things in both places."""
        return self is other or Place.WINDOW in (self, other)


@dataclass(frozen=True, slots=True)
class ActionInfo:
    """One action. `title` has the menu's access key marked by `&`; `group` is the heading in lists of actions."""

    id: str
    title: str
    group: str
    keys: tuple[str, ...] = ()
    place: Place = Place.WINDOW
    checkable: bool = False

    @property
    def name(self) -> str:
        """The title as people read it."""
        return self.title.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


@dataclass(frozen=True, slots=True)
class FixedKey:
    """Keys that stay as they are, because they mean the same in every program."""

    keys: str
    meaning: str
    place: Place


def _grid(name: str, title: str, *keys: str) -> ActionInfo:
    return ActionInfo(f"rows.{name}", title, "Rows", keys, Place.GRID)


def _list(name: str, title: str, *keys: str) -> ActionInfo:
    return ActionInfo(f"list.{name}", title, "Watchlists", keys)


def _view(name: str, title: str, *keys: str, checkable: bool = False) -> ActionInfo:
    return ActionInfo(f"view.{name}", title, "View", keys, checkable=checkable)


def _help(name: str, title: str, *keys: str) -> ActionInfo:
    return ActionInfo(f"help.{name}", title, "Help", keys)


CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "theme": (("dark", "&Dark"), ("light", "&Light"), ("system", "&System")),
    "density": (("compact", "&Compact"), ("standard", "&Standard"), ("comfortable", "C&omfortable")),
    "up_down_palette": (
        ("green_red", "&Green and red"),
        ("blue_orange", "&Blue and orange"),
        ("teal_red", "&Teal and red"),
    ),
    "flash_style": (
        ("background", "&Background"),
        ("digits", "&Digits"),
        ("dot", "Do&t"),
        ("off", "&Off"),
    ),
    "flash_attention": (
        ("4", "&Everything"),
        ("3", "More than the &usual move"),
        ("2", "More than &twice the usual move"),
        ("1", "More than t&hree times the usual move"),
        ("0", "&Calm: more than four times the usual move"),
    ),
}
CHOICE_TITLES = {
    "theme": "&Theme",
    "density": "Row &height",
    "flash_style": "&Flashes",
    "flash_attention": "&What flashes",
    "up_down_palette": "&Colours of up and down",
}


def _choices() -> tuple[ActionInfo, ...]:
    return tuple(
        ActionInfo(f"{setting}.{value}", title, CHOICE_TITLES[setting].replace("&", ""), checkable=True)
        for setting, values in CHOICES.items()
        for value, title in values
    )


CATALOGUE: tuple[ActionInfo, ...] = (
    ActionInfo("app.brokers", "&Brokers…", "Application", ("Ctrl+B",)),
    ActionInfo("palette.open", "&Go to anything…", "Application", ("Ctrl+K",)),
    ActionInfo("palette.commands", "&Commands…", "Application", ("Ctrl+Shift+P",)),
    ActionInfo("settings.open", "&Settings…", "Application", ("Ctrl+,",)),
    ActionInfo("app.quit", "&Quit", "Application", ("Ctrl+Q",)),
    ActionInfo("edit.undo", "&Undo", "Edit", ("Ctrl+Z",)),
    ActionInfo("edit.redo", "&Redo", "Edit", ("Ctrl+Y", "Ctrl+Shift+Z")),
    _grid("add", "&Add an instrument…", "/", "Ins"),
    _grid("remove", "Re&move from the list", "Del"),
    _grid("copy", "&Copy", "Ctrl+C"),
    _grid("copy_shown", "Copy as &shown", "Ctrl+Shift+C"),
    _grid("select_all", "Select a&ll", "Ctrl+A"),
    _grid("toggle", "Select or let &go of the row", "Ctrl+Space"),
    _grid("up", "Move &up", "Alt+Up"),
    _grid("down", "Move &down", "Alt+Down"),
    ActionInfo("rows.read", "Rea&d the row aloud", "Rows", ("Ctrl+Shift+R",)),
    ActionInfo("rows.filter", "&Filter rows", "Rows", ("Ctrl+F",)),
    _list("new", "&New list", "Ctrl+T"),
    _list("rename", "&Rename", "F2"),
    _list("delete", "&Delete", "Ctrl+Shift+Del"),
    _list("left", "Move &left", "Ctrl+Shift+PgUp"),
    _list("right", "Move r&ight", "Ctrl+Shift+PgDown"),
    _list("next", "Ne&xt list", "Ctrl+Tab"),
    _list("previous", "&Previous list", "Ctrl+Shift+Tab"),
    *(_list(f"show_{number}", f"Show list &{number}", f"Ctrl+{number}") for number in range(1, 10)),
    _view("watch", "&Market watch", "F4"),
    _view("depth", "Market &depth", "F6"),
    _view("own_depth", "Depth in a &window of its own", "Shift+F6"),
    _view("trades", "&Time and sales", "F8"),
    _view("snap", "S&nap quote", "F9"),
    _view("chart", "C&hart", "F7"),
    _view("full_screen", "&Full screen", "F11", checkable=True),
    _view("larger", "&Larger", "Ctrl++", "Ctrl+="),
    _view("smaller", "&Smaller", "Ctrl+-"),
    _view("usual_size", "Usual si&ze", "Ctrl+0"),
    _view("up_is_red", "&Warm colour for up", checkable=True),
    *_choices(),
    _help("keys", "&Keys of this pane", "?"),
    _help("shortcuts", "&Change keys…", "Ctrl+Shift+K"),
    _help("first_steps", "&First steps…"),
    _help("notices", "&Notices…"),
    _help("about", "&About"),
)

FIXED_KEYS: tuple[FixedKey, ...] = (
    FixedKey("↑ ↓ PgUp PgDn Home End", "Move in the list; depth and chart follow", Place.GRID),
    FixedKey("Shift+↑ ↓ PgUp PgDn", "Select more rows", Place.GRID),
    FixedKey("any letter or digit", "Find and add an instrument", Place.GRID),
    FixedKey("← → Enter", "On a section's title: fold, unfold, either; ← on a row: go to its title", Place.GRID),
    FixedKey("Shift+F10, Menu", "What can be done with the row", Place.GRID),
    FixedKey("Shift+Tab", "Go from the rows to the titles", Place.GRID),
    FixedKey("← →", "Go to another title", Place.HEADER),
    FixedKey("Enter", "Sort by the column", Place.HEADER),
    FixedKey("Ctrl+← →", "Move the column", Place.HEADER),
    FixedKey("Shift+← →", "Make the column wider or narrower", Place.HEADER),
    FixedKey("Del", "Hide the column", Place.HEADER),
    FixedKey("> @ ,", "In the box that goes to anything: commands, lists, settings alone", Place.SEARCH),
    FixedKey("↑ ↓", "Choose", Place.SEARCH),
    FixedKey("Enter", "Add what is chosen", Place.SEARCH),
    FixedKey("Ctrl+Enter", "Add and keep the box open", Place.SEARCH),
    FixedKey("Tab, Shift+Tab", "Keep to the next exchange that has finds", Place.SEARCH),
    FixedKey("→, ←", "Contracts of the find: expiries, strikes; and back", Place.SEARCH),
    FixedKey("Esc", "Close, go back to the rows", Place.SEARCH),
    FixedKey("D, L, T", "Show the depth, the ladder, time and sales", Place.DEPTH),
    FixedKey("↑ ↓ PgUp PgDn", "Scroll the levels or the ladder", Place.DEPTH),
    FixedKey("Esc", "Go back to the market watch", Place.DEPTH),
    FixedKey("← → Home End", "Go to another bar", Place.CHART),
    FixedKey("+ −", "Show fewer or more bars", Place.CHART),
    FixedKey("Tab, Shift+Tab", "Go to the next or the previous part of the window", Place.WINDOW),
    FixedKey("Esc", "Close what is open, clear the filter", Place.WINDOW),
)
