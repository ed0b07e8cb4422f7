from __future__ import annotations

import asyncio

from proxy.server.turns import TURN_S, Turns
from tests.doubles.served import eventually


class Counted:
    """Work of some steps, each of which takes a while on the clock that it is given."""

    def __init__(self, name: str, steps: int, done: list[str], clock: list[float]) -> None:
        self._name = name
        self._steps = steps
        self._done = done
        self._clock = clock

    def go_on(self) -> bool:
        self._clock[0] += TURN_S / 4
        self._steps -= 1
        self._done.append(self._name)
        return self._steps > 0


async def test_everybody_in_turn_and_the_loop_in_between() -> None:
    clock, done = [0.0], list[str]()
    turns = Turns(lambda: clock[0])
    for name in "ab":
        turns.soon(Counted(name, 5, done, clock))
    turns_of_the_loop = list[int]()

    def look() -> None:
        turns_of_the_loop.append(len(done))
        if len(done) < 10:
            asyncio.get_running_loop().call_soon(look)

    look()
    await eventually(lambda: len(done) == 10)
    assert "".join(done) == "abababababab"[:10]
    assert turns_of_the_loop == [0, 4, 8, 10], "each turn took what fits into the time for it"


async def test_asking_twice_is_asking_once() -> None:
    clock, done = [0.0], list[str]()
    turns = Turns(lambda: clock[0])
    worker = Counted("a", 1, done, clock)
    turns.soon(worker)
    turns.soon(worker)
    await eventually(lambda: done)
    await asyncio.sleep(0)
    assert done == ["a"]


async def test_what_is_left_can_be_finished_at_once() -> None:
    clock, done = [0.0], list[str]()
    turns = Turns(lambda: clock[0])
    turns.soon(Counted("a", 30, done, clock))
    turns.finish()
    assert len(done) == 30


async def test_one_that_fails_does_not_stop_the_others() -> None:
    clock, done = [0.0], list[str]()
    turns = Turns(lambda: clock[0])

    class Broken:
        def go_on(self) -> bool:
            raise ValueError("broken")

    caught: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: caught.append(context["exception"]))
    turns.soon(Broken())
    turns.soon(Counted("a", 3, done, clock))
    await eventually(lambda: len(done) == 3)
    assert [str(error) for error in caught] == ["broken"]
