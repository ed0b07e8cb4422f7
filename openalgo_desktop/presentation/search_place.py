"""Where the search line and its results stand: over a row of the grid, the results below it or, without room, above."""

from __future__ import annotations

from typing import NamedTuple


class SearchPlace(NamedTuple):
    """The top edge and the height of the whole, how many results fit, and whether they stand above the line."""

    top: int
    height: int
    results: int
    is_above: bool


def search_place(room: int, top: int, count: int, *, line: int, item: int, hint: int) -> SearchPlace:
    """Place a line of height `line` at `top` of a pane of height `room`, with up to `count` results of height `item`.

    `hint` is the height of the line of hints, which stands at the far end. All in pixels.
    """
    below, above = room - top - line - hint, top - hint
    wanted = count * item
    is_above = wanted > below and above > below
    fits = max(min(count, (above if is_above else below) // item), 1 if count else 0)
    height = line + fits * item + hint
    return SearchPlace(top + line - height if is_above else top, height, fits, is_above)
