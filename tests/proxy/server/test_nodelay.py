from __future__ import annotations

import socket

from tests.doubles.served import dial, served


async def test_small_pieces_are_sent_at_once() -> None:
    async with served() as world:
        client = await dial(world)
        (connection,) = world.server._connections
        assert connection._transport is not None
        sock = connection._transport.get_extra_info("socket")
        # Else one tick waits until the one before is acknowledged: 40 ms on Linux.
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await client.close()
