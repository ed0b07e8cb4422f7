"""However wishes come and go, an instrument is needed in the highest mode that is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.needs import Needs
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription

A = InstrumentKey(Exchange.NSE, "A")
B = InstrumentKey(Exchange.NSE, "B")


def test_only_a_higher_mode_is_a_change() -> None:
    needs = Needs()
    assert needs.add([Subscription(A, Mode.QUOTE)]) == {A: Mode.QUOTE}
    assert needs.add([Subscription(A, Mode.LTP)]) == {}
    assert needs.add([Subscription(A, Mode.DEPTH), Subscription(B, Mode.LTP)]) == {A: Mode.DEPTH, B: Mode.LTP}


def test_letting_go_of_the_highest_mode_leaves_the_next() -> None:
    needs = Needs()
    needs.add([Subscription(A, Mode.LTP), Subscription(A, Mode.DEPTH)])
    assert needs.remove([Subscription(A, Mode.DEPTH)]) == {A: Mode.LTP}
    assert needs.wishes(A) == [Subscription(A, Mode.LTP)]
    assert needs.remove([Subscription(A, Mode.LTP)]) == {A: None}
    assert A not in needs


def test_what_was_not_needed_is_no_change() -> None:
    assert Needs().remove([Subscription(A, Mode.LTP)]) == {}


_WISHES = st.tuples(st.sampled_from([A, B]), st.sampled_from(list(Mode))).map(lambda pair: Subscription(*pair))


@given(st.lists(st.tuples(st.booleans(), st.lists(_WISHES, max_size=3)), max_size=20))
def test_changes_add_up_to_what_is_needed(steps: list[tuple[bool, list[Subscription]]]) -> None:
    needs, wished, told = Needs(), set[Subscription](), dict[InstrumentKey, Mode]()
    for is_adding, wishes in steps:
        changes = needs.add(wishes) if is_adding else needs.remove(wishes)
        wished = wished | set(wishes) if is_adding else wished - set(wishes)
        for key, mode in changes.items():
            told.pop(key, None)
            if mode is not None:
                told[key] = mode
        highest = {key: max(mode for each, mode in wished if each == key) for key, _ in wished}
        assert told == highest
        assert {key: needs.mode(key) for key in needs} == highest
