"""The promises of `test_protocol_rows`, continued: the rules about limits, trust and other ways in and out."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import json
import ssl
import time
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import zmq
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from adapters.broker_factory import FeedSpec
from adapters.zmq.feed import ZmqFeed
from market.credentials import Secret
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from openalgo_desktop.engine import Engine
from openalgo_desktop.failures import UsageError
from openalgo_desktop.options import Arguments, EngineOptions, resolve
from proxy.bus import Bus
from proxy.config import ServerConfig
from proxy.session import Identity
from tests.doubles.amibroker import AmiBroker
from tests.doubles.raw_client import RawClient, handshake
from tests.doubles.served import GOOD_KEY, dial, eventually, hear, logged_in, say, served
from tests.doubles.ticks import INFY, SBIN, full_tick, tick_of
from tests.proxy import test_protocol_rows

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


async def test_row_10_pongs_are_swallowed_and_amibroker_is_served_one_frame_at_a_time() -> None:
    async with served(paced_interval_s=0.02) as world:
        client = await dial(world)
        for pong in ('{"action":"pong"}', '{"type":"pong"}', "pong", b"pong"):
            await client.send(pong)
        await silence(client)
        await client.close()
        plugin = AmiBroker(*world.server.address)
        await plugin.connect(GOOD_KEY)
        for symbol in ("SBIN", "INFY", "TCS"):
            await plugin.subscribe(f"{symbol}-NSE")
        while len(plugin.others) < 3:
            await plugin.poll()
        await plugin.ping()
        for price in range(1, 201):
            world.feed.publish(*(tick_of(InstrumentKey(Exchange.NSE, s), price) for s in ("SBIN", "INFY", "TCS")))
        finals = {("SBIN", 200.0), ("INFY", 200.0), ("TCS", 200.0)}
        while not finals <= {(symbol, price) for symbol, _, price, _ in plugin.prices}:
            await plugin.poll()
        assert plugin.swallowed == 0, "every frame was the first of its read"
        assert len(plugin.prices) < 50, "and they were conflated"
        plugin.close()


async def test_row_11_a_client_that_never_reads_is_conflated_counted_and_closed() -> None:
    async with served(write_high_water=8 << 10) as world:
        mute = await RawClient.connect(world, receive_buffer=4096)
        await mute.log_in()
        mute.say(action="subscribe", **BRIEF, mode=3)
        mute.stop_reading()
        await eventually(lambda: len(world.feed.wished) == 1)
        healthy = await logged_in(world)
        await say(healthy, action="subscribe", symbol="INFY", exchange="NSE", mode=1)
        count = 0

        def is_slow() -> bool:
            nonlocal count
            count += 1
            world.feed.publish(*(full_tick(ltp=float(n), volume=count * 1000 + n) for n in range(100)))
            return any(info.is_slow and info.conflated > 500 for info in world.server.clients())

        await eventually(is_slow, within_s=20)
        assert max(info.waiting for info in world.server.clients()) == 1
        world.feed.publish(tick_of(INFY, 1.0))
        assert (await hear(healthy))["data"]["ltp"] == 1.0
        world.server.config = dataclasses.replace(world.server.config, slow_client_s=0.0)
        await eventually(lambda: len(world.server.clients()) == 1, within_s=10)
        world.server.refresh_counters()
        assert world.desk.counters()["conflated"] > 500
        await mute.close()
        await healthy.close()


async def test_row_12_each_limit_has_its_own_answer() -> None:
    config = ServerConfig()
    assert (config.max_connections, config.max_connections_per_key, config.max_subscriptions) == (200, 20, 5_000)
    assert (config.max_frame_bytes, config.inbound_rate, config.inbound_burst) == (1 << 20, 200, 5_000)
    assert (config.auth_grace_s, config.slow_client_s) == (15, 60)
    small: dict[str, Any] = {"max_connections": 4, "max_connections_per_key": 2, "max_subscriptions": 2}
    async with served(**small, max_frame_bytes=4_000, inbound_burst=20.0, inbound_rate=0.1, auth_grace_s=1.0) as world:
        first, second, third = await logged_in(world), await logged_in(world), await dial(world)
        assert (await say(third, action="authenticate", api_key=GOOD_KEY))["code"] == "LIMIT_EXCEEDED"
        fourth = await dial(world)
        with pytest.raises(InvalidStatus) as caught:
            await dial(world)
        assert caught.value.response.status_code == 503
        three = [{"symbol": name, "exchange": "NSE"} for name in ("A", "B", "C")]
        assert (await say(first, action="subscribe", symbols=three))["code"] == "LIMIT_EXCEEDED"
        assert not world.feed.wished
        codes = [(await say(second, action="ping")).get("code") for _ in range(25)]
        assert codes[-1] == "RATE_LIMITED"
        assert codes.count(None) < 20
        await fourth.send("x" * 4_001)
        assert await closed_with(fourth) == 1009
        assert await closed_with(third) == 4401
        await silence(first)
        await first.close()
        await second.close()


async def test_row_12_wrong_keys_are_answered_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    async with served() as world:
        count = world.server.wrong_keys.count

        def at_once(address: str, now_s: float) -> float:
            waits.append(count(address, now_s))
            return 0.0

        monkeypatch.setattr(world.server.wrong_keys, "count", at_once)
        client = await dial(world)
        for _ in range(8):
            assert (await say(client, action="authenticate", api_key="bad"))["code"] == "AUTHENTICATION_ERROR"
        assert waits[:5] == [0.0] * 5
        assert 0.0 < waits[5] < waits[6] < waits[7]
        await client.close()


async def test_row_13_pages_from_elsewhere_and_strange_hosts_get_403() -> None:
    async with served(allowed_origins=frozenset({"https://mine.example"}), allowed_hosts=frozenset({"box"})) as world:
        for origin in (None, "http://localhost:5173", "http://127.0.0.1", "https://mine.example"):
            client = await dial(world, origin=origin)
            await client.close()
        for origin in ("https://evil.example", "null", "file://", "http://localhost.evil.example", ""):
            with pytest.raises(InvalidStatus) as caught:
                await dial(world, origin=origin)
            assert caught.value.response.status_code == 403
        for host, status in (("localhost:8765", 101), ("[::1]:80", 101), ("box", 101), ("rebound.example", 403)):
            raw = await RawClient.connect(world)
            assert f" {status} ".encode() in await raw.open(handshake(host=host))
            await raw.close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private


async def test_row_14_loopback_by_default_and_encryption_beyond_it(tmp_path: Path) -> None:
    assert ServerConfig().host == resolve(Arguments(profile="p"), {}).ws_host == "127.0.0.1"
    with pytest.raises(UsageError, match="--insecure-lan"):
        resolve(Arguments(profile="p"), {"WEBSOCKET_HOST": "0.0.0.0"})
    assert resolve(Arguments(profile="p", insecure_lan=True), {"WEBSOCKET_HOST": "0.0.0.0"}).insecure_lan
    cert, private = certificate(tmp_path)
    async with served(tls_cert=cert, tls_key=private) as world:
        assert world.server.url.startswith("wss://")
        trusting = ssl.create_default_context(cafile=str(cert))
        client = await logged_in(world, ssl=trusting, server_hostname="localhost")
        world.feed.publish(now_tick())
        await say(client, action="subscribe", **BRIEF, mode=1)
        assert (await hear(client))["data"]["ltp"] == 812.35
        await client.close()
        plain = await RawClient.connect(world)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await plain.open()
        await plain.close()


async def test_row_15_a_client_sees_only_what_its_key_may_see() -> None:
    async with served() as world:
        identity = Identity("trader1", 9, "prices only", modes=frozenset({Mode.LTP}))

        async def verify(key: Secret) -> Identity:
            return identity

        world.server._verifier = verify
        client, expiring = await logged_in(world), await dial(world)
        both = [{**BRIEF, "mode": 1}, {**BRIEF, "mode": 3}]
        answer = await say(client, action="subscribe", symbols=both)
        assert [entry["status"] for entry in answer["subscriptions"]] == ["success", "error"]
        assert "Depth" in answer["subscriptions"][1]["message"]
        world.feed.publish(now_tick())
        assert (await hear(client))["mode"] == 1
        orders = await say(client, action="subscribe_orders")
        assert (orders["type"], orders["status"]) == ("subscribe_orders", "success")
        await silence(client)
        identity = Identity("trader1", 10, "short", expires_ms=time.time() * 1000.0 + 100.0)
        assert (await say(expiring, action="authenticate", api_key="k"))["status"] == "success"
        assert await closed_with(expiring) == 4403
        world.server.disconnect_key(9)
        assert await closed_with(client) == 4403
        await eventually(lambda: not world.feed.wished)


async def test_row_16_msgpack_for_those_who_ask() -> None:
    async with served() as world:
        packed = await dial(world, subprotocols=[Subprotocol("openalgo.msgpack.v1")])
        assert packed.subprotocol == "openalgo.msgpack.v1"
        plain = await logged_in(world, subprotocols=[Subprotocol("something.else")])
        assert plain.subprotocol is None

        async def ask(**message: Any) -> Any:
            await packed.send(msgspec.msgpack.encode(message))
            return msgspec.msgpack.decode(await asyncio.wait_for(packed.recv(), 5))

        assert (await ask(action="authenticate", api_key=GOOD_KEY))["status"] == "success"
        assert (await ask(action="subscribe", **BRIEF, mode=3))["status"] == "success"
        await say(plain, action="subscribe", **BRIEF, mode=3)
        world.feed.publish(now_tick())
        binary, text = await asyncio.wait_for(packed.recv(), 5), await asyncio.wait_for(plain.recv(), 5)
        assert isinstance(binary, bytes)
        assert isinstance(text, str)
        assert msgspec.msgpack.decode(binary) == json.loads(text)
        await packed.send(b"\xc1")
        assert msgspec.msgpack.decode(await packed.recv())["code"] == "INVALID_JSON"
        await packed.close()
        await plain.close()


async def test_row_17_the_bus_in_both_directions() -> None:
    feed: Any = ZmqFeed(port=0)
    async with served(feed) as world:
        client = await logged_in(world)
        keys = [
            InstrumentKey(exchange, "BTCUSDT" if exchange is Exchange.CRYPTO else "NIFTY30DEC25FUT")
            for exchange in Exchange
        ]
        wanted = [{"symbol": key.symbol, "exchange": key.exchange.value} for key in keys]
        assert (await say(client, action="subscribe", symbols=wanted, mode=1))["status"] == "success"
        bus = Bus("127.0.0.1", 0, world.desk, world.trust, now_ms=world.server.now_ms)
        bus.open()
        world.hub.add_sink(bus.on_updates)
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        publisher, reader = context.socket(zmq.PUB), context.socket(zmq.SUB)
        publisher.connect(feed.endpoint)
        reader.connect(bus.endpoint)
        reader.subscribe(b"")
        reader.set(zmq.RCVTIMEO, 5_000)

        def joined() -> bool:
            publisher.send_multipart([b"one frame only"])
            bus.on_updates([])
            return feed.counters["malformed"] > 0 and bool(bus._prefixes)

        await eventually(joined)
        topics = [f"{key.exchange}_{key.symbol}_LTP".encode() for key in keys]
        for topic in topics:
            publisher.send_multipart([topic, b'{"ltp":1.5}'])
            publisher.send_multipart([b"nonsense", b"\xff", b"three"])
        heard = [await hear(client) for _ in topics]
        assert {(frame["exchange"], frame["data"]["ltp"]) for frame in heard} == {(e.value, 1.5) for e in Exchange}
        passed_on = [await asyncio.to_thread(reader.recv_multipart) for _ in topics]
        assert {topic for topic, _ in passed_on} == set(topics)
        assert feed.counters["malformed"] >= len(topics)
        for socket in (publisher, reader):
            socket.close(linger=0)
        context.term()
        world.hub.remove_sink(bus.on_updates)
        bus.close()
        await client.close()
        await feed.stop()


DATA = (
    *("quotes", "multiquotes", "depth", "history", "intervals", "symbol", "search", "expiry", "optionchain"),
    *("optionsymbol", "optiongreeks", "syntheticfuture", "ping", "market/holidays", "market/timings"),
)
LOCAL = (
    *(("GET", name) for name in ("status", "subscriptions", "apikey", "market-data")),
    *(("POST", name) for name in ("subscribe", "unsubscribe", "unsubscribe-all")),
)


async def test_row_18_every_endpoint_of_the_data_api_is_there(tmp_path: Path) -> None:
    options = EngineOptions(
        profile=tmp_path,
        feeds=(FeedSpec("simulated", "50"),),
        endpoints={},
        **dict.fromkeys(("ws_port", "http_port", "zmq_port", "zmq_pub_port"), 0),
    )
    engine = Engine(options)
    await engine.start()
    try:
        key = engine.api_keys.create("test_user", "default").key.reveal()
        asked = [("POST", f"/api/v1/{name}") for name in DATA]
        asked += [("GET", "/api/v1/instruments"), ("GET", "/api/v1/ticker/NSE:RELIANCE")]
        asked += [(method, f"/api/websocket/{name}") for method, name in LOCAL]
        async with aiohttp.ClientSession(engine.http.url) as client:
            for method, path in asked:
                body = {"json": {"apikey": key}} if method == "POST" else {"params": {"apikey": key}}
                async with client.request(method, path, **body) as answer:
                    assert answer.status in (200, 400, 401, 403), f"{method} {path}: {answer.status}"
            async with client.post("/api/v1/quotes/", json={"apikey": "no", **BRIEF}) as answer:
                refused = await answer.text()
                assert answer.status == 403
                assert json.loads(refused) == {"message": "Invalid openalgo apikey", "status": "error"}
                assert ": " not in refused
            quotes = {"apikey": key, "symbol": "RELIANCE", "exchange": "NSE"}
            async with client.post("/api/v1/quotes", json=quotes) as answer:
                text = await answer.text()
                assert '"status":"success"' in text, "AmiBroker looks for this, without blanks"
                fields = {"ask", "bid", "high", "low", "ltp", "open", "prev_close", "volume", "oi"}
                assert set(json.loads(text)["data"]) == fields
    finally:
        await engine.stop()


def test_every_row_has_a_test() -> None:
    both = (*globals(), *vars(test_protocol_rows))
    rows = {name[9:11] for name in both if name.startswith("test_row_")}
    assert rows == {f"{number:02d}" for number in range(1, 19)}
