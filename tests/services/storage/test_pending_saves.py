"""Changes noted before the database has them: done in order after a crash, forgotten when they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.storage.pending_saves import PendingSaves
from services.storage.watchlist_rows import ItemRow, ListRow, SectionRow

ROW = ListRow(3, "Banks", (ItemRow("NSE", "SBIN", "note", "2"), SectionRow(7, "Ümlaut", True), ItemRow("BSE", "TCS")))
Saved = list[tuple[list[int], list[ListRow]]]


def recovered(path: Path) -> Saved:
    saved: Saved = []

    def save(order: Sequence[int], changed: Sequence[ListRow]) -> None:
        saved.append((list(order), list(changed)))

    assert PendingSaves(path).recover(save) == len(saved)
    return saved


def test_what_was_not_done_is_done_in_order_once(tmp_path: Path) -> None:
    path = tmp_path / "pending"
    saves = PendingSaves(path)
    saves.begin([3, 1], [ROW])
    saves.begin([3], [])
    saves.close()
    assert recovered(path) == [([3, 1], [ROW]), ([3], [])]
    assert recovered(path) == []


def test_what_was_done_is_forgotten_only_with_all_that_followed(tmp_path: Path) -> None:
    path = tmp_path / "pending"
    saves = PendingSaves(path)
    first, second = saves.begin([1], []), saves.begin([2], [])
    saves.done(first)
    assert len(path.read_bytes().splitlines()) == 2
    saves.done(second)
    assert path.read_bytes() == b""
    saves.begin([5], [])
    saves.close()
    assert recovered(path) == [([5], [])]


def test_line_that_was_cut_off_ends_what_is_recovered(tmp_path: Path) -> None:
    path = tmp_path / "pending"
    saves = PendingSaves(path)
    saves.begin([1], [ROW])
    saves.begin([2], [ROW])
    saves.close()
    path.write_bytes(path.read_bytes()[:-20])
    assert recovered(path) == [([1], [ROW])]


def test_no_file_keeps_nothing_and_a_folder_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    for saves in (PendingSaves(None), PendingSaves(tmp_path / "gone" / "pending")):
        saves.done(saves.begin([1], [ROW]))
        assert saves.recover(lambda _order, _changed: None) == 0
        saves.close()
        saves.close()
