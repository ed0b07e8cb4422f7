from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.outbox import REPLIES_LIMIT_BYTES, TURN_LIMIT_BYTES, Outbox


def test_take_joins_everything_in_order_and_forgets_it() -> None:
    outbox = Outbox()
    outbox.push("x", b"1")
    outbox.push_reply(b"2")
    outbox.push("x", b"3")
    assert outbox.waiting == 3
    assert outbox.take() == b"123"
    assert outbox.is_empty
    assert outbox.frames == 3
    assert outbox.conflated == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99))))
def test_blocked_keeps_the_final_value_of_each_in_order_of_first_arrival(pushes: list[tuple[int, int]]) -> None:
    outbox = Outbox()
    outbox.block()
    final: dict[int, int] = {}
    for slot, value in pushes:
        outbox.push(slot, f"{slot}:{value};".encode())
        final[slot] = value
    assert outbox.waiting == len(final)
    assert outbox.conflated == len(pushes) - len(final)
    assert outbox.take() == "".join(f"{slot}:{value};" for slot, value in final.items()).encode()


def test_unblocked_keeps_every_value() -> None:
    outbox = Outbox()
    outbox.block()
    outbox.push("x", b"1")
    outbox.unblock()
    outbox.push("x", b"2")
    outbox.push("x", b"3")
    assert sorted(outbox.take()) == sorted(b"123")
    assert outbox.conflated == 0


def test_a_turn_beyond_its_limit_conflates() -> None:
    outbox = Outbox()
    piece = b"x" * (TURN_LIMIT_BYTES // 4)
    for _ in range(40):
        outbox.push("slot", piece)
    assert outbox.waiting <= 6
    assert outbox.conflated >= 34
    assert len(outbox.take()) <= TURN_LIMIT_BYTES * 2


def test_replies_beyond_their_limit_are_reported() -> None:
    outbox = Outbox()
    assert outbox.push_reply(b"x" * REPLIES_LIMIT_BYTES)
    assert not outbox.push_reply(b"x")


def test_a_run_leaves_as_its_piece_and_is_taken_apart_for_one_who_does_not_read() -> None:
    run = [("x", b"1"), ("y", b"2"), ("x", b"3")]
    outbox = Outbox()
    outbox.push_run(run, b"123")
    assert outbox.waiting == 3
    assert (outbox.take(), outbox.frames, outbox.waiting) == (b"123", 3, 0)
    outbox.block()
    outbox.push_run(run, b"123")
    assert (outbox.waiting, outbox.conflated) == (2, 1)
    assert (outbox.take(), outbox.frames) == (b"32", 5)


def test_paced_gives_one_frame_at_a_time_answers_first_and_conflates() -> None:
    outbox = Outbox()
    outbox.is_paced = True
    outbox.push("x", b"1")
    outbox.push("y", b"2")
    outbox.push_run([("x", b"3"), ("z", b"4")], b"34")
    outbox.push_reply(b"0")
    assert [outbox.take_one() for _ in range(4)] == [b"0", b"3", b"2", b"4"]
    assert outbox.is_empty
    assert (outbox.conflated, outbox.frames) == (1, 4)


def test_answers_go_before_what_came_while_they_were_under_way() -> None:
    outbox = Outbox()
    outbox.push("a", b"1")
    outbox.hold()
    outbox.push("b", b"4")
    outbox.push_reply(b"2")
    outbox.push_reply(b"3")
    assert outbox.is_empty, "nothing is given out"
    outbox.let_go()
    assert not outbox.is_empty
    assert outbox.take() == b"1234"


def test_what_waits_for_an_answer_is_bounded_too() -> None:
    outbox = Outbox()
    outbox.hold()
    for _ in range(100):
        outbox.push("a", b"x" * 100_000)
    assert outbox.waiting < 15
    outbox.push_reply(b"answer")
    outbox.let_go()
    assert outbox.take().startswith(b"answerx")
