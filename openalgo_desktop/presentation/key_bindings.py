"""Which keys do what for this user: a preset, and what was changed by hand. One value, kept as JSON text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from openalgo_desktop.presentation.action_catalogue import ActionInfo

USUAL = "OpenAlgo"

# What differs from the catalogue, as users of these terminals have it in their fingers. F1 and F2 buy and sell there:
# where they are reserved, they do nothing here, so that a habit has no effect at all.
PRESETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    USUAL: {},
    "Kite": {
        "view.depth": ("D", "F6"),
        "view.chart": ("C", "F7"),
        "list.rename": ("Shift+F2",),
    },
    "NEST/NEAT": {
        "view.depth": ("F6", "F5"),
        "rows.filter": ("Ctrl+F", "Shift+F4"),
        "list.rename": ("Shift+F2",),
        "rows.add": ("/", "Ins", "Ctrl+Ins"),
    },
    "TradingView": {
        "rows.add": ("/", "Ins", "Alt+W"),
        "view.full_screen": ("F11", "Shift+F"),
        "list.rename": ("F2", "Shift+F2"),
    },
}

# Keys that move, choose, or leave: a window in which they did something else could not be used.
_RESERVED = re.compile(
    r"(Shift\+)?(Up|Down|Left|Right|PgUp|PgDown|Home|End|Tab|Backtab|Return|Enter|Esc|Space|Backspace|F10|Menu)"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One key that two actions want in the same place."""

    key: str
    first: ActionInfo
    second: ActionInfo


@dataclass(frozen=True, slots=True)
class KeyBindings:
    """A preset and the keys changed by hand, by action id; an empty tuple means no key."""

    preset: str = USUAL
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keys(self, info: ActionInfo) -> tuple[str, ...]:
        """The keys of an action."""
        if info.id in self.changed:
            return self.changed[info.id]
        return PRESETS.get(self.preset, {}).get(info.id, info.keys)

    def owner(self, key: str, wanted: ActionInfo, infos: Iterable[ActionInfo]) -> ActionInfo | None:
        """The other action that has `key` where `wanted` would be heard, or None."""
        for info in infos:
            if info.id != wanted.id and info.place.meets(wanted.place) and key in self.keys(info):
                return info
        return None

    def conflicts(self, infos: Iterable[ActionInfo]) -> list[Conflict]:
        """Keys that mean two things; none, unless something was stored by hand."""
        infos = tuple(infos)
        return [
            Conflict(key, first, second)
            for number, first in enumerate(infos)
            for second in infos[number + 1 :]
            if first.place.meets(second.place)
            for key in self.keys(first)
            if key in self.keys(second)
        ]

    def with_key(self, info: ActionInfo, key: str, infos: Iterable[ActionInfo]) -> KeyBindings:
        """Give `key` alone to `info`; whoever had it where it would be heard loses it."""
        changed = dict(self.changed)
        owner = self.owner(key, info, infos)
        if owner is not None:
            changed[owner.id] = tuple(each for each in self.keys(owner) if each != key)
        changed[info.id] = (key,) if key else ()
        return replace(self, changed=changed)

    def without(self, info: ActionInfo, infos: Iterable[ActionInfo]) -> KeyBindings:
        """Give `info` the keys of the preset again; those that others have by now stay theirs."""
        fresh = replace(self, changed={each: keys for each, keys in self.changed.items() if each != info.id})
        infos = tuple(infos)
        kept = tuple(key for key in fresh.keys(info) if fresh.owner(key, info, infos) is None)
        return fresh if kept == fresh.keys(info) else replace(fresh, changed={**fresh.changed, info.id: kept})

    def to_text(self) -> str:
        """The value as JSON text, the same for equal values; empty for the usual keys."""
        if self == KeyBindings():
            return ""
        fields = {"preset": self.preset, "changed": {each: list(keys) for each, keys in self.changed.items()}}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def read_bindings(text: str) -> KeyBindings:
    """Return what `to_text` wrote; what cannot be read is as it is by default."""
    try:
        fields = json.loads(text or "{}")
    except ValueError:
        return KeyBindings()
    if not isinstance(fields, dict):
        return KeyBindings()
    preset, changed = str(fields.get("preset")), fields.get("changed")
    usable = {
        each: tuple(key for key in keys if isinstance(key, str) and why_not(key) == "")
        for each, keys in (changed.items() if isinstance(changed, dict) else ())
        if isinstance(keys, list)
    }
    return KeyBindings(preset if preset in PRESETS else USUAL, usable)


def why_not(key: str) -> str:
    """Return why `key` cannot be given to an action, or an empty text if it can."""
    if _RESERVED.fullmatch(key):
        return f"{key} moves and chooses in the window; take another key, or add Ctrl or Alt"
    if not key or key.rsplit("+", 1)[-1] in ("Ctrl", "Shift", "Alt", "Meta"):
        return "Press a key together with Ctrl, Alt or Shift, or a function key"
    return ""
