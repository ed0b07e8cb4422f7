"""What a connection gets for what it is: msgpack, AmiBroker's pace, feed status, limits of its key, TLS."""

from __future__ import annotations

import asyncio
import datetime
import json
import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.typing import Subprotocol

from market.credentials import Secret
from market.feeds import FeedState, FeedStatus
from proxy.session import Identity
from proxy.throttle import WrongKeys
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.raw_client import RawClient
from tests.doubles.served import GOOD_KEY, Served, dial, eventually, hang_up, hear, logged_in, say, served
from tests.doubles.ticks import INFY, SBIN, full_tick, tick_of
from tests.proxy.server.test_listener import closed_with, masked

PACKED = Subprotocol("openalgo.msgpack.v1")


async def test_msgpack_is_for_those_who_ask_and_says_the_same() -> None:
    async with served() as world:
        world.hub.publish([full_tick()])
        plain, packed = await logged_in(world), await dial(world, subprotocols=[PACKED])
        assert packed.subprotocol == PACKED
        encode, decode = msgspec.msgpack.encode, msgspec.msgpack.decode

        async def say_packed(**message: Any) -> Any:
            await packed.send(encode(message))
            answer = await asyncio.wait_for(packed.recv(), 5)
            assert isinstance(answer, bytes)
            return decode(answer)

        assert (await say_packed(action="authenticate", api_key=GOOD_KEY))["status"] == "success"
        request = {"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", "mode": 3}
        assert await say_packed(**request) == await say(plain, **request)
        snapshots = decode(await packed.recv()), await hear(plain)
        world.feed.publish(tick_of(ltp=813.0))
        updates = decode(await packed.recv()), await hear(plain)
        for ours, theirs in (snapshots, updates):
            for frame in (ours, theirs):
                del frame["data"]["age_ms"]
            assert ours == theirs
        await packed.send(b"\xc1")
        assert decode(await packed.recv())["code"] == "INVALID_JSON"
        await plain.close()
        await packed.close()


async def test_an_unknown_subprotocol_is_ignored() -> None:
    async with served() as world:
        client = await dial(world, subprotocols=[Subprotocol("something.else")])
        assert client.subprotocol is None
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()


async def test_amibroker_gets_one_frame_per_write_and_the_newest_of_each() -> None:
    async with served(paced_interval_s=0.05) as world:
        host, port = world.server.address
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        (connection,) = world.server._open
        transport: Any = connection._transport
        written: list[bytes] = []

        class Recorder:
            def write(self, data: bytes) -> None:
                written.append(data)
                transport.write(data)

            def __getattr__(self, name: str) -> Any:
                return getattr(transport, name)

        connection._transport = Recorder()  # type: ignore[assignment]
        writer.write(masked(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}).encode()))
        for symbol in ("SBIN", "INFY"):
            writer.write(masked(json.dumps({"action": "subscribe", "symbol": symbol, "exchange": "NSE"}).encode()))
        await eventually(lambda: len(written) == 3)
        assert b'"type":"auth"' in written[0]
        for price in range(100):
            world.feed.publish(tick_of(SBIN, ltp=800.0 + price), tick_of(INFY, ltp=1500.0 + price))
        await eventually(lambda: len(written) >= 5 and connection.outbox.is_empty)
        frames = [json.loads(frame[4:] if frame[1] == 126 else frame[2:]) for frame in written]
        last = {frame["symbol"]: frame["data"]["ltp"] for frame in frames if frame.get("type") == "market_data"}
        assert last == {"SBIN": 899.0, "INFY": 1599.0}
        assert len(written) <= 8, "what one cannot read in time is conflated"
        connection._transport = transport
        await hang_up(writer)


async def test_feed_status_reaches_only_those_who_asked() -> None:
    async with served() as world:
        asking, silent = await logged_in(world), await logged_in(world)
        answer = await say(asking, action="subscribe_status")
        assert answer["feeds"][0]["state"] == "live"
        world.router.report_from(FeedStatus("fake", FeedState.RECONNECTING, "next in 2 s", 1_000.0, 1))
        frame = await hear(asking)
        assert (frame["type"], frame["feed"], frame["state"]) == ("feed_status", "fake", "reconnecting")
        assert frame["detail"] == "next in 2 s"
        assert (await say(silent, action="ping"))["type"] == "pong", "the first frame after the event is the pong"
        for client in (asking, silent):
            await client.close()


