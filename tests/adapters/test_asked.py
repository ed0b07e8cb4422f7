"""Whatever is wanted and let go of in between, what was asked for ends up as what is wanted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.asked import Asked, Batch, Change


def _drained(asked: Asked[str, int], most: int = 100) -> list[Batch[str, int]]:
    batches = []
    while (batch := asked.next_batch(most)) is not None:
        batches.append(batch)
    return batches


def test_new_keys_are_asked_for_in_batches_of_one_value() -> None:
    asked = Asked[str, int]()
    for key, value in (("a", 1), ("b", 2), ("c", 1), ("d", 1)):
        asked.want(key, value)
    assert _drained(asked, 2) == [
        Batch(Change.NEW, 1, ["a", "c"]),
        Batch(Change.NEW, 2, ["b"]),
        Batch(Change.NEW, 1, ["d"]),
    ]
    assert asked.next_batch(2) is None


def test_what_is_gone_comes_first_and_with_the_value_that_was_asked_for() -> None:
    asked = Asked[str, int]()
    asked.want("a", 1)
    _drained(asked)
    asked.want("b", 2)
    asked.let_go("a")
    assert _drained(asked) == [Batch(Change.GONE, 1, ["a"]), Batch(Change.NEW, 2, ["b"])]


def test_a_changed_value_says_what_it_was() -> None:
    asked = Asked[str, int]()
    asked.want("a", 1)
    _drained(asked)
    asked.want("a", 3)
    assert _drained(asked) == [Batch(Change.CHANGED, 3, ["a"], 1)]


def test_what_was_wanted_and_let_go_of_unasked_is_not_mentioned() -> None:
    asked = Asked[str, int]()
    asked.want("a", 1)
    asked.let_go("a")
    assert asked.next_batch(10) is None


def test_after_a_restart_everything_is_asked_for_again() -> None:
    asked = Asked[str, int]()
    asked.want("a", 1)
    asked.want("b", 1)
    _drained(asked)
    asked.let_go("b")
    asked.restart()
    assert _drained(asked) == [Batch(Change.NEW, 1, ["a"])]


def test_what_did_not_take_is_asked_for_once_more() -> None:
    asked = Asked[str, int]()
    asked.want("a", 1)
    _drained(asked)
    asked.again("a")
    asked.again("unknown")
    assert _drained(asked) == [Batch(Change.NEW, 1, ["a"])]


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.sampled_from("abcd"), st.integers(1, 3)),
        st.tuples(st.just("let_go"), st.sampled_from("abcd"), st.just(0)),
        st.tuples(st.just("batch"), st.just(""), st.integers(1, 3)),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    )
)


@given(_STEPS)
def test_what_the_peer_holds_is_what_is_wanted(steps: list[tuple[str, str, int]]) -> None:
    asked, wanted, peer = Asked[str, int](), dict[str, int](), dict[str, int]()
    for what, key, number in steps:
        if what == "want":
            asked.want(key, number)
            wanted[key] = number
        elif what == "let_go":
            asked.let_go(key)
            wanted.pop(key, None)
        elif what == "restart":
            asked.restart()
            peer.clear()
        else:
            _carry_out(asked.next_batch(number), peer)
    for batch in _drained(asked):
        _carry_out(batch, peer)
    assert peer == wanted
    assert set(asked) == set(wanted)


def _carry_out(batch: Batch[str, int] | None, peer: dict[str, int]) -> None:
    """What a peer does that is asked so; it refuses to be told what makes no sense."""
    for key in batch.items if batch is not None else ():
        if batch.change is Change.GONE:
            assert peer.pop(key) == batch.value
        else:
            assert (key in peer) == (batch.change is Change.CHANGED)
            peer[key] = batch.value
