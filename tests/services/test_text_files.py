"""Files are read with a limit, and written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.errors import InvalidRequestError, StorageError
from services.text_files import read_limited, save


def test_no_more_is_read_than_shows_that_it_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1000)
    assert len(read_limited(path, 10)) == 11
    assert len(read_limited(path, 2000)) == 1000


def test_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="gone cannot be read: No such file"):
        read_limited(tmp_path / "gone", 10)
    with pytest.raises(InvalidRequestError, match="cannot be read: Is a directory"):
        read_limited(tmp_path, 10)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    save(path, b"old")
    save(path, b"new")
    assert path.read_bytes() == b"new"

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match=r"a\.csv cannot be written: No space left on device"):
        save(path, b"newer")
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="a cannot be written: No such file"):
        save(tmp_path / "gone" / "a", b"")
