"""Large files: gone on with, checked, unpacked; a failure keeps what has arrived and harms nothing."""

from __future__ import annotations

import asyncio
import gzip
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.downloads import Progress, download, unpacked
from adapters.transport import HttpClient
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, StorageError

BODY = bytes(range(256)) * 4_000


class Files:
    """A server of one file, which can break off and change its mind."""

    def __init__(self) -> None:
        self.body = BODY
        self.etag: str | None = '"one"'
        self.break_after: int | None = None
        self.ranges: list[str | None] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        asked, begin = request.headers.get("Range"), 0
        self.ranges.append(asked)
        if asked is not None and request.headers.get("If-Range") == self.etag:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin > len(self.body):
                return web.Response(status=416)
        answer = web.StreamResponse(status=206 if begin else 200)
        answer.content_length = len(self.body) - begin
        if self.etag is not None:
            answer.headers["ETag"] = self.etag
        await answer.prepare(request)
        rest = self.body[begin:]
        if self.break_after is not None:
            await answer.write(rest[: self.break_after])
            await asyncio.sleep(0.05)
            assert request.transport is not None
            request.transport.abort()  # type: ignore[attr-defined]
            return answer
        await answer.write(rest)
        return answer


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    files, app = Files(), web.Application()
    app.router.add_get("/list", files.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield files
    await runner.cleanup()


@pytest.fixture
async def http(files: Files) -> AsyncIterator[HttpClient]:
    http = HttpClient(files.url)
    yield http
    await http.close()


async def test_a_file_arrives_with_progress_and_leaves_nothing_behind(http: HttpClient, tmp_path: Path) -> None:
    told: list[Progress] = []
    part = tmp_path / "deep" / "b.list.part"
    assert await download(http, "/list", part, progress=told.append) == BODY
    assert told[0] == Progress("b.list", 0, len(BODY))
    assert told[-1] == Progress("b.list", len(BODY), len(BODY))
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert list(part.parent.iterdir()) == []


async def test_what_broke_off_is_gone_on_with(files: Files, http: HttpClient, tmp_path: Path) -> None:
    part = tmp_path / "list.part"
    files.break_after = 300_000
    with pytest.raises(FeedUnavailableError):
        await download(http, "/list", part)
    have = part.stat().st_size
    assert 0 < have <= 300_000
    files.break_after = None
    assert await download(http, "/list", part) == BODY
    assert files.ranges == [None, f"bytes={have}-"]


async def test_another_version_of_the_file_begins_anew(files: Files, http: HttpClient, tmp_path: Path) -> None:
    part = tmp_path / "list.part"
    files.break_after = 300_000
    with pytest.raises(FeedUnavailableError):
        await download(http, "/list", part)
    files.break_after, files.etag, files.body = None, '"two"', b"new" * 1000
    assert await download(http, "/list", part) == b"new" * 1000


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
async def test_without_a_strong_mark_it_begins_anew(
    files: Files, http: HttpClient, tmp_path: Path, etag: str | None
) -> None:
    part = tmp_path / "list.part"
    files.break_after, files.etag = 300_000, etag
    with pytest.raises(FeedUnavailableError):
        await download(http, "/list", part)
    files.break_after = None
    assert await download(http, "/list", part) == BODY
    assert files.ranges == [None, None]


async def test_a_part_that_is_longer_than_the_file_begins_anew(files: Files, http: HttpClient, tmp_path: Path) -> None:
    part = tmp_path / "list.part"
    part.write_bytes(b"x" * (len(BODY) + 5))
    part.with_suffix(".mark").write_text('"one"')
    assert await download(http, "/list", part) == BODY


async def test_what_is_not_there_is_a_refusal(http: HttpClient, tmp_path: Path) -> None:
    with pytest.raises(FeedRejectedError, match="404"):
        await download(http, "/nothing", tmp_path / "list.part")


async def test_a_folder_that_cannot_be_written_is_a_sentence(http: HttpClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"list\.part cannot be written"):
        await download(http, "/list", tmp_path / "file" / "list.part")


def _zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, BODY)
    return buffer.getvalue()


def test_packed_files_are_unpacked_and_others_left_alone() -> None:
    assert unpacked(gzip.compress(BODY)) == BODY
    assert unpacked(_zipped("NSE_symbols.txt")) == BODY
    assert unpacked(b"a,b\n") == b"a,b\n"


@pytest.mark.parametrize(
    "body",
    [gzip.compress(BODY)[:-9], gzip.compress(BODY)[:-8] + bytes(8), _zipped("a")[:-30], _zipped("a", "b"), _zipped()],
)
def test_damaged_or_ambiguous_packing_is_refused(body: bytes) -> None:
    if body[:4] == b"PK\x05\x06":  # an archive of nothing has no first file, so it is not taken for one
        assert unpacked(body) == body
        return
    with pytest.raises(DecodeError):
        unpacked(body)


@given(st.binary(max_size=200), st.sampled_from([b"\x1f\x8b", b"PK\x03\x04"]))
def test_arbitrary_bytes_after_the_sign_of_a_packer_are_data_or_damaged(tail: bytes, sign: bytes) -> None:
    try:
        assert isinstance(unpacked(sign + tail), bytes)
    except DecodeError as exc:
        assert "zip" in str(exc) or "packed" in str(exc)
