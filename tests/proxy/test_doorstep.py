from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from proxy.doorstep import Doorstep


def test_the_oldest_of_the_same_address_goes_first() -> None:
    doorstep: Doorstep[int] = Doorstep(most=10, most_per_address=2)
    assert [doorstep.arrive(visitor, "a") for visitor in (1, 2)] == [None, None]
    assert doorstep.arrive(3, "b") is None
    assert doorstep.arrive(4, "a") == 1
    assert doorstep.arrive(5, "a") == 2
    assert len(doorstep) == 3


def test_where_all_are_too_many_the_address_with_most_gives_way() -> None:
    doorstep: Doorstep[int] = Doorstep(most=4, most_per_address=3)
    for visitor, address in ((1, "alone"), (2, "flood"), (3, "flood"), (4, "flood")):
        assert doorstep.arrive(visitor, address) is None
    assert doorstep.arrive(5, "healthy") == 2, "not the oldest of all, which did nothing wrong"


def test_who_has_left_makes_room() -> None:
    doorstep: Doorstep[int] = Doorstep(most=2, most_per_address=1)
    doorstep.arrive(1, "a")
    doorstep.leave(1)
    doorstep.leave(1)
    assert doorstep.arrive(2, "a") is None
    assert len(doorstep) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_there_are_never_more_than_allowed(moves: list[tuple[int, bool]]) -> None:
    doorstep: Doorstep[int] = Doorstep(most=5, most_per_address=3)
    here: dict[int, int] = {}
    waiting: deque[int] = deque()
    for visitor, (address, is_leaving) in enumerate(moves):
        if is_leaving and waiting:
            gone = waiting.popleft()
            doorstep.leave(gone)
            here.pop(gone, None)
            continue
        leaving = doorstep.arrive(visitor, str(address))
        here[visitor] = address
        waiting.append(visitor)
        if leaving is not None:
            assert leaving != visitor
            del here[leaving]
        assert len(doorstep) == len(here) <= 5
        assert all(list(here.values()).count(number) <= 3 for number in range(4))
