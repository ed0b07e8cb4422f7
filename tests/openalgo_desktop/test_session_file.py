"""The state of the window on disk: whole or as before, and honest about how the session ended."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from openalgo_desktop.session_file import FILE_NAME, SessionFile


def test_a_killed_session_is_told_from_one_that_ended(tmp_path: Path) -> None:
    assert not SessionFile(tmp_path).ended_unexpectedly(), "a new profile has had no session"
    SessionFile(tmp_path).save({"down": 3})
    assert SessionFile(tmp_path).ended_unexpectedly()
    SessionFile(tmp_path).save({"down": 4}, running=False)
    assert not SessionFile(tmp_path).ended_unexpectedly()
    assert SessionFile(tmp_path).load()["down"] == 4


def test_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    SessionFile(tmp_path).save({})
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00"])
def test_what_cannot_be_read_counts_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert SessionFile(tmp_path).load() == {}
    assert not SessionFile(tmp_path).ended_unexpectedly()


def test_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    file = SessionFile(tmp_path)
    file.save({"down": 1})
    (tmp_path / f"{FILE_NAME}.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        file.save({"down": 2})
    assert file.load()["down"] == 1
    (tmp_path / f"{FILE_NAME}.new").rmdir()
    file.save({"down": 2})
    assert file.load()["down"] == 2, "what failed is tried again"


def test_same_state_is_not_written_twice(tmp_path: Path) -> None:
    file = SessionFile(tmp_path)
    file.save({"down": 1})
    (tmp_path / FILE_NAME).unlink()
    file.save({"down": 1})
    assert not (tmp_path / FILE_NAME).exists()
