from __future__ import annotations

import asyncio

import pytest

from tests.doubles.amibroker import AmiBroker, _value


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('{"symbol": "A-B","ltp":1.5}', "symbol", "A-B"),
        ('{"symbol":"A","ltp":1.5}', "ltp", "1.5"),
        ('{"ltp":1.5,"x":2}', "ltp", "1.5"),
        ('{"x":{"ltp":2},"ltp":1}', "ltp", "2"),
        ('{"x":2}', "ltp", ""),
    ],
)
def test_values_are_found_by_the_first_match_in_the_text(text: str, name: str, value: str) -> None:
    assert _value(text, name) == value


async def test_only_the_first_frame_of_a_read_is_seen() -> None:
    client = AmiBroker("127.0.0.1", 1)
    assert client._first_frame(b"\x81\x02hi\x81\x02ho") == "hi"
    assert client.swallowed == 4
    assert client._first_frame(b"\x81\x7f" + bytes(8)) is None
    assert client._first_frame(b"\x89\x00") is None
    with pytest.raises(ConnectionError, match="1002"):
        client._first_frame(b"\x88\x02\x03\xea")
    client.close()


async def test_a_handshake_that_comes_in_two_pieces_is_no_handshake() -> None:
    has_left = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
        await writer.drain()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        has_left.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = AmiBroker("127.0.0.1", server.sockets[0].getsockname()[1])
    with pytest.raises(ConnectionError, match="no handshake"):
        await client.connect("key")
    client.close()
    await asyncio.wait_for(has_left.wait(), 5)
    server.close()
    await server.wait_closed()
