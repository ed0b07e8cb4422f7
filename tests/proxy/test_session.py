from __future__ import annotations

import json
from typing import Any

import pytest

from market.feeds import FeedState, FeedStatus
from market.modes import Mode
from proxy import messages
from proxy.actions import Send, SendSnapshot, Verify
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.registry import Channel
from proxy.router import FeedRouter
from proxy.session import BACKLOG_LIMIT, STRANGERS_LIMIT, Identity, Session
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN

TRADER = Identity("trader1", 1, "default")


class Talk:
    """A session with its desk, spoken to in Python values."""

    def __init__(self, feed: FakeFeed | None = None, *, authenticated: bool = True, limit: int = 5_000) -> None:
        hub = Hub()
        self.feed = feed or FakeFeed()
        self.desk = Desk(hub, FeedRouter([self.feed], hub.publish))
        self.session = Session("me", self.desk, supported_brokers=("fake", "zmq"), max_subscriptions=limit)
        if authenticated:
            self.say(action="authenticate", api_key="k")
            self.session.verified(TRADER, 0.0)

    def actions(self, **message: Any) -> list[Any]:
        """What is done about a message, once everything that was put off is done too."""
        actions = list(self.session.receive(json.dumps(message), 1_000.0))
        while self.session.is_busy:
            actions += self.session.proceed(1_000.0)
        return actions

    def say(self, **message: Any) -> list[dict[str, Any]]:
        return [action.reply for action in self.actions(**message) if isinstance(action, Send)]


def test_authenticate_asks_for_verification_and_hides_the_key() -> None:
    talk = Talk(authenticated=False)
    (verify,) = talk.actions(action="authenticate", api_key="very-secret")
    assert isinstance(verify, Verify)
    assert verify.api_key.reveal() == "very-secret"
    assert "very-secret" not in repr(verify)


def test_authenticate_success_has_the_known_shape_and_fits_amibroker() -> None:
    talk = Talk(authenticated=False)
    talk.say(action="authenticate", api_key="k")
    (action,) = talk.session.verified(TRADER, 0.0)
    assert isinstance(action, Send)
    assert action.reply == {
        "type": "auth",
        "status": "success",
        "message": "Authentication successful",
        "broker": "fake",
        "user_id": "trader1",
        "supported_features": {"ltp": True, "quote": True, "depth": True},
    }
    assert len(json.dumps(action.reply)) < 511


def test_authenticate_wrong_key_leaves_the_session_unauthenticated() -> None:
    talk = Talk(authenticated=False)
    talk.say(action="authenticate", api_key="k")
    (action,) = talk.session.verified(None, 0.0)
    assert isinstance(action, Send)
    assert action.reply == {"status": "error", "code": "AUTHENTICATION_ERROR", "message": "Invalid API key"}
    assert talk.say(action="get_broker_info")[0]["code"] == "NOT_AUTHENTICATED"


def test_a_long_message_of_a_stranger_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(authenticated=False)
    read: list[int] = []
    parse = messages.parse_message
    monkeypatch.setattr(
        "proxy.session.messages.parse_message", lambda raw, **more: read.append(len(raw)) or parse(raw, **more)
    )
    assert talk.say(action="ping", message="x" * STRANGERS_LIMIT)[0]["code"] == "NOT_AUTHENTICATED"
    assert read == []
    talk.say(action="authenticate", api_key="k")
    talk.session.verified(TRADER, 0.0)
    assert talk.say(action="ping", message="x" * STRANGERS_LIMIT)[0]["type"] == "pong"
    assert len(read) == 2


def test_authenticate_that_cannot_be_verified_does_not_say_why() -> None:
    talk = Talk(authenticated=False)
    talk.say(action="authenticate", api_key="k")
    (action,) = talk.session.not_verified("SERVER_ERROR", "try again", 0.0)
    assert isinstance(action, Send)
    assert action.reply == {"status": "error", "code": "SERVER_ERROR", "message": "try again"}


def test_messages_sent_while_the_key_is_verified_wait_their_turn() -> None:
    talk = Talk(authenticated=False)
    talk.actions(action="authenticate", api_key="k")
    assert talk.actions(action="subscribe", symbol="SBIN", exchange="NSE", mode=1) == []
    assert talk.actions(action="ping") == []
    replies = [a.reply["type"] for a in talk.session.verified(TRADER, 0.0) if isinstance(a, Send)]
    assert replies == ["auth", "subscribe", "pong"]


