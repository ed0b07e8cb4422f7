"""What our server promises its clients, rule by rule: a test named after each; the first nine rules."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from market.feeds import FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from market.instruments import InstrumentKey
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.served import GOOD_KEY, dial, hear, logged_in, say, served
from tests.doubles.ticks import INFY, NIFTY, SBIN, full_tick, tick_of

BRIEF = {"symbol": "SBIN", "exchange": "NSE"}


async def silence(client: Any) -> None:
    """Nothing more has been said to `client`: the answer to a ping comes next."""
    assert (await say(client, action="ping"))["type"] == "pong"


async def closed_with(client: Any) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            await asyncio.wait_for(client.recv(), 5)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def now_tick(key: InstrumentKey = SBIN, **fields: Any) -> Any:
    return full_tick(key, received_ms=time.time() * 1000.0, **fields)


async def test_row_01_every_exchange_that_a_client_relies_on_works() -> None:
    async with served(supported_brokers=("fake",)) as world:
        client = await dial(world)
        answers = {
            "auth": await say(client, type="auth", apikey=GOOD_KEY),
            "subscribe": await say(client, action="subscribe", **BRIEF, request_id={"n": 1}),
            "unsubscribe": await say(client, action="unsubscribe", **BRIEF, request_id=[2]),
            "all": await say(client, type="unsubscribe_all", action="unsubscribe", request_id="3"),
            "orders": await say(client, action="subscribe_orders", request_id="excel-orders"),
            "info": await say(client, action="get_broker_info", request_id=4),
            "brokers": await say(client, action="get_supported_brokers"),
            "pong": await say(client, action="ping", timestamp=5, _pingId="p"),
            "error": await say(client, action="none", request_id=6),
        }
        keys = {name: " ".join(answer) for name, answer in answers.items()}
        assert keys == {
            "auth": "type status message broker user_id supported_features",
            "subscribe": "type status subscriptions message broker request_id",
            "unsubscribe": "type status message successful failed broker request_id",
            "all": "type status message successful failed broker request_id",
            "orders": "type status message request_id",
            "info": "type status broker adapter_status user_id",
            "brokers": "type status brokers count",
            "pong": "type status server_timestamp client_timestamp _pingId",
            "error": "status code message",
        }
        assert " ".join(answers["subscribe"]["subscriptions"][0]) == "symbol exchange status mode depth broker"
        assert " ".join(answers["unsubscribe"]["successful"][0]) == "symbol exchange status broker"
        await client.close()


@pytest.mark.parametrize("mode", [1, "1", "LTP", "ltp", " Ltp "])
@pytest.mark.parametrize("listed", ["symbols", "instruments", None])
async def test_row_02_every_spelling_is_accepted_and_the_answer_is_canonical(mode: Any, listed: str | None) -> None:
    async with served() as world:
        client = await logged_in(world)
        element = {"symbol": " nifty ", "exchange": "nse_index"}
        message: dict[str, Any] = (
            {listed: [{**element, "mode": mode}], "mode": 2} if listed else {**element, "mode": mode}
        )
        (entry,) = (await say(client, action="subscribe", **message))["subscriptions"]
        assert (entry["symbol"], entry["exchange"], entry["mode"]) == ("NIFTY", "NSE_INDEX", "LTP")
        for name in ("depth", "depth_level"):
            (entry,) = (await say(client, action="subscribe", **BRIEF, mode="depth", **{name: 20}))["subscriptions"]
            assert entry["depth"] == 20
        await client.close()


async def test_row_03_nothing_is_done_before_everything_is_checked() -> None:
    async with served(FakeFeed(symbols=["SBIN"])) as world:
        client = await logged_in(world)
        bad = [
            BRIEF,
            "SBIN",
            None,
            7,
            [],
            {},
            {"symbol": "NOPE", "exchange": "NSE"},
            {"symbol": "SBIN", "exchange": "X"},
        ]
        answer = await say(client, action="subscribe", symbols=bad, mode=1)
        assert answer["status"] == "partial"
        assert [entry["status"] for entry in answer["subscriptions"]] == ["success"] + ["error"] * 7
        assert (await say(client, action="subscribe", symbols=bad[1:], mode=1))["status"] == "error"
        assert len(world.feed.wished) == 1
        wrong = [
            {"action": "subscribe", "symbols": {"symbol": "SBIN"}},
            {"action": "subscribe", "symbols": 7},
            {"action": "subscribe", **BRIEF, "depth": []},
            {"action": "authenticate", "api_key": 7},
            ["subscribe"],
            "subscribe",
            7,
        ]
        for message in wrong:
            await client.send(json.dumps(message))
            error = await hear(client)
            assert error["code"] == "INVALID_PARAMETERS", message
            assert any(word in error["message"] for word in ("must be", "Expected")), "it says what was expected"
            assert not any(word in error["message"] for word in ("NoneType", "object has no", "Error", "Traceback"))
        await client.close()


async def test_row_04_list_unsubscribe_ends_what_the_client_means() -> None:
    async with served() as world:
        client = await logged_in(world)
        all_modes = [{**BRIEF, "mode": mode} for mode in (1, 2, 3)]
        cases: list[tuple[dict[str, Any], set[int]]] = [
            ({"symbols": [{**BRIEF, "mode": 1}], "mode": 2}, {2, 3}),
            ({"symbols": [BRIEF], "mode": "Quote"}, {1, 3}),
            ({"symbols": [BRIEF]}, set()),
            ({**BRIEF, "mode": 3}, {1, 2}),
            (BRIEF, set()),
        ]
        for message, left in cases:
            assert (await say(client, action="subscribe", symbols=all_modes))["status"] == "success"
            answer = await say(client, action="unsubscribe", **message)
            assert (answer["status"], len(answer["successful"])) == ("success", 1)
            assert {int(wish.mode) for wish in world.feed.wished} == left
        assert (await say(client, action="unsubscribe", symbol="NEVER", exchange="NSE"))["status"] == "success"
        await client.close()


async def test_row_05_each_held_mode_gets_its_own_frame() -> None:
    async with served() as world:
        client, other = await logged_in(world), await logged_in(world)
        await say(client, action="subscribe", symbols=[{**BRIEF, "mode": mode} for mode in (1, 2, 3)])
        await say(other, action="subscribe", **BRIEF, mode=1)
        world.feed.publish(now_tick())
        first = [await hear(client) for _ in range(3)]
        assert [frame["mode"] for frame in first] == [1, 2, 3]
        world.feed.publish(now_tick(bid_size=341))
        world.feed.publish(now_tick(bid_size=341))
        assert [(await hear(client))["mode"] for _ in range(2)] == [2, 3], "LTP fields have not changed"
        assert (await hear(other))["mode"] == 1
        assert [set(frame["data"]) & {"depth", "open"} for frame in first] == [set(), {"open"}, {"open", "depth"}]
        await silence(client)
        await silence(other)
        await client.close()
        await other.close()


async def test_row_06_the_envelope_and_its_types_are_those_that_typed_clients_parse() -> None:
    async with served() as world:
        client = await logged_in(world)
        ack = await say(client, action="subscribe", **BRIEF, mode=3)
        assert ack["subscriptions"][0]["mode"] == "Depth"
        world.feed.publish(now_tick(volume=12.0, last_quantity=25.0, total_buy_quantity=10.0))
        text = await asyncio.wait_for(client.recv(), 5)
        frame = json.loads(text)
        assert list(frame) == ["type", "symbol", "exchange", "mode", "data", "broker"]
        assert type(frame["mode"]) is int
        data = frame["data"]
        assert (data["symbol"], data["exchange"]) == ("SBIN", "NSE")
        whole = "timestamp ltt volume last_trade_quantity last_quantity oi total_buy_quantity bid_size ask_size age_ms"
        assert {name: type(data[name]) for name in whole.split()} == dict.fromkeys(whole.split(), int)
        assert all(type(row["quantity"]) is int for side in ("bids", "asks") for row in data[side])
        for one, two in (("last_trade_quantity", "last_quantity"), ("average_price", "avg_trade_price")):
            assert data[one] == data[two] != 0
        assert data["depth"] == {"buy": data["bids"], "sell": data["asks"]}
        await client.close()


async def test_row_07_the_last_known_value_follows_the_answer() -> None:
    async with served() as world:
        world.feed.publish(now_tick(), tick_of(NIFTY, 24_985.15))
        client = await logged_in(world)
        both = [{"symbol": "INFY", "exchange": "NSE"}, {"symbol": "NIFTY", "exchange": "NSE_INDEX"}, BRIEF]
        assert (await say(client, action="subscribe", symbols=both, mode=1))["type"] == "subscribe"
        snapshots = [await hear(client) for _ in range(2)]
        assert [(frame["symbol"], frame["data"]["snapshot"]) for frame in snapshots] == [
            ("NIFTY", True),
            ("SBIN", True),
        ]
        world.feed.publish(tick_of(INFY, 1500.0))
        assert "snapshot" not in (await hear(client))["data"]
        await client.close()


async def test_row_08_authentication_waits_for_no_broker() -> None:
    class Dead(FakeFeed):
        async def start(self, sink: Any) -> None:
            self.sink = sink
            sink.report(FeedStatus(self.name, FeedState.CONNECTING))

    async with served(Dead(name="a-broker-with-a-rather-long-name")) as world:
        client = await dial(world)
        async with asyncio.timeout(1):
            await client.send(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}))
            first = await client.recv()
        assert json.loads(first)["status"] == "success"
        assert len(first) < 511
        assert (await say(client, action="get_broker_info"))["adapter_status"] == "connecting"
        assert (await say(client, action="subscribe", **BRIEF))["status"] == "success"
        await client.close()


@pytest.mark.parametrize(
    ("nature", "feed_state", "age_s", "is_open", "state"),
    [
        (FeedNature.LIVE, FeedState.LIVE, 0, True, Freshness.LIVE),
        (FeedNature.LIVE, FeedState.LIVE, 30, True, Freshness.QUIET),
        (FeedNature.LIVE, FeedState.MUTE, 0, True, Freshness.STALE),
        (FeedNature.LIVE, FeedState.LIVE, 0, False, Freshness.CLOSED),
        (FeedNature.REPLAY, FeedState.LIVE, 0, True, Freshness.REPLAY),
        (FeedNature.SIMULATED, FeedState.LIVE, 0, True, Freshness.SIMULATED),
    ],
)
async def test_row_09_freshness_travels_with_the_data(
    nature: FeedNature, feed_state: FeedState, age_s: float, is_open: bool, state: Freshness
) -> None:
    async with served(FakeFeed(nature=nature)) as world:
        world.trust.add_feed(FeedStatus("fake", FeedState.LIVE), world.feed.capabilities)
        world.router.add_listener(lambda event: world.trust.report(event) if isinstance(event, FeedStatus) else None)
        world.trust._liveness._sessions.is_open = lambda exchange, at_ms: is_open  # type: ignore[method-assign]
        asks, never_asks = await logged_in(world), await logged_in(world)
        answer = await say(asks, action="subscribe_status", request_id=1)
        assert (answer["type"], answer["feeds"][0]["state"], answer["request_id"]) == ("subscribe_status", "live", 1)
        assert world.feed.sink is not None
        world.feed.sink.report(FeedStatus("fake", feed_state, "The connection was lost"))
        told = await hear(asks)
        assert (told["type"], told["feed"], told["state"]) == ("feed_status", "fake", feed_state.value)
        world.feed.publish(tick_of(SBIN, received_ms=(time.time() - age_s) * 1000.0))
        await say(never_asks, action="subscribe", **BRIEF, mode=1)
        data = (await hear(never_asks))["data"]
        assert data["state"] == state
        assert age_s * 1000 <= data["age_ms"] < age_s * 1000 + 5_000
        await silence(never_asks)
        await asks.close()
        await never_asks.close()
