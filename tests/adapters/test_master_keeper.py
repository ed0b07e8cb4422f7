"""A broker's instruments: from the shelf at once, from the broker when those are old, and never worse than before."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from adapters.catalogue import Catalogue
from adapters.master_keeper import MasterKeeper
from adapters.master_shelf import MasterShelf
from adapters.masters import Master, MasterFile
from adapters.zerodha.broker import BROKER
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, StorageError
from tests.doubles.waiting import until

HEADER = (
    b"instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,"
    b"segment,exchange\n"
)


def rows(*symbols: str) -> bytes:
    return HEADER + b"".join(
        f"{number},1,{symbol},{symbol},0,,0,0.05,1,EQ,NSE,NSE\n".encode() for number, symbol in enumerate(symbols, 1)
    )


class Server:
    """Serves whatever the list is now; `status` is what it answers unless 200."""

    def __init__(self) -> None:
        self.body = rows("INFY", "TCS", "SBIN")
        self.status = 200
        self.requests = 0
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        self.requests += 1
        return web.Response(status=self.status, body=self.body if self.status == 200 else b"")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_get("/instruments", server.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


def _keeper(server: Server, folder: Path | None) -> tuple[MasterKeeper, Catalogue]:
    catalogue = Catalogue()
    shelf = MasterShelf(folder) if folder is not None else None
    return MasterKeeper(BROKER, BROKER.resolve({"masters": server.url}), shelf, catalogue), catalogue


def _symbols(catalogue: Catalogue) -> list[str]:
    return [each.key.symbol for each in catalogue.instruments]


async def test_an_empty_shelf_is_filled_from_the_broker(server: Server, tmp_path: Path) -> None:
    keeper, catalogue = _keeper(server, tmp_path)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.is_loaded)
    assert _symbols(catalogue) == ["INFY", "TCS", "SBIN"]
    assert MasterShelf(tmp_path).load("zerodha") is not None
    keeping.cancel()


async def test_a_list_of_today_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    first, _ = _keeper(server, tmp_path)
    await first.update()
    keeper, catalogue = _keeper(server, tmp_path)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.is_loaded)
    assert server.requests == 1
    keeping.cancel()


async def test_a_list_of_yesterday_is_used_at_once_and_fetched_anew(server: Server, tmp_path: Path) -> None:
    first, _ = _keeper(server, tmp_path)
    master = (await first.update()).master
    MasterShelf(tmp_path).store("zerodha", master, (time.time() - 86_400) * 1000.0)
    server.body = rows("INFY", "TCS", "SBIN", "ITC")
    keeper, catalogue = _keeper(server, tmp_path)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.version == 2)
    assert _symbols(catalogue) == ["INFY", "TCS", "SBIN", "ITC"]
    keeping.cancel()


async def test_what_is_new_is_told(server: Server, tmp_path: Path) -> None:
    keeper, _ = _keeper(server, tmp_path)
    await keeper.update()
    server.body = rows("INFY", "TCS", "ITC")
    updated = await keeper.update()
    assert updated.news.summary() == "1 new, 1 gone"


@pytest.mark.parametrize(
    ("body", "sentence"), [(HEADER, "is empty"), (rows("INFY"), "instead of 3; the old one is kept")]
)
async def test_a_broken_list_changes_nothing(server: Server, tmp_path: Path, body: bytes, sentence: str) -> None:
    keeper, catalogue = _keeper(server, tmp_path)
    await keeper.update()
    server.body = body
    with pytest.raises(DecodeError, match=sentence):
        await keeper.update()
    assert _symbols(catalogue) == ["INFY", "TCS", "SBIN"]
    shelved = MasterShelf(tmp_path).load("zerodha")
    assert shelved is not None
    assert len(shelved.master.instruments) == 3


async def test_without_an_answer_the_old_list_stays(server: Server, tmp_path: Path) -> None:
    keeper, catalogue = _keeper(server, tmp_path)
    await keeper.update()
    server.status = 503
    with pytest.raises(FeedUnavailableError):
        await keeper.update()
    assert catalogue.version == 1


@pytest.mark.parametrize("is_optional", [True, False])
async def test_a_file_that_is_optional_may_be_refused(
    server: Server,
    is_optional: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert BROKER.masters is not None
    extra = MasterFile(name="extra.csv", path="/nowhere", is_optional=is_optional)
    plan = dataclasses.replace(BROKER.masters, files=(extra, *BROKER.masters.files))
    catalogue = Catalogue()
    row = dataclasses.replace(BROKER, masters=plan)
    keeper = MasterKeeper(row, row.resolve({"masters": server.url}), None, catalogue)
    if not is_optional:
        with pytest.raises(FeedRejectedError):
            await keeper.update()
        assert not catalogue.is_loaded
        return
    await keeper.update()
    assert len(catalogue) == 3
    assert "go without extra.csv" in caplog.text


async def test_without_a_folder_the_list_lives_in_memory(server: Server) -> None:
    keeper, catalogue = _keeper(server, None)
    assert await keeper.load() is None
    await keeper.update()
    assert len(catalogue) == 3


async def test_a_list_that_cannot_be_kept_is_used_and_the_failure_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Master:
        raise StorageError("The disk is full")

    keeper, catalogue = _keeper(server, tmp_path)
    monkeypatch.setattr(MasterShelf, "keep", full)
    with pytest.raises(StorageError, match="The disk is full"):
        await keeper.update()
    assert _symbols(catalogue) == ["INFY", "TCS", "SBIN"]


@pytest.mark.expected_log("cannot be read")
async def test_a_reader_that_stumbles_is_called_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    read, stumbles = MasterKeeper._parsed, [1]

    def stumbling(self: MasterKeeper, files: dict[str, bytes]) -> Master:
        if stumbles:
            stumbles.pop()
            raise KeyError("tradingsymbol")
        return read(self, files)

    monkeypatch.setattr(MasterKeeper, "_parsed", stumbling)
    monkeypatch.setattr(asyncio, "sleep", lambda _s, sleep=asyncio.sleep: sleep(0.002))
    keeper, catalogue = _keeper(server, None)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.is_loaded)
    keeping.cancel()
