"""Nonsense from clients, publishers and our own adapters: no word from inside gets out, nobody else notices."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from typing import Any

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.zmq.feed import ZmqFeed
from proxy.actions import Send
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.router import FeedRouter
from proxy.session import Identity, Session
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import BINARY, CLOSE, TEXT, RawClient, masked_frame
from tests.doubles.served import GOOD_KEY, dial, eventually, hear, logged_in, say, served
from tests.doubles.ticks import SBIN, tick_of

BRIEF = {"symbol": "SBIN", "exchange": "NSE"}
CODES = {
    "INVALID_JSON",
    "INVALID_ACTION",
    "INVALID_PARAMETERS",
    "INVALID_MODE",
    "NOT_AUTHENTICATED",
    "AUTHENTICATION_ERROR",
    "LIMIT_EXCEEDED",
    "RATE_LIMITED",
}
# Words of exceptions. (`NoneType` is not one: the known answer to `"mode": null` has it.)
INSIDES = ("Traceback", "object has no", "not subscriptable", "unhashable", "recursion", "<class", " at 0x", "File ")


def is_ours(reply: Any) -> bool:
    """Whether a reply is one that the protocol knows, without a word from inside."""
    text = json.dumps(reply)
    known = reply.get("status") != "error" or "type" in reply or reply["code"] in CODES
    return known and not any(word in text for word in INSIDES)


# --- who sends nonsense


def _nonsense(chance: random.Random) -> bytes:
    """A frame that is one, with anything in it."""
    kind = chance.random()
    if kind < 0.3:
        return masked_frame(chance.randbytes(chance.randrange(60)), chance.choice([TEXT, BINARY]))
    if kind < 0.9:
        return masked_frame(json.dumps(_odd_message(chance)).encode())
    return masked_frame(chance.randbytes(chance.randrange(100)), chance.choice([0x9, 0xA]))


ODD_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2,
    2.5,
    1 << 70,
    "",
    "LTP",
    "depth",
    "SBIN",
    "NSE",
    " nse_index ",
    "\u0000",
    "☃" * 50,
    [],
    {},
    [None],
    [[]],
    [BRIEF],
    [{**BRIEF, "mode": 3}, {"symbol": 1}, "SBIN"],
    {"symbol": "SBIN"},
]
ODD_VERBS: list[Any] = [
    *("auth", "subscribe", "subscribe", "subscribe", "unsubscribe", "unsubscribe_all", "subscribe_orders"),
    *("subscribe_status", "ping", "pong", "get_broker_info", "get_supported_brokers", "buy", None, 7, []),
]
NAMES = (
    "symbol",
    "exchange",
    "symbols",
    "instruments",
    "mode",
    "depth",
    "depth_level",
    "request_id",
    "api_key",
    "type",
)


def _odd_message(chance: random.Random) -> Any:
    if chance.random() < 0.05:
        return chance.choice(ODD_VALUES)
    message: dict[str, Any] = {"action": chance.choice(ODD_VERBS)}
    for name in chance.sample(NAMES, chance.randrange(5)):
        message[name] = chance.choice(ODD_VALUES)
    return message


async def _takes(client: RawClient, frames: list[bytes]) -> None:
    """Send `frames` and read whatever comes back until the answer to the last ping, or the end."""
    end = masked_frame(b'{"action":"ping","timestamp":"end"}')
    client.writer.write(b"".join(frames) + end)
    if frames[-1][0] & 0x80 == 0:
        # What is no frame may announce bytes that never come.
        client.writer.write_eof()
    try:
        while True:
            opcode, payload = await client.frame()
            if opcode == CLOSE:
                return
            if opcode != TEXT:
                continue
            reply = json.loads(payload)
            assert is_ours(reply), reply
            if reply.get("client_timestamp") == "end":
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        return


async def test_a_hundred_thousand_random_frames_break_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20_260_214)
    async with served(inbound_rate=1e9, inbound_burst=1e9, max_frame_bytes=1 << 16) as world:
        monkeypatch.setattr(world.server.wrong_keys, "count", lambda address, now_s: 0.0)
        bystander = await logged_in(world)
        for _ in range(250):
            client = await RawClient.connect(world)
            await (client.log_in() if chance.random() < 0.8 else client.open())
            frames = [_nonsense(chance) for _ in range(400)]
            if chance.random() < 0.3:
                frames.append(bytes((chance.randrange(128),)) + chance.randbytes(chance.randrange(30)))
            await _takes(client, frames)
            client.writer.transport.abort()
        assert (await say(bystander, action="ping"))["type"] == "pong"
        await eventually(lambda: len(world.server._connections) == 1)
        assert not world.feed.wished
        await bystander.close()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(NAMES), inner),
    max_leaves=12,
)
VERBS = st.sampled_from(["subscribe", "unsubscribe", "ping", "auth", "subscribe_status"])
MESSAGES = st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, max_size=5).flatmap(
    lambda fields: st.builds(lambda verb: {**fields, "action": verb}, VERBS)
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MESSAGES.map(json.dumps) | JSON_VALUES.map(json.dumps) | st.binary() | st.text(), max_size=6))
def test_no_message_raises_or_is_answered_with_an_inside(messages: list[str | bytes]) -> None:
    hub, feed = Hub(), FakeFeed()
    session = Session("me", Desk(hub, FeedRouter([feed], hub.publish)))
    session.identity = Identity("trader1", 1)
    for message in messages:
        for action in session.receive(message, 0.0):
            if isinstance(action, Send):
                json.dumps(action.reply)
                assert action.reply.get("status") != "error" or is_ours(action.reply)
        session.verified(session.identity, 0.0)
    session.close()
    assert not feed.wished


async def test_nesting_at_the_edge_of_what_can_be_read_is_survived() -> None:
    async with served() as world:
        client = await dial(world)
        for depth in [*range(1, 60), *range(900, 1_010), 5_000, 100_000]:
            deep = f"{'[' * depth}1{']' * depth}"
            for message in (f'{{"action":"ping","timestamp":{deep}}}', f'{{"action":{deep}}}', deep):
                await client.send(message)
                reply = json.loads(await asyncio.wait_for(client.recv(), 5)) if depth < 900 else await client.recv()
                assert "recursion" not in str(reply)
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()


# --- who fails inside


@pytest.mark.expected_log("The fake feed failed to take subscriptions")
async def test_an_adapter_that_raises_is_an_apology_without_its_text() -> None:
    class Raising(FakeFeed):
        def subscribe(self, wishes: Any) -> None:
            raise RuntimeError("password hunter2")

        def unsubscribe(self, wishes: Any) -> None:
            pass

    async with served(Raising()) as world:
        client, bystander = await logged_in(world), await logged_in(world)
        answer = await say(client, action="subscribe", **BRIEF)
        assert answer["status"] == "error"
        assert answer["subscriptions"][0]["message"] == "The fake feed failed to take it"
        assert "hunter2" not in json.dumps(answer)
        assert len(world.desk.clients) == 0
        for each in (client, bystander):
            assert (await say(each, action="ping"))["type"] == "pong"
            await each.close()


@pytest.mark.expected_log("A sink of the hub failed")
async def test_a_sink_that_raises_takes_no_price_from_the_clients() -> None:
    async with served() as world:
        client = await logged_in(world)
        await say(client, action="subscribe", **BRIEF, mode=1)

        def broken(_updates: Any) -> None:
            raise RuntimeError("password hunter2")

        world.hub._sinks.insert(0, broken)
        world.feed.publish(tick_of(SBIN, 5.0))
        frame = await hear(client)
        assert frame["data"]["ltp"] == 5.0
        assert "hunter2" not in json.dumps(frame)
        await client.close()


# --- who publishes nonsense


async def test_a_publisher_of_nonsense_costs_the_others_nothing() -> None:
    feed: Any = ZmqFeed(port=0)
    async with served(feed) as world:
        client = await logged_in(world)
        await say(client, action="subscribe", **BRIEF, mode=1)
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        bad, good = context.socket(zmq.PUB), context.socket(zmq.PUB)
        for socket in (bad, good):
            socket.set(zmq.SNDHWM, 0)
            socket.connect(feed.endpoint)
        await eventually(lambda: bad.send_multipart([b"hello"]) is None and feed.counters["malformed"] > 0)
        before = feed.counters["malformed"]
        nonsense = _bus_nonsense()
        for _ in range(100):
            for frames in nonsense:
                bad.send_multipart(frames)
        await eventually(lambda: feed.counters["malformed"] >= before + 100 * len(nonsense), within_s=20)
        for _ in range(3):
            bad.send_multipart([b"NSE_SBIN_LTP", b"x" * (3 << 20)])
        price = 0.0

        def arrives() -> bool:
            nonlocal price
            price += 1.0
            good.send_multipart([b"NSE_SBIN_LTP", json.dumps({"ltp": price}).encode()])
            return len(world.hub) > 0

        await eventually(arrives)
        assert (await hear(client))["data"]["ltp"] >= 1.0
        assert next(iter(world.hub)).key == SBIN, "and nothing else became known"
        for socket in (bad, good):
            socket.close(linger=0)
        context.term()
        await client.close()
        await feed.stop()


def _bus_nonsense() -> list[list[bytes]]:
    price = b'{"ltp":1}'
    topics = [
        b"",
        b"_",
        b"__",
        b"NSE_SBIN",
        b"NSE__LTP",
        b"NYSE_IBM_LTP",
        b"NSE_SBIN_FULL",
        b"\xff\xfe_X_LTP",
        b"A" * 999,
    ]
    payloads = [b"", b"null", b"[]", b'"text"', b"{", b"\xff", b"[" * 5_000, b"{" + b" " * (1 << 20) + b"}"]
    shapes = [[b"NSE_SBIN_LTP"], [b"NSE_SBIN_LTP", price, price], [b"", b"", b"", b""]]
    return [[topic, price] for topic in topics] + [[b"NSE_SBIN_LTP", payload] for payload in payloads] + shapes


# --- secrets


async def test_no_key_reaches_the_log_whatever_is_done_with_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [GOOD_KEY, "wrong-key-3f9a", "7c1f4e0a9b52d86337e4f0a1c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5"]
    async with served(inbound_burst=200.0) as world:
        for secret in secrets:
            client = await dial(world)
            for message in (
                {"action": "authenticate", "api_key": secret},
                {"type": "auth", "apikey": secret},
                {"action": "subscribe", **BRIEF, "api_key": secret, "request_id": secret},
                {"action": secret},
                {"action": "subscribe", "symbol": secret, "exchange": secret},
            ):
                await client.send(json.dumps(message))
                assert is_ours(await hear(client))
            await client.send("{" + secret)
            assert secret not in await client.recv()
            await client.close()
    ours = [record for record in caplog.records if not record.name.startswith(("websockets.client", "asyncio"))]
    for secret in secrets:
        assert not [record for record in ours if secret in record.getMessage() or secret in str(record.args)]
