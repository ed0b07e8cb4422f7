"""The toy Binance is itself tested, with a plain client: a double that lies proves nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.doubles.toy_binance import ToyBinance
from tests.doubles.toy_binance_replay import RecordedBooks, load, play
from tests.doubles.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def toy() -> AsyncIterator[ToyBinance]:
    toy = ToyBinance()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def address(toy: ToyBinance, path: str) -> str:
    return f"{toy.endpoints()['rest']}{path}"


async def ask(socket: aiohttp.ClientWebSocketResponse, method: str, *streams: str) -> object:
    await socket.send_json({"method": method, "params": list(streams), "id": 5})
    return await socket.receive_json()


async def test_only_subscribed_streams_are_sent(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(address(toy, "/stream")) as socket:
        assert await ask(socket, "SUBSCRIBE", "a@ticker", "b@ticker") == {"result": None, "id": 5}
        assert await ask(socket, "UNSUBSCRIBE", "b@ticker") == {"result": None, "id": 5}
        assert await toy.send(b'{"stream":"b@ticker","data":1}') == 0
        assert await toy.send(b'{"stream":"a@ticker","data":2}') == 1
        assert await socket.receive_json() == {"stream": "a@ticker", "data": 2}


async def test_bad_requests_are_answered_as_binance_does(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(address(toy, "/stream")) as socket:
        answer = await ask(socket, "FOO")
        assert isinstance(answer, dict)
        assert answer["error"]["code"] == 2
        await socket.send_str("not json")
        closing = await socket.receive()
        assert (closing.data, closing.extra) == (1008, "Invalid request")


async def test_scripted_refusals(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    toy.errors_for_next = [{"code": 1, "msg": "too much"}]
    async with session.ws_connect(address(toy, "/stream")) as socket:
        assert await ask(socket, "SUBSCRIBE", "a@ticker") == {"error": {"code": 1, "msg": "too much"}, "id": 5}
        assert await ask(socket, "SUBSCRIBE", "a@ticker") == {"result": None, "id": 5}
    toy.refuse_handshakes = 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(address(toy, "/stream"))


async def test_too_many_messages_are_noticed(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(address(toy, "/stream")) as socket:
        for _ in range(6):
            await ask(socket, "SUBSCRIBE", "a@ticker")
    assert toy.violations == ["too many messages in a second"]


async def test_mute_server_answers_nothing(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(address(toy, "/stream"), autoping=False) as socket:
        await ask(socket, "SUBSCRIBE", "a@ticker")
        toy.mute = True
        await socket.ping()
        await socket.send_json({"method": "SUBSCRIBE", "params": ["b@ticker"], "id": 6})
        await until(lambda: "b@ticker" in toy.streams)
        await toy.send(b'{"stream":"a@ticker","data":1}')
        toy.mute = False
        await toy.send(b'{"stream":"a@ticker","data":2}')
        assert await socket.receive_json() == {"stream": "a@ticker", "data": 2}


@pytest.mark.parametrize("way", ["drop", "garble", "close"])
async def test_ways_to_end_a_connection(toy: ToyBinance, session: aiohttp.ClientSession, way: str) -> None:
    async with session.ws_connect(address(toy, "/stream")) as socket:
        await until(lambda: toy.connections)
        if way == "close":
            ending = asyncio.create_task(toy.close(1001, "bye"))
        else:
            getattr(toy, way)()
        message = await socket.receive()
        expected = {
            "drop": aiohttp.WSMsgType.CLOSED,
            "garble": aiohttp.WSMsgType.ERROR,
            "close": aiohttp.WSMsgType.CLOSE,
        }
        assert message.type is expected[way]
        if way == "close":
            await ending
    await until(lambda: not toy.connections)


async def test_rest_answers_what_was_scripted(toy: ToyBinance, session: aiohttp.ClientSession) -> None:
    toy.snapshots["A"] = [b'{"lastUpdateId":1}', b'{"lastUpdateId":2}']
    toy.klines = [[60_000 * n, "1", "1", "1", "1", "1"] for n in range(5)]

    async def get(path: str) -> object:
        async with session.get(address(toy, path)) as answer:
            return json.loads(await answer.read()) if answer.status == 200 else answer.status

    assert [await get("/api/v3/depth?symbol=A") for _ in range(3)] == [{"lastUpdateId": n} for n in (1, 2, 2)]
    assert await get("/api/v3/depth?symbol=B") == 404
    assert await get("/api/v3/exchangeInfo") == 404
    rows = await get("/api/v3/klines?limit=2&endTime=180000")
    assert isinstance(rows, list)
    assert [row[0] for row in rows] == [120_000, 180_000]
    toy.rest_status = 429
    assert await get("/api/v3/depth?symbol=A") == 429
    assert toy.requests["depth"] == 5


def test_books_of_a_recording_follow_its_frames() -> None:
    books = RecordedBooks({"AB": b'{"lastUpdateId":5,"bids":[["1.0","2"],["0.9","3"]],"asks":[["1.1","4"]]}'})
    data = {"e": "depthUpdate", "s": "AB", "U": 6, "u": 7, "b": [["1.0", "0.00"], ["0.8", "1"]], "a": []}
    books.play(json.dumps({"stream": "ab@depth@100ms", "data": data}).encode())
    assert json.loads(books.snapshot("AB") or b"") == {
        "lastUpdateId": 7,
        "bids": [["0.9", "3"], ["0.8", "1"]],
        "asks": [["1.1", "4"]],
    }
    assert books.snapshot("CD") is None


@pytest.mark.recorded
async def test_recording_is_played_at_its_pace(
    toy: ToyBinance, session: aiohttp.ClientSession, recordings: Path
) -> None:
    frames, books = load(toy, recordings / "binance")
    async with session.ws_connect(address(toy, "/stream")) as socket:
        await ask(socket, "SUBSCRIBE", "lrcbtc@depth@100ms")
        begun = asyncio.get_running_loop().time()
        assert await play(toy, frames, books, speed=100.0) == 15
        assert asyncio.get_running_loop().time() - begun >= 0.25
        async with session.get(address(toy, "/api/v3/depth?symbol=LRCBTC&limit=1000")) as answer:
            assert (await answer.json())["lastUpdateId"] == 259345563


@pytest.mark.recorded
async def test_recording_can_be_served_by_hand(
    session: aiohttp.ClientSession, recordings: Path, unused_tcp_port: int
) -> None:
    command = [sys.executable, "-m", "tests.doubles.toy_binance", str(recordings / "binance")]
    command += ["--port", str(unused_tcp_port), "--speed", "100", "--loop"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        assert b"NKNUSDT" in await process.stdout.readline()
        async with session.ws_connect(f"http://127.0.0.1:{unused_tcp_port}/stream") as socket:
            await ask(socket, "SUBSCRIBE", "nknusdt@aggTrade")
            assert (await socket.receive_json())["data"]["s"] == "NKNUSDT"
            assert await socket.receive_json() == {"e": "serverShutdown", "E": 0}
    finally:
        process.terminate()
        await process.communicate()
