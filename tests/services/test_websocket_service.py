from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from market.exchanges import Exchange
from market.feeds import FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.notices import Notice
from market.ticks import Depth, Level, Tick, Update
from services import websocket_service as service
from services.market_data_service import MarketDataService, get_market_data_service
from tests.doubles.fake_desk import FakeDesk

SBIN = InstrumentKey(Exchange.NSE, "SBIN")
TCS = InstrumentKey(Exchange.NSE, "TCS")
ONE = [{"symbol": "SBIN", "exchange": "NSE"}]
TWO = [*ONE, {"symbol": "TCS", "exchange": "NSE"}]
ALL = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit


class Keys:
    """Users with keys, in memory."""

    def __init__(self, *users: str) -> None:
        self.users = set(users)

    def get_user_api_key(self, username: str) -> str | None:
        return f"key of {username}" if username in self.users else None


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def market_data() -> MarketDataService:
    return MarketDataService(lambda: 1000.0)


@pytest.fixture
def keys() -> Keys:
    return Keys("test_user", "asha", "ravi")


@pytest.fixture(autouse=True)
def bound(desk: FakeDesk, market_data: MarketDataService, keys: Keys) -> Iterator[None]:
    service.bind(desk, market_data, keys)
    yield
    service.unbind()


def tick(key: InstrumentKey, **fields: Any) -> Tick:
    return Tick(key, 1000.0, "simulated", **fields)


# The document's own tests, as they stand there


def test_websocket_connection_success() -> None:
    success, client, error = service.get_websocket_connection("test_user")
    assert success == True  # noqa: E712
    assert client is not None
    assert error is None


def test_websocket_connection_no_api_key() -> None:
    success, client, error = service.get_websocket_connection("invalid_user")
    assert success == False  # noqa: E712
    assert client is None
    assert error is not None
    assert "No API key found" in error


def test_error_for_a_user_without_a_key_says_how_to_make_one() -> None:
    _, _, error = service.get_websocket_connection("x")
    assert error is not None
    assert error.startswith("No API key found for user 'x'. Create one with ")
    for answer in (
        service.get_websocket_status("x"),
        service.get_websocket_subscriptions("x"),
        service.subscribe_to_symbols("x", "simulated", ONE),
        service.unsubscribe_from_symbols("x", "simulated", ONE),
        service.unsubscribe_all("x", "simulated"),
        service.get_market_data("x"),
        service.subscribe_to_symbols(None, "simulated", ONE),  # type: ignore[arg-type]
    ):
        assert (answer[0], answer[1]["error_code"], answer[2]) == (False, "NO_API_KEY", 401)
    assert service.register_market_data_callback("x", print) is False


def test_without_an_engine_everything_is_unavailable() -> None:
    service.unbind()
    success, client, error = service.get_websocket_connection("test_user")
    assert (success, client) == (False, None)
    assert error is not None
    assert "engine is not running" in error
    for answer in (service.get_websocket_status("test_user"), service.subscribe_to_symbols("test_user", "b", ONE)):
        assert (answer[1]["error_code"], answer[2]) == ("BROKER_UNAVAILABLE", 503)
    assert service.get_user_api_key("test_user") is None


def test_binding_makes_the_engines_market_data_the_one(market_data: MarketDataService) -> None:
    assert get_market_data_service() is market_data
    service.unbind()
    assert get_market_data_service() is not market_data


def test_same_user_gets_the_same_client() -> None:
    assert service.get_websocket_connection("asha")[1] is service.get_websocket_connection("asha")[1]
    assert service.get_websocket_connection("asha")[1] is not service.get_websocket_connection("ravi")[1]
    assert service.get_user_api_key("asha") == "key of asha"


def test_subscribing_answers_in_the_documents_shape(desk: FakeDesk) -> None:
    success, data, status = service.subscribe_to_symbols("asha", "simulated", TWO, "quote")
    assert (success, status) == (True, 200)
    assert data["status"] == "success"
    assert data["message"] == "Subscription processing complete"
    line = {"status": "success", "mode": "Quote", "depth": 5, "broker": "simulated"}
    assert data["data"] == {"subscriptions": [one | line for one in TWO]}
    assert desk.subscriptions("user:asha") == [(SBIN, Mode.QUOTE), (TCS, Mode.QUOTE)]