def test_messages_that_wait_are_bounded() -> None:
    talk = Talk(authenticated=False)
    talk.actions(action="authenticate", api_key="k")
    for _ in range(BACKLOG_LIMIT):
        assert talk.actions(action="ping") == []
    assert talk.say(action="ping")[0]["code"] == "RATE_LIMITED"


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe", "unsubscribe_all", "subscribe_orders", "get_broker_info"])
def test_before_authentication_a_verb_is_refused(verb: str) -> None:
    (reply,) = Talk(authenticated=False).say(action=verb, symbol="SBIN", exchange="NSE")
    assert reply == {"status": "error", "code": "NOT_AUTHENTICATED", "message": "You must authenticate first"}


def test_before_authentication_ping_and_supported_brokers_answer() -> None:
    talk = Talk(authenticated=False)
    assert talk.say(action="ping")[0]["type"] == "pong"
    (brokers,) = talk.say(action="get_supported_brokers")
    assert brokers == {"type": "supported_brokers", "status": "success", "brokers": ["fake", "zmq"], "count": 2}


def test_subscribe_answers_with_label_and_depth_then_snapshots() -> None:
    talk = Talk()
    ack, *snapshots = talk.actions(action="subscribe", symbol="SBIN", exchange="NSE", mode=3, depth=20, request_id="r1")
    assert isinstance(ack, Send)
    assert ack.reply == {
        "type": "subscribe",
        "status": "success",
        "subscriptions": [
            {"symbol": "SBIN", "exchange": "NSE", "status": "success", "mode": "Depth", "depth": 20, "broker": "fake"}
        ],
        "message": "Subscription processing complete",
        "broker": "fake",
        "request_id": "r1",
    }
    assert snapshots == [SendSnapshot(SBIN, Channel(Mode.DEPTH, 20))]


def test_subscribe_partial_and_all_failed() -> None:
    talk = Talk(FakeFeed(symbols=["SBIN"]))
    good, bad = {"symbol": "SBIN", "exchange": "NSE"}, {"symbol": "NOPE", "exchange": "NSE"}
    (reply,) = talk.say(action="subscribe", symbols=[good, bad, "junk"], mode="LTP")
    assert reply["status"] == "partial"
    assert [entry["status"] for entry in reply["subscriptions"]] == ["success", "error", "error"]
    assert reply["subscriptions"][1]["message"] == "Unknown instrument NSE:NOPE"
    (reply,) = talk.say(action="subscribe", symbols=[bad])
    assert reply["status"] == "error"
    assert "request_id" not in reply


def test_subscribe_beyond_the_limit_is_refused_whole() -> None:
    talk = Talk(limit=2)
    symbols = [{"symbol": name, "exchange": "NSE"} for name in ("A", "B", "C")]
    (reply,) = talk.say(action="subscribe", symbols=symbols)
    assert reply["code"] == "LIMIT_EXCEEDED"
    assert "0 of 2" in reply["message"]
    assert talk.feed.wished == []
    assert talk.say(action="subscribe", symbols=symbols[:2])[0]["status"] == "success"
    assert talk.say(action="subscribe", symbols=symbols[:2])[0]["status"] == "success"


def test_unsubscribe_list_with_top_level_mode_removes_that_mode_only() -> None:
    talk = Talk()
    for mode in (1, 2):
        talk.say(action="subscribe", symbol="SBIN", exchange="NSE", mode=mode)
    (reply,) = talk.say(action="unsubscribe", symbols=[{"symbol": "SBIN", "exchange": "NSE"}], mode=1)
    assert reply["status"] == "success"
    assert reply["successful"] == [{"symbol": "SBIN", "exchange": "NSE", "status": "success", "broker": "fake"}]
    assert reply["failed"] == []
    assert [wish.mode for wish in talk.feed.wished] == [Mode.QUOTE]


def test_unsubscribe_without_mode_removes_all_and_unknown_is_success() -> None:
    talk = Talk()
    for mode in (1, 2, 3):
        talk.say(action="subscribe", symbol="SBIN", exchange="NSE", mode=mode)
    (reply,) = talk.say(action="unsubscribe", symbol="SBIN", exchange="NSE")
    assert reply["status"] == "success"
    assert talk.feed.wished == []
    assert talk.say(action="unsubscribe", symbol="NEVER", exchange="NSE")[0]["status"] == "success"


