"""Lists are kept whole or not at all, and a damaged one is as good as none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.master_shelf import MasterShelf
from adapters.masters import Master
from market.errors import StorageError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

OPTION = Instrument(
    key=InstrumentKey(Exchange.NFO, "NIFTY29DEC2626000CE"),
    kind=InstrumentKind.OPTION,
    name="NIFTY",
    tick_size=0.05,
    lot=65,
    expiry=date(2026, 12, 29),
    strike=26000.0,
    right=OptionRight.CALL,
    underlying=InstrumentKey(Exchange.NSE_INDEX, "NIFTY"),
    token="123",
    broker_symbol="NIFTY26DEC26000CE",
    source="toy",
)
SHARES = [
    Instrument(key=InstrumentKey(Exchange.NSE, f"S{number}"), kind=InstrumentKind.EQUITY, token=str(number))
    for number in range(4_500)
]


def test_a_list_comes_back_as_it_was(tmp_path: Path) -> None:
    shelf = MasterShelf(tmp_path / "masters")
    assert shelf.load("toy") is None
    assert shelf.brokers() == []
    shelf.store("toy", Master([OPTION, *SHARES], Counter({"no name": 3})), 77.0)
    found = shelf.load("toy")
    assert found is not None
    assert found.fetched_ms == 77.0
    assert found.master == Master([OPTION, *SHARES], Counter({"no name": 3}))
    assert shelf.brokers() == ["toy"]
    assert [path.name for path in shelf.folder.iterdir()] == ["toy.master"]


@pytest.mark.parametrize("place", ["head", "middle", "end", "format"])
def test_a_damaged_list_is_none(tmp_path: Path, place: str) -> None:
    shelf = MasterShelf(tmp_path)
    shelf.store("toy", Master([OPTION, *SHARES]), 77.0)
    path = tmp_path / "toy.master"
    body = path.read_bytes()
    damaged = {
        "head": b"{" + body,
        "middle": body[:5_000] + b"\x00" + body[5_001:],
        "end": body[:-1],
        "format": body.replace(b'"format":1', b'"format":9'),
    }[place]
    assert damaged != body
    path.write_bytes(damaged)
    assert shelf.load("toy") is None


def test_a_list_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = MasterShelf(tmp_path)
    shelf.store("toy", Master([OPTION]), 1.0)

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adapters.master_shelf.os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        shelf.store("toy", Master(SHARES), 2.0)
    found = shelf.load("toy")
    assert found is not None
    assert found.master.instruments == [OPTION]
    assert [path.name for path in tmp_path.iterdir()] == ["toy.master"]


def test_what_instruments_have_in_common_is_one_object(tmp_path: Path) -> None:
    put = replace(OPTION, key=InstrumentKey(Exchange.NFO, "NIFTY29DEC2626000PE"), right=OptionRight.PUT)
    kept = MasterShelf(tmp_path).keep("toy", Master([OPTION, put]), 77.0)
    first, second = kept.instruments
    assert [first, second] == [OPTION, put]
    for name in ("name", "expiry", "strike", "underlying", "lot", "tick_size", "source"):
        assert getattr(first, name) is getattr(second, name), name


def test_a_list_that_cannot_be_read_again_is_taken_as_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = MasterShelf(tmp_path)
    monkeypatch.setattr(shelf, "load", lambda _broker: None)
    master = Master([OPTION])
    assert shelf.keep("toy", master, 77.0) is master
