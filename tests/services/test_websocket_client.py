from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from services import websocket_client
from services.client_connection import Timing
from services.websocket_client import WebSocketClient, close_all_clients, get_websocket_client
from tests.doubles.toy_openalgo import DEADLINE, ToyOpenAlgo

SBIN = {"symbol": "SBIN", "exchange": "NSE"}
TCS = {"symbol": "TCS", "exchange": "NSE"}
QUICK = Timing(connection=5, authentication=5, delay=0.01, longest_delay=0.05, attempts=None)
BRIEF = Timing(connection=0.3, authentication=0.2, delay=0.01, longest_delay=0.02, attempts=2)


@pytest.fixture
def server() -> Iterator[ToyOpenAlgo]:
    with ToyOpenAlgo("good key") as toy:
        yield toy


@pytest.fixture
def client(server: ToyOpenAlgo) -> Iterator[WebSocketClient]:
    made = WebSocketClient("good key", "127.0.0.1", server.port, timing=QUICK)
    assert made.connect(), made.last_error
    yield made
    made.disconnect()


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    close_all_clients()
    left = [thread.name for thread in threading.enumerate() if thread.name == "websocket-client"]
    assert left == []


class Inbox:
    """What a client said by its callbacks, in order."""

    def __init__(self, client: WebSocketClient, *events: str) -> None:
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        for event in events:
            client.register_callback(event, self._messages.put)

    def next(self) -> dict[str, Any]:
        return self._messages.get(timeout=DEADLINE)

    def until(self, name: str, value: object) -> dict[str, Any]:
        while True:
            message = self.next()
            if message.get(name) == value:
                return message


