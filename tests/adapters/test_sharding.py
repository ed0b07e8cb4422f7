"""Sharding: nothing is lost, nothing is over the limit, and what is placed stays where it is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from adapters.sharding import assign

_wishes = st.lists(st.integers(0, 60), max_size=60)


def test_wishes_fill_one_connection_after_the_other() -> None:
    assert assign("abcde", {}, 2).placed == {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2}


def test_new_wish_takes_the_first_free_place_and_moves_nobody() -> None:
    before = assign("abcd", {}, 2).placed
    after = assign("acde", before, 2).placed
    assert after == {"a": 0, "c": 1, "d": 1, "e": 0}


def test_wishes_beyond_the_last_connection_are_refused() -> None:
    assert assign("abcde", {}, 2, connections=2).refused == ["e"]


@given(st.lists(_wishes, min_size=1, max_size=6), st.integers(1, 7), st.none() | st.integers(0, 5))
def test_assignments_hold_their_promises(rounds: list[list[int]], per_connection: int, connections: int | None) -> None:
    current: dict[int, int] = {}
    for wishes in rounds:
        placed, refused = assign(wishes, current, per_connection, connections=connections)
        assert set(placed) | set(refused) == set(wishes)
        assert not set(placed) & set(refused)
        assert all(placed[wish] == current[wish] for wish in placed.keys() & current.keys())
        loads = Counter(placed.values())
        assert all(load <= per_connection for load in loads.values())
        if connections is not None:
            assert all(0 <= number < connections for number in loads)
        assert not refused or (connections is not None and len(placed) == connections * per_connection)
        fresh = [wish for wish in placed if wish not in current]
        if fresh:  # no new connection while an older one has room
            assert all(loads[number] == per_connection for number in range(max(placed[wish] for wish in fresh)))
        current = placed