def test_unsubscribe_with_a_bad_element_is_partial() -> None:
    (reply,) = Talk().say(
        action="unsubscribe",
        symbols=[{"symbol": "TCS", "exchange": "NSE", "mode": 9}, {"symbol": "INFY", "exchange": "NSE", "mode": 2}],
    )
    assert reply["status"] == "partial"
    assert reply["failed"][0]["message"].startswith("Invalid mode 9")


def test_unsubscribe_all_lists_what_was_held() -> None:
    talk = Talk()
    talk.say(action="subscribe", symbols=[{"symbol": n, "exchange": "NSE"} for n in ("SBIN", "INFY")], mode=1)
    (reply,) = talk.say(action="unsubscribe", type="unsubscribe_all", request_id="ua")
    assert [entry["symbol"] for entry in reply["successful"]] == ["SBIN", "INFY"]
    assert reply["request_id"] == "ua"
    assert talk.feed.wished == []


def test_orders_are_acknowledged_though_none_will_come() -> None:
    talk = Talk()
    (reply,) = talk.say(action="subscribe_orders", request_id="excel-orders")
    assert reply == {
        "type": "subscribe_orders",
        "status": "success",
        "message": "Subscribed to order updates",
        "request_id": "excel-orders",
    }
    assert talk.say(action="unsubscribe_orders")[0]["message"] == "Unsubscribed from order updates"


def test_broker_info_says_how_the_feed_is() -> None:
    talk = Talk()
    talk.desk.router.report_from(FeedStatus("fake", FeedState.LIVE))
    (reply,) = talk.say(action="get_broker_info")
    assert reply == {
        "type": "broker_info",
        "status": "success",
        "broker": "fake",
        "adapter_status": "connected",
        "user_id": "trader1",
    }
    talk.desk.router.report_from(FeedStatus("fake", FeedState.RECONNECTING))
    assert talk.say(action="get_broker_info")[0]["adapter_status"] == "reconnecting"


def test_close_lets_go_of_everything() -> None:
    talk = Talk()
    talk.say(action="subscribe", symbol="INFY", exchange="NSE")
    talk.session.close()
    assert talk.feed.wished == []
    assert talk.desk.router.serving(INFY) is None


def test_a_key_sees_only_the_modes_of_its_scopes() -> None:
    talk = Talk(authenticated=False)
    talk.say(action="authenticate", api_key="k")
    talk.session.verified(Identity("trader1", 1, "watcher", modes=frozenset({Mode.LTP})), 0.0)
    symbols = [{"symbol": "SBIN", "exchange": "NSE", "mode": 1}, {"symbol": "SBIN", "exchange": "NSE", "mode": 3}]
    (reply,) = talk.say(action="subscribe", symbols=symbols)
    assert reply["status"] == "partial"
    assert reply["subscriptions"][1]["message"] == "This key may not see Depth"
    assert [wish.mode for wish in talk.feed.wished] == [Mode.LTP]


def test_status_updates_list_the_feeds_and_are_remembered() -> None:
    talk = Talk()
    talk.desk.router.report_from(FeedStatus("fake", FeedState.RECONNECTING, "in 2 s", 5_000.0, 1))
    (reply,) = talk.say(action="subscribe_status", request_id=7)
    assert (reply["type"], reply["status"], reply["request_id"]) == ("subscribe_status", "success", 7)
    assert reply["feeds"] == [
        {
            "feed": "fake",
            "state": "reconnecting",
            "nature": "live",
            "detail": "in 2 s",
            "since": 5000,
            "attempt": 1,
        }
    ]
    assert talk.session.wants_status
    assert talk.say(action="unsubscribe_status")[0]["type"] == "unsubscribe_status"
    assert not talk.session.wants_status


def test_subscribe_of_many_does_not_compare_each_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    comparisons = 0

    def compare(one: SendSnapshot, other: object) -> bool:
        nonlocal comparisons
        comparisons += 1
        return repr(one) == repr(other)

    monkeypatch.setattr(SendSnapshot, "__eq__", compare)
    talk = Talk()
    symbols = [{"symbol": f"S{number % 400}", "exchange": "NSE"} for number in range(500)]
    actions = talk.actions(action="subscribe", symbols=symbols, mode=1)
    assert sum(isinstance(action, SendSnapshot) for action in actions) == 400, "and each is sent once"
    assert comparisons < 1_000


def test_more_elements_than_fit_in_a_message_are_refused_unread() -> None:
    talk = Talk()
    for action in ("subscribe", "unsubscribe"):
        (answer,) = talk.say(action=action, symbols=[0] * 5_001)
        assert answer["code"] == "LIMIT_EXCEEDED"
        assert "5001" in answer["message"]
