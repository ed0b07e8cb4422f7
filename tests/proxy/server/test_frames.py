from __future__ import annotations

import json

import msgspec
import pytest
from websockets.frames import Frame, Opcode

from proxy.server.frames import frame_of, message_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_frame_is_what_the_library_makes(size: int) -> None:
    payload = b"x" * size
    assert frame_of(payload, False) == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert frame_of(payload, True) == Frame(Opcode.BINARY, payload).serialize(mask=False)


def test_message_is_json_text_or_msgpack() -> None:
    message = {"type": "pong", "server_timestamp": 1}
    assert json.loads(message_frame(message, is_packed=False)[2:]) == message
    assert msgspec.msgpack.decode(message_frame(message, is_packed=True)[2:]) == message
