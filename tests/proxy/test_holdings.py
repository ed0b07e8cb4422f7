"""Long lists are dealt with slice by slice, and a client cannot tell."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest

from market.instruments import InstrumentKey
from market.subscriptions import Subscription
from proxy.actions import Send, SendSnapshot
from proxy.desk import Desk
from proxy.holdings import SLICE
from proxy.hub import Hub
from proxy.router import FeedRouter
from proxy.session import Identity, Session
from tests.doubles.fake_feed import FakeFeed

MANY = 5 * SLICE + 7
NAMES = [f"S{number}" for number in range(MANY)]


class LongTalk:
    """A session that is spoken to step by step. `limit` is how many subscriptions it may hold."""

    def __init__(self, limit: int = 5_000) -> None:
        hub = Hub()
        self.feed = FakeFeed()
        self.desk = Desk(hub, FeedRouter([self.feed], hub.publish))
        self.session = Session("me", self.desk, max_subscriptions=limit)
        self.session.identity = Identity("trader1", 1)

    def begin(self, action: str, names: Collection[str] = NAMES, **more: Any) -> list[Any]:
        symbols = [{"symbol": name, "exchange": "NSE"} for name in names]
        message = {"action": action, "symbols": symbols, "mode": 1, **more}
        return list(self.session.receive(json.dumps(message), 0.0))

    def steps(self) -> list[list[Any]]:
        """The actions of each step that was put off."""
        steps = []
        while self.session.is_busy:
            steps.append(list(self.session.proceed(0.0)))
        return steps


def replies(steps: list[list[Any]]) -> list[dict[str, Any]]:
    return [action.reply for step in steps for action in step if isinstance(action, Send)]


def test_each_step_deals_with_a_slice_and_there_is_one_answer_before_all_snapshots() -> None:
    talk = LongTalk()
    assert talk.begin("subscribe", request_id="r") == []
    steps = talk.steps()
    assert max(len(wishes) for _, wishes in talk.feed.calls) == SLICE
    assert max(map(len, steps)) <= SLICE + 1
    actions = [action for step in steps for action in step]
    kinds = [type(action) for action in actions]
    assert kinds == [Send] + [SendSnapshot] * MANY
    (answer,) = replies(steps)
    assert answer["request_id"] == "r"
    assert [entry["symbol"] for entry in answer["subscriptions"]] == NAMES
    assert [action.key.symbol for action in actions[1:]] == NAMES


def test_nothing_is_held_before_everything_is_checked() -> None:
    talk = LongTalk(limit=MANY - 1)
    talk.begin("subscribe")
    (answer,) = replies(talk.steps())
    assert answer["code"] == "LIMIT_EXCEEDED"
    assert f"{MANY} more do not fit" in answer["message"]
    assert talk.feed.calls == []


def test_the_answer_is_under_way_from_the_first_that_is_held_to_the_last() -> None:
    talk = LongTalk()
    talk.begin("subscribe")
    assert not talk.session.is_answering
    was_answered = False
    while talk.session.is_busy:
        actions = talk.session.proceed(0.0)
        was_answered = was_answered or any(isinstance(action, Send) for action in actions)
        if talk.feed.calls:
            assert talk.session.is_answering != was_answered
    assert was_answered


def test_a_short_list_is_answered_at_once() -> None:
    talk = LongTalk()
    ack, *snapshots = talk.begin("subscribe", NAMES[:SLICE])
    assert (type(ack), len(snapshots)) == (Send, SLICE)
    talk.steps()
    (gone,) = talk.begin("unsubscribe", NAMES[:SLICE])
    assert gone.reply["status"] == "success"
    assert talk.feed.wished == []


def test_what_is_said_meanwhile_waits_and_is_answered_after() -> None:
    talk = LongTalk()
    talk.begin("subscribe")
    assert talk.session.receive(b'{"action":"ping"}', 0.0) == []
    assert talk.begin("unsubscribe", NAMES[:3]) == []
    types = [reply["type"] for reply in replies(talk.steps())]
    assert types == ["subscribe", "pong", "unsubscribe"]
    assert len(talk.feed.wished) == MANY - 3


def test_messages_that_waited_are_answered_in_slices_too() -> None:
    talk = LongTalk()
    talk.begin("subscribe")
    for _ in range(1_000):
        talk.session.receive(b'{"action":"ping"}', 0.0)
    steps = talk.steps()
    assert sum(reply["type"] == "pong" for reply in replies(steps)) == 1_000
    assert max(map(len, steps)) <= SLICE + 1


@pytest.mark.parametrize("steps", [1, 4, 9, 12, 14])
def test_one_that_leaves_in_between_lets_go_of_what_it_had(steps: int) -> None:
    talk = LongTalk()
    talk.begin("subscribe")
    for _ in range(steps):
        talk.session.proceed(0.0)
    assert talk.session.is_busy
    while talk.session.close():
        assert not talk.session.is_busy
    assert talk.feed.wished == []
    assert len(talk.desk.clients) == 0


def test_everything_is_let_go_slice_by_slice() -> None:
    talk = LongTalk()
    talk.begin("subscribe")
    talk.steps()
    assert talk.begin("unsubscribe_all") == []
    (answer,) = replies(talk.steps())
    assert [entry["symbol"] for entry in answer["successful"]] == NAMES
    assert max(len(wishes) for _, wishes in talk.feed.calls) == SLICE
    assert talk.feed.wished == []
    talk.begin("subscribe")
    talk.steps()
    talk.begin("unsubscribe")
    (answer,) = replies(talk.steps())
    assert len(answer["successful"]) == MANY
    assert talk.feed.wished == []


def test_a_fault_in_between_leaves_nothing_half_subscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = LongTalk()
    subscribe = talk.desk.subscribe_client
    calls = []

    def fails_later(client: Any, wishes: list[Subscription], levels: int, **more: Any) -> Any:
        calls.append(wishes)
        if len(calls) == 3:
            raise ValueError("a fault of ours")
        return subscribe(client, wishes, levels, **more)

    monkeypatch.setattr(talk.desk, "subscribe_client", fails_later)
    talk.begin("subscribe")
    with pytest.raises(ValueError, match="a fault of ours"):
        talk.steps()
    assert not talk.session.is_busy
    assert talk.feed.wished == []
    assert talk.session.close() is False


def test_bad_elements_fail_alone_wherever_they_stand() -> None:
    talk = LongTalk()
    symbols: list[Any] = [{"symbol": name, "exchange": "NSE"} for name in NAMES]
    symbols[SLICE + 3] = 7
    symbols[-1] = {"symbol": "X", "exchange": "MARS"}
    talk.session.receive(json.dumps({"action": "subscribe", "symbols": symbols, "mode": 1}), 0.0)
    (answer,) = replies(talk.steps())
    assert answer["status"] == "partial"
    bad = [n for n, entry in enumerate(answer["subscriptions"]) if entry["status"] == "error"]
    assert bad == [SLICE + 3, MANY - 1]
    assert isinstance(talk.feed.wished[0].key, InstrumentKey)
    assert len(talk.feed.wished) == MANY - 2