def test_connecting_authenticates_with_the_key(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    assert client.connected
    assert client.authenticated
    assert server.received == [{"action": "authenticate", "api_key": "good key"}]
    assert client.connect() is True
    assert server.logins == 1


def test_wrong_key_is_said_and_not_tried_again(server: ToyOpenAlgo) -> None:
    client = WebSocketClient("wrong key", "127.0.0.1", server.port, timing=QUICK)
    inbox = Inbox(client, "error", "status")
    assert client.connect() is False
    assert client.last_error == "Invalid API key"
    assert inbox.next()["code"] == "AUTHENTICATION_ERROR"
    assert inbox.next()["state"] == "failed"
    assert len(server.received) == 1


def test_server_that_is_not_there_is_said() -> None:
    with ToyOpenAlgo() as toy:
        port = toy.port
    client = WebSocketClient("good key", "127.0.0.1", port, timing=BRIEF)
    assert client.connect() is False
    assert client.last_error == f"No WebSocket server answers at ws://127.0.0.1:{port}"
    assert client.subscribe([SBIN])["error_code"] == "CONNECTION_TIMEOUT"


def test_server_that_never_answers_is_given_up(server: ToyOpenAlgo) -> None:
    server.mute = True
    client = WebSocketClient("good key", "127.0.0.1", server.port, timing=BRIEF)
    assert client.connect() is False
    assert client.last_error == "The server did not answer the authentication within 0.2 seconds"


def test_answer_that_never_comes_is_a_timeout(server: ToyOpenAlgo) -> None:
    client = WebSocketClient("good key", "127.0.0.1", server.port, timing=BRIEF)
    assert client.connect()
    server.mute = True
    answer = client.subscribe([SBIN])
    assert answer == {
        "status": "error",
        "message": "WebSocket connection timeout after 0.3 seconds",
        "error_code": "CONNECTION_TIMEOUT",
    }
    client.disconnect()


def test_ticks_reach_the_callback_and_the_cache(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    inbox = Inbox(client, "market_data")
    answer = client.subscribe([SBIN], mode="Quote")
    assert answer["status"] == "success"
    server.push("NSE", "SBIN", ltp=800.5, close=790.0, timestamp=1753340515071)
    message = inbox.next()
    assert (message["symbol"], message["mode"], message["data"]["ltp"]) == ("SBIN", 2, 800.5)
    assert client.get_market_data("SBIN", "NSE")["ltp"] == {"value": 800.5, "timestamp": 1753340515071}
    assert list(client.get_market_data()) == ["NSE:SBIN"]
    assert client.get_market_data("TCS", "NSE") == {}


def test_modes_of_symbols_go_out_in_frames_of_their_own(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    answer = client.subscribe([SBIN | {"mode": "LTP"}, TCS, SBIN | {"mode": 3}], mode="Quote")
    assert answer["status"] == "success"
    assert len(answer["subscriptions"]) == 3
    assert server.held() == {("NSE", "SBIN", 1), ("NSE", "TCS", 2), ("NSE", "SBIN", 3)}
    assert client.get_subscriptions()["count"] == 3


def test_unsubscribing_tells_the_mode_where_the_real_server_reads_it(
    client: WebSocketClient, server: ToyOpenAlgo
) -> None:
    client.subscribe([SBIN, TCS], mode="LTP")
    client.subscribe([SBIN], mode="Depth")
    assert client.unsubscribe([SBIN], mode="LTP")["status"] == "success"
    assert server.held() == {("NSE", "TCS", 1), ("NSE", "SBIN", 3)}
    assert client.get_subscriptions()["subscriptions"] == [TCS | {"mode": "LTP"}, SBIN | {"mode": "Depth"}]
    assert client.unsubscribe_all()["status"] == "success"
    assert server.held() == set()
    assert client.get_subscriptions()["count"] == 0


def test_symbol_that_the_server_refuses_is_not_held(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    server.unknown.add("GONE")
    answer = client.subscribe([SBIN, {"symbol": "GONE", "exchange": "NSE"}])
    assert answer["status"] == "partial"
    assert client.get_subscriptions()["subscriptions"] == [SBIN | {"mode": "Quote"}]


def test_large_list_goes_out_in_batches(
    client: WebSocketClient, server: ToyOpenAlgo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_client, "BATCH", 10)
    answer = client.subscribe([{"symbol": f"S{number}", "exchange": "NSE"} for number in range(25)])
    assert len(answer["subscriptions"]) == 25
    assert [len(frame["symbols"]) for frame in server.received[1:]] == [10, 10, 5]


def test_acknowledgements_find_their_callers(client: WebSocketClient) -> None:
    answers: dict[str, dict[str, Any]] = {}

    def ask(symbol: str) -> None:
        answers[symbol] = client.subscribe([{"symbol": symbol, "exchange": "NSE"}])

    threads = [threading.Thread(target=ask, args=(f"S{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {symbol: answer["subscriptions"][0]["symbol"] for symbol, answer in answers.items()} == {
        f"S{number}": f"S{number}" for number in range(20)
    }


def test_error_frame_without_a_number_answers_the_oldest_request(
    client: WebSocketClient, server: ToyOpenAlgo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> dict[str, Any]:
        return {"status": "error", "code": "BROKER_ERROR", "message": "Broker adapter not found"}

    monkeypatch.setattr(server, "_answer", refuse)
    answer = client.subscribe([SBIN])
    assert (answer["status"], answer["error_code"]) == ("error", "BROKER_ERROR")
    assert client.get_subscriptions()["count"] == 0


def test_everything_is_subscribed_again_after_a_lost_connection(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    inbox = Inbox(client, "status")
    client.subscribe([SBIN, TCS], mode="Quote")
    client.subscribe([SBIN], mode="Depth")
    held = server.held()
    for login in (2, 3):
        server.drop()
        lost = inbox.until("state", "reconnecting")
        assert lost["attempt"] == 1
        inbox.until("state", "connected")
        server.wait_for(lambda login=login: server.logins == login and server.held() == held)  # type: ignore[misc]
    ticks = Inbox(client, "market_data")
    server.push("NSE", "TCS", ltp=1.0)
    assert ticks.next()["symbol"] == "TCS"


def test_server_that_comes_back_is_found_again(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    client.subscribe([SBIN])
    inbox = Inbox(client, "status")
    port = server.port
    server.stop()
    assert inbox.until("attempt", 3)["detail"] == f"No WebSocket server answers at ws://127.0.0.1:{port}"
    assert not client.connected
    server.start(port)
    inbox.until("state", "connected")
    server.wait_for(lambda: server.held() == {("NSE", "SBIN", 2)})


def test_attempts_are_limited(server: ToyOpenAlgo) -> None:
    client = WebSocketClient("good key", "127.0.0.1", server.port, timing=BRIEF)
    inbox = Inbox(client, "status")
    assert client.connect()
    server.stop()
    assert [inbox.next()["state"] for _ in range(5)] == [
        "connected",
        "reconnecting",
        "reconnecting",
        "failed",
        "disconnected",
    ]
    client.disconnect()


def test_key_that_was_revoked_meanwhile_ends_the_attempts(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    inbox = Inbox(client, "status")
    server.keys.clear()
    server.drop()
    assert inbox.until("state", "failed")["detail"] == "Invalid API key"


def test_request_in_flight_fails_when_the_connection_is_lost(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    server.mute = True
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(client.subscribe([SBIN])))
    thread.start()
    server.wait_for(lambda: len(server.received) == 2)
    server.drop()
    thread.join(DEADLINE)
    assert answers[0]["error_code"] == "CONNECTION_TIMEOUT"
    assert "was lost" in answers[0]["message"]


def test_garbage_from_the_server_is_counted_and_skipped(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    for text in ("{", "[1]", '"text"', "null", "{}", '{"type": "pong"}', '{"type": "subscribe", "request_id": 9}'):
        server.push_text(text)
    assert client.subscribe([SBIN])["status"] == "success"
    assert client._connection.undecodable == 4


async def test_calling_it_on_a_running_loop_is_refused(client: WebSocketClient) -> None:
    for call in (
        lambda: client.subscribe([SBIN]),
        lambda: client.unsubscribe([SBIN]),
        client.unsubscribe_all,
        client.connect,
        lambda: get_websocket_client("good key"),
    ):
        with pytest.raises(RuntimeError, match="running event loop"):
            call()
    assert (await asyncio.to_thread(client.subscribe, [SBIN]))["status"] == "success"


@pytest.mark.expected_log("A callback for market_data raised")
def test_callback_that_calls_back_is_refused_and_disturbs_nothing(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    client.subscribe([SBIN])
    client.register_callback("market_data", lambda message: client.subscribe([TCS]))
    inbox = Inbox(client, "market_data")
    server.push("NSE", "SBIN", ltp=1.0)
    assert inbox.next()["data"]["ltp"] == 1.0


def test_one_client_per_key_and_address(server: ToyOpenAlgo) -> None:
    server.keys.add("other key")
    first = get_websocket_client("good key", "127.0.0.1", server.port)
    assert get_websocket_client("good key", "127.0.0.1", server.port) is first
    assert get_websocket_client("other key", f"ws://127.0.0.1:{server.port}") is not first
    assert server.logins == 2
    close_all_clients()
    assert not first.connected
    assert get_websocket_client("good key", "127.0.0.1", server.port) is not first


def test_client_that_cannot_connect_is_not_kept(server: ToyOpenAlgo) -> None:
    with pytest.raises(ConnectionError, match="Invalid API key"):
        get_websocket_client("late key", "127.0.0.1", server.port)
    server.keys.add("late key")
    assert get_websocket_client("late key", "127.0.0.1", server.port).connected


def test_disconnecting_twice_and_connecting_again(client: WebSocketClient, server: ToyOpenAlgo) -> None:
    client.subscribe([SBIN])
    client.disconnect()
    client.disconnect()
    assert client.subscribe([SBIN])["error_code"] == "CONNECTION_TIMEOUT"
    assert client.connect()
    server.wait_for(lambda: server.held() == {("NSE", "SBIN", 2)})


def test_key_is_in_no_log_and_no_text(client: WebSocketClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="services")
    client.subscribe([SBIN])
    assert "good key" not in caplog.text + repr(vars(client)) + repr(vars(client._connection))


def test_waits_double_are_capped_and_spread() -> None:
    timing = Timing(delay=1, longest_delay=30)
    for attempt, longest in ((1, 1), (2, 2), (3, 4), (6, 30), (5000, 30)):
        waits = [timing.before(attempt) for _ in range(200)]
        assert longest / 2 <= min(waits) < max(waits) <= longest
        assert max(waits) - min(waits) > longest / 10