def test_one_user_never_sees_what_another_subscribed(desk: FakeDesk) -> None:
    desk.values[SBIN] = tick(SBIN, ltp=800.0)
    service.subscribe_to_symbols("asha", "simulated", ONE)
    assert service.get_websocket_subscriptions("ravi").data["data"] == {"subscriptions": [], "count": 0}
    assert service.get_market_data("ravi").data["data"] == {}
    refused = service.get_market_data("ravi", "SBIN", "NSE")
    assert (refused.status_code, refused.data["error_code"]) == (404, "NOT_SUBSCRIBED")
    service.unsubscribe_all("ravi", "simulated")
    assert service.get_websocket_subscriptions("asha").data["data"]["count"] == 1


def test_client_gives_no_price_that_its_user_did_not_subscribe_to(desk: FakeDesk) -> None:
    desk.values[SBIN] = tick(SBIN, ltp=800.0)
    _, client, _ = service.get_websocket_connection("ravi")
    assert client is not None
    assert client.get_market_data("SBIN", "NSE") == {}


@pytest.mark.parametrize("symbols", [[], None, "SBIN", {"symbol": "SBIN"}, 7])
def test_no_symbols_is_the_documents_error(symbols: Any) -> None:
    answer = service.subscribe_to_symbols("asha", "simulated", symbols)
    assert answer == (
        False,
        {
            "status": "error",
            "message": "No symbols provided for subscription",
            "error_code": "INVALID_SYMBOLS",
        },
        400,
    )


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"symbol": "GONE", "exchange": "NSE"}, "NSE:GONE"),
        ({"symbol": "SBIN", "exchange": "MARS"}, "MARS:SBIN"),
        ({"symbol": "A B", "exchange": "NSE"}, "NSE:A B"),
        ({"symbol": 5, "exchange": "NSE"}, "NSE:5"),
        ("SBIN", "'SBIN'"),
        ({}, "None:None"),
    ],
)
def test_symbol_that_cannot_be_is_named_and_spoils_no_other(desk: FakeDesk, entry: Any, named: str) -> None:
    desk.unknown.add("GONE")
    alone = service.subscribe_to_symbols("asha", "simulated", [entry])
    assert (alone.status_code, alone.data["error_code"]) == (400, "INVALID_SYMBOLS")
    assert named in alone.data["message"]
    partly = service.subscribe_to_symbols("asha", "simulated", [entry, *ONE])
    assert partly.success
    assert [line["status"] for line in partly.data["data"]["subscriptions"]] == ["error", "success"]
    assert named in partly.data["message"]


@pytest.mark.parametrize("mode", ["Full", 0, 4, True, None, 2.5, ""])
def test_mode_that_is_none_is_refused(mode: Any) -> None:
    for act in (service.subscribe_to_symbols, service.unsubscribe_from_symbols):
        answer = act("asha", "simulated", ONE, mode)
        assert (answer.status_code, answer.data["error_code"]) == (400, "INVALID_MODE")


def test_mode_of_a_symbol_counts_more_than_the_mode_of_all(desk: FakeDesk) -> None:
    symbols: list[Any] = [{"symbol": "sbin", "exchange": " nse ", "mode": "depth"}, TWO[1]]
    service.subscribe_to_symbols("asha", "", symbols, 1)
    assert desk.subscriptions("user:asha") == [(SBIN, Mode.DEPTH), (TCS, Mode.LTP)]


def test_limit_of_the_feed_is_said_with_both_numbers() -> None:
    service.bind(FakeDesk(capacity=1), MarketDataService(), Keys("asha"))
    assert service.subscribe_to_symbols("asha", "simulated", ONE).success
    answer = service.subscribe_to_symbols("asha", "simulated", TWO[1:])
    assert (answer.status_code, answer.data["error_code"]) == (409, "CAPACITY_EXCEEDED")
    assert "1 of 1" in answer.data["message"]


