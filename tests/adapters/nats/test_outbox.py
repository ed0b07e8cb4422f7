from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from adapters.nats import outbox
from adapters.nats.outbox import ConflatingOutbox
from market.modes import Mode
from tests.doubles.ticks import INFY, SBIN, tick_of


def test_everything_passes_in_order_while_the_server_keeps_up() -> None:
    box = ConflatingOutbox(Counter())
    for n in range(10):
        box.put(tick_of(ltp=float(n)), Mode.LTP)
    assert [tick.ltp for tick, _ in box.take(4) + box.take(100)] == [float(n) for n in range(10)]
    assert len(box) == 0


def test_while_it_is_held_back_the_newest_of_each_mode_remains_in_order_of_arrival() -> None:
    counters: Counter[str] = Counter()
    box = ConflatingOutbox(counters)
    box.put(tick_of(SBIN, ltp=1.0), Mode.LTP)
    box.hold_back()
    box.put(tick_of(INFY, ltp=2.0), Mode.LTP)
    box.put(tick_of(SBIN, ltp=3.0), Mode.QUOTE)
    box.put(tick_of(SBIN, ltp=4.0), Mode.LTP)
    taken = box.take(2)
    box.put(tick_of(SBIN, ltp=5.0), Mode.QUOTE)
    taken += box.take(2)
    assert [(tick.key, mode, tick.ltp) for tick, mode in taken] == [
        (SBIN, Mode.LTP, 4.0),
        (INFY, Mode.LTP, 2.0),
        (SBIN, Mode.QUOTE, 5.0),
    ]
    assert counters["conflated"] == 2
    box.put(tick_of(ltp=6.0), Mode.LTP)
    box.put(tick_of(ltp=7.0), Mode.LTP)
    assert len(box.take(9)) == 2, "once it is empty nothing is conflated any more"


def test_a_slow_server_makes_it_conflate_by_itself() -> None:
    counters: Counter[str] = Counter()
    box = ConflatingOutbox(counters)
    for n in range(outbox.QUEUE_LIMIT + 1):
        box.put(tick_of(ltp=float(n)), Mode.LTP)
    assert [tick.ltp for tick, _ in box.take(10)] == [float(outbox.QUEUE_LIMIT)]
    assert counters["conflated"] == outbox.QUEUE_LIMIT


def test_beyond_its_slots_it_gives_up_the_oldest() -> None:
    counters: Counter[str] = Counter()
    box = ConflatingOutbox(counters)
    box.hold_back()
    for n in range(outbox.SLOTS_LIMIT + 3):
        box.put(tick_of(SBIN._replace(symbol=f"S{n}")), Mode.LTP)
    assert (len(box), counters["dropped"]) == (outbox.SLOTS_LIMIT, 3)
    assert box.take(1)[0][0].key.symbol == "S3"


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(Mode)) | st.sampled_from(["hold", "take"])))
def test_the_final_value_of_each_is_always_delivered(steps: list[object]) -> None:
    box = ConflatingOutbox(Counter())
    final: dict[object, float] = {}
    delivered: dict[object, float | None] = {}

    def take(most: int) -> None:
        for tick, mode in box.take(most):
            delivered[tick.key.symbol, mode] = tick.ltp

    for n, step in enumerate(steps):
        if step == "hold":
            box.hold_back()
        elif step == "take":
            take(2)
        elif isinstance(step, tuple):
            box.put(tick_of(SBIN._replace(symbol=step[0]), ltp=float(n)), step[1])
            final[step] = float(n)
    while len(box):
        take(2)
    assert delivered == final
