"""A second start asks the first one to show itself."""

from __future__ import annotations

import threading
from pathlib import Path

from openalgo_desktop.first_instance import ask_to_show, was_asked_to_show


def test_first_instance_answers(tmp_path: Path) -> None:
    done = threading.Event()

    def first() -> None:
        while not was_asked_to_show(tmp_path):
            if done.wait(0.01):
                return

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert ask_to_show(tmp_path, patience_s=10.0)
    finally:
        done.set()
        thread.join()
    assert not was_asked_to_show(tmp_path), "one request is answered once"


def test_nobody_answers(tmp_path: Path) -> None:
    assert not ask_to_show(tmp_path, patience_s=0.1)
    assert not was_asked_to_show(tmp_path), "the request is taken back"


def test_profile_that_cannot_be_written(tmp_path: Path) -> None:
    assert not ask_to_show(tmp_path / "absent", patience_s=0.1)