async def test_a_key_has_a_limited_number_of_connections() -> None:
    async with served(max_connections_per_key=2) as world:
        first, second, third = await logged_in(world), await logged_in(world), await dial(world)
        answer = await say(third, action="authenticate", api_key=GOOD_KEY)
        assert answer["code"] == "LIMIT_EXCEEDED"
        assert "2 of 2" in answer["message"]
        await first.close()
        await eventually(lambda: len(world.server._connections) == 2)
        assert (await say(third, action="authenticate", api_key=GOOD_KEY))["status"] == "success"
        assert (await say(third, action="authenticate", api_key=GOOD_KEY))["status"] == "success", "again is not more"
        for client in (second, third):
            await client.close()


async def test_an_expired_key_is_closed_with_4403() -> None:
    async with served() as world:

        async def verify(key: Secret) -> Identity:
            return Identity("trader1", 7, "short", expires_ms=world.server.now_ms() + 200)

        world.server._verifier = verify
        client = await logged_in(world)
        assert await closed_with(client) == (4403, "key expired")


async def test_wrong_keys_are_answered_later_and_a_good_one_at_once() -> None:
    async with served() as world:
        world.server.wrong_keys = WrongKeys(free=0, first_delay_s=60.0, longest_s=60.0)
        guessing = await dial(world)
        await guessing.send(json.dumps({"action": "authenticate", "api_key": "guess"}))
        await eventually(lambda: world.desk.counters()["auth_failures"] == 1)
        good = await logged_in(world)
        assert (await say(good, action="ping"))["type"] == "pong"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(guessing.recv(), 0.05)
        await good.close()
        await guessing.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path


async def test_with_a_certificate_it_speaks_wss_only(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    async with served(tls_cert=cert, tls_key=key) as world:
        port = world.server.address[1]
        assert world.server.url.startswith("wss://")
        trusting = ssl.create_default_context(cafile=str(cert))
        async with websockets.connect(f"wss://localhost:{port}", ssl=trusting) as client:
            assert (await say(client, action="authenticate", api_key=GOOD_KEY))["status"] == "success"
        with pytest.raises((OSError, websockets.exceptions.InvalidMessage, EOFError)):
            await websockets.connect(f"ws://localhost:{port}", open_timeout=2)


async def test_no_ticket_comes_while_a_client_says_its_first_words(tmp_path: Path) -> None:
    # A ticket that arrives while another thread of the client writes can leave both waiting for ever.
    cert, key = self_signed(tmp_path)
    async with served(tls_cert=cert, tls_key=key) as world:
        trusting = ssl.create_default_context(cafile=str(cert))
        trusting.minimum_version = ssl.TLSVersion.TLSv1_3
        url = f"wss://localhost:{world.server.address[1]}"
        async with websockets.connect(url, ssl=trusting) as client:
            assert (await say(client, action="authenticate", api_key=GOOD_KEY))["status"] == "success"
            session = client.transport.get_extra_info("ssl_object").session
            assert not session.has_ticket


async def test_a_certificate_that_is_none_is_an_os_error(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    for cert in (junk, tmp_path / "absent.pem"):
        world = Served(FakeFeed())
        world.server.config = type(world.server.config)(port=0, tls_cert=cert, tls_key=cert)
        with pytest.raises(OSError):
            await world.server.listen()


async def test_an_end_that_can_no_longer_be_said_is_an_end_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as world:
        client = await RawClient.connect(world)
        await client.log_in()
        client.say(action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        await eventually(lambda: len(world.desk.clients) == 1)
        (connection,) = world.server._open
        transport: Any = connection._transport

        def gone() -> None:
            transport._eof = True
            raise OSError(107, "Transport endpoint is not connected")

        monkeypatch.setattr(transport, "write_eof", gone)
        connection.eof_received()
        world.feed.publish(tick_of(SBIN, 1.0))
        client.writer.transport.abort()
        await eventually(lambda: not world.server._connections and not world.feed.wished)
        await client.close()