def test_broker_that_is_not_running_or_is_down_is_unavailable(desk: FakeDesk) -> None:
    for act in (
        service.subscribe_to_symbols("asha", "zerodha", ONE),
        service.unsubscribe_from_symbols("asha", "zerodha", ONE),
        service.unsubscribe_all("asha", "zerodha"),
        service.get_websocket_status("asha", "zerodha"),
        service.get_websocket_subscriptions("asha", "zerodha"),
    ):
        assert (act.status_code, act.data["error_code"]) == (503, "BROKER_UNAVAILABLE")
        assert act.data["message"].startswith("Broker adapter not available for user")
    desk.status = FeedStatus("simulated", FeedState.FAILED, "The login was refused")
    down = service.subscribe_to_symbols("asha", "simulated", ONE)
    assert down.data["message"] == "Broker adapter not available for user: The login was refused"
    assert service.unsubscribe_all("asha", "simulated").success
    desk.status = FeedStatus("simulated", FeedState.RECONNECTING)
    assert service.subscribe_to_symbols("asha", "simulated", ONE).success


def test_unsubscribing_ends_one_mode_and_is_never_an_error(desk: FakeDesk) -> None:
    service.subscribe_to_symbols("asha", "simulated", TWO, "LTP")
    service.subscribe_to_symbols("asha", "simulated", ONE, "Depth")
    answer = service.unsubscribe_from_symbols("asha", "simulated", ONE, "LTP")
    assert answer.data["data"] == {"successful": [ONE[0] | {"status": "success"}], "failed": []}
    assert desk.subscriptions("user:asha") == [(TCS, Mode.LTP), (SBIN, Mode.DEPTH)]
    assert service.unsubscribe_from_symbols("asha", "simulated", ONE, "Quote").success
    everything = service.unsubscribe_all("asha", "simulated")
    assert len(everything.data["data"]["successful"]) == 2
    assert desk.subscriptions("user:asha") == []


def test_status_tells_state_and_nature_of_each_feed(desk: FakeDesk) -> None:
    service.subscribe_to_symbols("asha", "simulated", ONE)
    data = service.get_websocket_status("asha").data["data"]
    assert data == {
        "connected": True,
        "authenticated": True,
        "user_id": "asha",
        "broker": "simulated",
        "active_subscriptions": 1,
        "feeds": [{"broker": "simulated", "state": "live", "detail": "", "since": 0, "nature": "simulated"}],
        "notices": [],
    }
    desk.standing = (Notice("network", "unencrypted", "Other computers can reach it"),)
    assert service.get_websocket_status("asha").data["data"]["notices"] == ["Other computers can reach it"]
    desk.status = FeedStatus("simulated", FeedState.MUTE, "Nothing for 20 s")
    assert service.get_websocket_status("asha", "simulated").data["data"]["connected"] is False


def test_market_data_has_the_documents_cache_shape(desk: FakeDesk) -> None:
    service.subscribe_to_symbols("asha", "simulated", TWO)
    assert service.get_market_data("asha", "sbin", "nse").data["data"] == {}
    desk.values[SBIN] = tick(SBIN, ltp=800.0, timestamp=999, depth=Depth((Level(799.0, 5),), ()))
    entry = service.get_market_data("asha", "sbin", "nse").data["data"]
    assert entry["ltp"] == {"value": 800.0, "timestamp": 999}
    assert entry["depth"]["buy"] == [{"price": 799.0, "quantity": 5, "orders": 0}]
    assert service.get_market_data("asha").data["data"] == {"NSE:SBIN": entry}
    assert service.get_market_data("asha", "SBIN").data["data"] == {"NSE:SBIN": entry}
    assert service.get_market_data("asha", exchange="nse").data["data"] == {"NSE:SBIN": entry}


@pytest.mark.parametrize(
    ("symbol", "exchange", "code"),
    [("SBIN", "MARS", "INVALID_SYMBOLS"), ("", "NSE", "INVALID_SYMBOLS"), ("INFY", None, "NOT_SUBSCRIBED")],
)
def test_market_data_of_what_cannot_be_is_an_error(symbol: str, exchange: str | None, code: str) -> None:
    assert service.get_market_data("asha", symbol, exchange).data["error_code"] == code


