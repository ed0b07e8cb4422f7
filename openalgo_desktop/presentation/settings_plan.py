"""The settings page as data: which settings stand under which heading, and how their values are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openalgo_desktop.presentation.action_catalogue import CHOICES

Value = str | int | bool

PLAN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Looks", ("theme", "up_down_palette", "up_is_red", "density", "ui_scale")),
    (
        "Numbers and motion",
        ("number_format", "text_rate_hz", "flash", "flash_style", "flash_attention", "reduce_motion"),
    ),
    ("Depth and ladder", ("book_tab", "depth_levels", "quantity_unit", "ladder_columns")),
    ("Sources of prices", ("feeds",)),
    ("Programs that connect", ("ws_host", "ws_port", "http_host", "http_port", "zmq_host", "zmq_port", "zmq_pub_port")),
)
OTHER = "More"
KEPT = frozenset(
    {"columns", "keys", "shown_list", "starters_offered", "first_steps_done", "recent_choices", "own_books"}
)
"""What the window keeps by itself: nobody types it."""

NEXT_START = frozenset(key for heading, keys in PLAN[3:] for key in keys)
"""What is read at the start only."""

_NAMES = {
    "indian": "12,34,567 · 1.23 L",
    "international": "1,234,567 · 123 K",
} | {value: title.replace("&", "") for choices in CHOICES.values() for value, title in choices}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting on the page. `decided_by` says what wins over the stored value; `is_stored` whether one is stored."""

    key: str
    label: str
    help: str
    value: Value
    default: Value
    choices: tuple[Value, ...] = ()
    least: int | None = None
    most: int | None = None
    is_stored: bool = False
    decided_by: str = ""

    @property
    def notes(self) -> str:
        """What is written under the control."""
        parts = [self.help]
        if self.key in NEXT_START:
            parts.append("Takes effect at the next start")
        if self.decided_by:
            parts.append(f"{self.decided_by} decides now")
        return ". ".join(parts)


def name_of(key: str, value: Value) -> str:
    """What a choice is called on the page."""
    if isinstance(value, str):
        return _NAMES.get(value, value.replace("_", " ").capitalize())
    return f"{value} a second" if key == "text_rate_hz" else str(value)


def on_page(rows: Iterable[SettingRow]) -> list[tuple[str, list[SettingRow]]]:
    """Return `rows` under their headings; those of no heading come last."""
    known: Mapping[str, SettingRow] = {row.key: row for row in rows if row.key not in KEPT}
    named = {key for _, keys in PLAN for key in keys}
    page = [(heading, [known[key] for key in keys if key in known]) for heading, keys in PLAN]
    return [*page, (OTHER, [row for key, row in known.items() if key not in named])]


def matches(row: SettingRow, words: str) -> bool:
    """Whether all `words` are in what is written of a setting."""
    text = f"{row.key} {row.label} {row.help}".casefold()
    return all(word in text for word in words.casefold().split())
