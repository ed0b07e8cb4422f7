"""Which connection carries which wish, where a source limits how many one connection may hold. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Assignment(NamedTuple, Generic[K]):
    """`placed` maps each wish to the number of its connection, from 0; `refused` are those there is no room for."""

    placed: dict[K, int]
    refused: list[K]


def assign(
    wishes: Iterable[K], current: Mapping[K, int], per_connection: int, *, connections: int | None = None
) -> Assignment[K]:
    """Return where each of `wishes` goes, given where they are now.

    What is placed does not move, whatever comes or goes; new wishes fill the first connection with room, in order.

    Args:
        wishes: everything that is wanted now; what is in `current` and not here is given up.
        current: the assignment so far.
        per_connection: how many one connection may hold.
        connections: how many connections there may be; None for no limit.
    """
    wanted = list(dict.fromkeys(wishes))
    placed = {wish: current[wish] for wish in wanted if wish in current}
    loads: dict[int, int] = {}
    for number in placed.values():
        loads[number] = loads.get(number, 0) + 1
    refused: list[K] = []
    number = 0
    for wish in wanted:
        if wish in placed:
            continue
        while loads.get(number, 0) >= per_connection:
            number += 1
        if connections is not None and number >= connections:
            refused.append(wish)
            continue
        placed[wish] = number
        loads[number] = loads.get(number, 0) + 1
    return Assignment(placed, refused)