def test_callback_gets_one_message_per_held_mode_that_moved(market_data: MarketDataService, desk: FakeDesk) -> None:
    seen: list[tuple[str, int]] = []
    assert service.register_market_data_callback("asha", lambda m: seen.append((m["symbol"], m["mode"])))
    service.subscribe_to_symbols("asha", "simulated", ONE, "LTP")
    service.subscribe_to_symbols("asha", "simulated", ONE, "Depth")
    service.subscribe_to_symbols("ravi", "simulated", TWO, "Quote")
    market_data.on_updates([Update(tick(SBIN, ltp=1.0), ALL), Update(tick(TCS, ltp=1.0), ALL)])
    market_data.on_updates([Update(tick(SBIN, ltp=1.0), Mode.DEPTH.bit), Update(tick(SBIN, ltp=1.0), 0)])
    assert seen == [("SBIN", 1), ("SBIN", 3), ("SBIN", 3)]


def test_known_price_reaches_the_callback_as_a_snapshot(desk: FakeDesk) -> None:
    seen: list[dict[str, Any]] = []
    desk.values[SBIN] = tick(SBIN, ltp=800.0)
    service.register_market_data_callback("asha", seen.append)
    service.subscribe_to_symbols("asha", "simulated", TWO, "LTP")
    assert [(message["symbol"], message["data"]["snapshot"], message["data"]["ltp"]) for message in seen] == [
        ("SBIN", True, 800.0)
    ]


@pytest.mark.expected_log("A callback for market_data raised")
def test_callback_that_raises_disturbs_nobody_and_is_logged_once(
    market_data: MarketDataService, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[object] = []

    def broken(message: object) -> None:
        raise RuntimeError("bug")

    service.register_market_data_callback("asha", broken)
    service.register_market_data_callback("asha", seen.append)
    service.subscribe_to_symbols("asha", "simulated", ONE, "LTP")
    for price in (1.0, 1.1):
        market_data.on_updates([Update(tick(SBIN, ltp=price), ALL)])
    assert len(seen) == 2
    assert len([record for record in caplog.records if record.levelname != "INFO"]) == 1


def test_client_emits_its_events_and_listens_only_when_somebody_does(market_data: MarketDataService) -> None:
    _, client, _ = service.get_websocket_connection("asha")
    assert client is not None
    seen: list[str] = []
    for event in ("auth", "subscribe", "unsubscribe", "error", "status"):
        client.register_callback(event, lambda message, event=event: seen.append(event))  # type: ignore[misc]
    client.subscribe(ONE)
    client.subscribe([])
    client.unsubscribe(ONE)
    client.disconnect()
    client.disconnect()
    assert client.connect() is True
    assert seen == ["subscribe", "error", "unsubscribe", "unsubscribe", "status", "status", "auth"]
    assert market_data.get_cache_metrics()["total_subscribers"] == 0
    client.register_callback("market_data", seen.append)
    assert market_data.get_cache_metrics()["total_subscribers"] == 1
    client.unregister_callback("market_data", seen.append)
    assert market_data.get_cache_metrics()["total_subscribers"] == 0


def test_unbinding_ends_every_subscription(desk: FakeDesk, market_data: MarketDataService) -> None:
    service.register_market_data_callback("asha", lambda message: None)
    service.subscribe_to_symbols("asha", "simulated", ONE)
    service.unbind()
    assert desk.subscriptions("user:asha") == []
    assert market_data.get_cache_metrics()["total_subscribers"] == 0


@pytest.mark.expected_log("Unforeseen error in subscribe_to_symbols")
def test_unforeseen_error_is_answered_with_a_general_sentence(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("what was inside")

    monkeypatch.setattr(desk, "subscribe", broken)
    answer = service.subscribe_to_symbols("asha", "simulated", ONE)
    assert (answer.status_code, answer.data["error_code"]) == (500, "INTERNAL_ERROR")
    assert "what was" not in answer.data["message"]


def test_constants_of_the_document_are_there() -> None:
    assert (service.CONNECTION_TIMEOUT, service.AUTHENTICATION_TIMEOUT) == (10, 5)
    assert (service.RECONNECTION_MAX_ATTEMPTS, service.RECONNECTION_DELAY) == (5, 1)
    assert service._port_from(None) == service._port_from("many") == service._port_from("0") == 8765
    assert service._port_from("9001") == 9001
