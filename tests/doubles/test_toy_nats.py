"""The toy server, by hand: what it says is the protocol, byte for byte."""

from __future__ import annotations

import asyncio

import pytest

from tests.doubles.toy_nats import fits, toy_nats


async def test_it_speaks_the_protocol() -> None:
    async with toy_nats() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert (await reader.readline()).startswith(b'INFO {"server_id": "TOY"')
        writer.write(
            b'CONNECT {"name":"x"}\r\nSUB a.* 7\r\nPUB a.b 5\r\nhello\r\nPING\r\nUNSUB 7\r\nPUB a.b 0\r\n\r\nPING\r\n'
        )
        assert await reader.readuntil(b"PONG\r\n") == b"MSG a.b 7 5\r\nhello\r\nPONG\r\n"
        assert await reader.readuntil(b"PONG\r\n") == b"PONG\r\n"
        assert server.connects == [{"name": "x"}]
        server.drop()
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("pattern", "subject", "is_fit"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.b", "aXb", False),
        ("a", "a", True),
    ],
)
def test_wildcards(pattern: str, subject: str, is_fit: bool) -> None:
    assert fits(pattern, subject) is is_fit
