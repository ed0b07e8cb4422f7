"""Which keys do what where the keyboard is: the text of the overlay that `?` opens, made from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from openalgo_desktop.presentation.action_catalogue import FIXED_KEYS, ActionInfo, Place

_NUMBERED = "list.show_"


@dataclass(frozen=True, slots=True)
class KeySection:
    """A heading and its lines of (keys, meaning)."""

    title: str
    lines: tuple[tuple[str, str], ...]


def key_help(place: Place, infos: Iterable[ActionInfo], keys_text: Callable[[str], str]) -> list[KeySection]:
    """Return what can be pressed in `place`, its own keys first; `keys_text(action id)` writes an action's keys."""
    infos = tuple(infos)
    sections = []
    if place is not Place.WINDOW:
        fixed = [(each.keys, each.meaning) for each in FIXED_KEYS if each.place is place]
        own = [each for each in infos if each.place is place]
        sections.append(KeySection(place.value, (*fixed, *_lines(own, keys_text))))
    everywhere = [each for each in infos if each.place is Place.WINDOW]
    for group in dict.fromkeys(each.group for each in everywhere):
        lines = _lines([each for each in everywhere if each.group == group], keys_text)
        if lines:
            sections.append(KeySection(group, tuple(lines)))
    fixed = [(each.keys, each.meaning) for each in FIXED_KEYS if each.place is Place.WINDOW]
    return [*sections, KeySection(Place.WINDOW.value, tuple(fixed))]


def _lines(infos: Sequence[ActionInfo], keys_text: Callable[[str], str]) -> list[tuple[str, str]]:
    numbered = [keys for each in infos if each.id.startswith(_NUMBERED) and (keys := keys_text(each.id))]
    lines = [(keys, each.name) for each in infos if not each.id.startswith(_NUMBERED) and (keys := keys_text(each.id))]
    if numbered:
        lines.append((f"{numbered[0]} … {numbered[-1]}", "Show a list by its number"))
    return lines
