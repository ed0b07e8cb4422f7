"""The conversation: after any sequence of wishes and reconnects, the server streams what is wanted."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.control import BATCH, StreamControl


def said(control: StreamControl) -> list[tuple[str, list[str], int]]:
    messages = []
    while (message := control.next_message()) is not None:
        request = json.loads(message)
        messages.append((request["method"], request["params"], request["id"]))
    return messages


def test_wishes_go_out_in_batches() -> None:
    control = StreamControl()
    control.want([f"s{n}@ticker" for n in range(BATCH + 1)])
    assert [(method, len(streams), number) for method, streams, number in said(control)] == [
        ("SUBSCRIBE", BATCH, 1),
        ("SUBSCRIBE", 1, 2),
    ]
    assert said(control) == []


def test_wish_withdrawn_before_it_was_sent_is_never_sent() -> None:
    control = StreamControl()
    control.want(["a", "b"])
    control.let_go(["a"])
    assert said(control) == [("SUBSCRIBE", ["b"], 1)]


def test_wish_taken_up_again_before_the_farewell_was_sent_stays_acknowledged() -> None:
    control = StreamControl()
    control.want(["a"])
    said(control)
    assert control.acknowledge(1) == ["a"]
    control.let_go(["a"])
    assert control.acknowledged == set()
    control.want(["a"])
    assert said(control) == []
    assert control.acknowledged == {"a"}


def test_stream_that_is_open_is_not_asked_for_again() -> None:
    control = StreamControl()
    control.want(["a"])
    said(control)
    control.acknowledge(1)
    control.want(["a"])
    assert said(control) == []


def test_wish_taken_up_again_after_the_farewell_is_sent_again() -> None:
    control = StreamControl()
    control.want(["a"])
    said(control)
    control.acknowledge(1)
    control.let_go(["a"])
    assert said(control) == [("UNSUBSCRIBE", ["a"], 2)]
    control.want(["a"])
    assert said(control) == [("SUBSCRIBE", ["a"], 3)]


def test_restart_asks_for_everything_wanted_and_forgets_old_requests() -> None:
    control = StreamControl()
    control.want(["a", "b"])
    said(control)
    control.acknowledge(1)
    control.let_go(["b"])
    control.restart()
    assert control.acknowledged == set()
    assert said(control) == [("SUBSCRIBE", ["a"], 2)]
    assert control.acknowledge(1) == []
    assert control.acknowledge(2) == ["a"]


def test_refused_streams_are_wanted_no_more() -> None:
    control = StreamControl()
    control.want(["a"])
    said(control)
    assert control.refuse(1) == ["a"]
    assert control.refuse(1) == []
    assert control.refuse(None) == []
    control.restart()
    assert said(control) == []


class Server:
    """Carries out what it hears, and acknowledges it."""

    def __init__(self, control: StreamControl) -> None:
        self.streams: set[str] = set()
        self._control = control

    def hear_one(self) -> bool:
        message = self._control.next_message()
        if message is None:
            return False
        request = json.loads(message)
        change = self.streams.update if request["method"] == "SUBSCRIBE" else self.streams.difference_update
        change(request["params"])
        self._control.acknowledge(request["id"])
        return True


_actions = st.sampled_from(["want", "let go", "send", "restart"])


@given(st.lists(st.tuples(_actions, st.sampled_from("abc")), max_size=40))
def test_server_ends_up_streaming_what_is_wanted(steps: list[tuple[str, str]]) -> None:
    control, wanted = StreamControl(), set()
    server = Server(control)
    for action, stream in steps:
        if action == "want":
            control.want([stream])
            wanted.add(stream)
        elif action == "let go" and stream in wanted:
            control.let_go([stream])
            wanted.discard(stream)
        elif action == "restart":
            control.restart()
            server.streams.clear()
        elif action == "send":
            server.hear_one()
    while server.hear_one():
        pass
    assert server.streams == wanted == set(control.wanted) == control.acknowledged
