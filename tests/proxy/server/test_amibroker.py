from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.server.amibroker import PingMender
from tests.doubles.raw_client import masked_frame

BROKEN, MENDED = b"\x89\x84abcd", b"\x89\x80abcd"


@pytest.mark.parametrize(
    "around", [b"", masked_frame(b"hello"), masked_frame(b"x" * 500)], ids=["alone", "short", "long"]
)
def test_a_broken_ping_is_mended_wherever_it_stands(around: bytes) -> None:
    assert PingMender().mend(around + BROKEN + BROKEN + around) == around + MENDED + MENDED + around


def test_bytes_of_a_payload_are_left_alone() -> None:
    frame = b"\x81\x86\0\0\0\0" + BROKEN
    assert PingMender().mend(frame) == frame


@given(st.lists(st.binary(max_size=300)), st.data())
def test_whole_frames_are_left_alone_however_they_are_cut(payloads: list[bytes], data: st.DataObject) -> None:
    mender = PingMender()
    for payload in payloads:
        frame = masked_frame(payload, 0x2)
        # The head of a frame comes in one piece: the plug-in sends each frame with one call.
        cut = data.draw(st.integers(8, max(8, len(frame))))
        assert mender.mend(frame[:cut]) + mender.mend(frame[cut:]) == frame


def test_a_frame_in_two_chunks_hides_nothing_after_it() -> None:
    mender, frame = PingMender(), masked_frame(b"x" * 40)
    assert mender.mend(frame[:20]) + mender.mend(frame[20:] + BROKEN) == frame + MENDED
