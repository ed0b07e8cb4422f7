"""The reader of recordings: received messages and answers, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.doubles.cryptofeed_capture import Answer, Frame, read_answers, read_frames


def test_only_received_messages_are_frames(tmp_path: Path) -> None:
    file = tmp_path / "X.ws.1.0"
    file.write_text('wss://x/stream?a=b@c <-> 1.5\nwss://x/stream <- 1.6: {"id": 1}\n2.25: {"a": "1: 2"}\n\n')
    assert read_frames(file) == [Frame(2.25, b'{"a": "1: 2"}')]


def test_answers_know_path_and_symbol(tmp_path: Path) -> None:
    file = tmp_path / "X.http.0"
    file.write_text("https://x/api/v3/depth?symbol=AB&limit=5 -> 1.5: {}\nconfiguration: {}\nhttps://x/all -> 2: []\n")
    assert read_answers(file) == [Answer("/api/v3/depth", "AB", b"{}"), Answer("/all", "", b"[]")]
