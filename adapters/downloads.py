"""Large files of brokers: fetched with progress, gone on with where an earlier try broke off, checked, unpacked.

What has arrived lies in `NAME.part`, and beside it in `NAME.mark` what the server called that version of the file.
Without such a mark (an ETag or a date), or when the server has another version by now, it begins anew.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from adapters.transport import HttpClient, RefusedError, Streamed
from market.errors import DecodeError, FeedUnavailableError, StorageError

MOST_UNPACKED = 512 * 1024 * 1024


class Progress(NamedTuple):
    """How far a download is, in bytes; `total` is None where the server does not say."""

    name: str
    done: int
    total: int | None


async def download(
    http: HttpClient,
    path: str,
    part: Path,
    *,
    headers: Mapping[str, str] | None = None,
    payload: object = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> bytes:
    """Fetch `path` and return its body, unpacked. `part` is where it lies meanwhile; it is gone afterwards.

    Raises:
        FeedUnavailableError: no answer, or it broke off; what has arrived is kept for the next try.
        FeedRejectedError: the server refused.
        DecodeError: what arrived is damaged; nothing of it is kept.
        StorageError: it cannot be written, for example because the disk is full.
    """
    try:
        await asyncio.to_thread(part.parent.mkdir, parents=True, exist_ok=True)
        await _fetch(http, path, part, headers or {}, payload, progress)
        body = await asyncio.to_thread(part.read_bytes)
        await asyncio.to_thread(_forget, part)
    except OSError as exc:
        raise StorageError(f"The file {part.name} cannot be written: {exc.strerror or exc}") from exc
    return await asyncio.to_thread(unpacked, body)


async def _fetch(
    http: HttpClient,
    path: str,
    part: Path,
    headers: Mapping[str, str],
    payload: object,
    progress: Callable[[Progress], None],
) -> None:
    mark, have = await asyncio.to_thread(_kept, part)
    going_on = {"Range": f"bytes={have}-", "If-Range": mark} if mark else {}
    try:
        async with http.stream(path, headers={**headers, **going_on}, payload=payload) as answer:
            await _write(answer, part, have if answer.status == 206 else 0, progress)
    except RefusedError as exc:
        if exc.status != 416 or not mark:
            raise
        # What is there does not fit the file of today: begin anew.
        await asyncio.to_thread(_forget, part)
        async with http.stream(path, headers=headers, payload=payload) as answer:
            await _write(answer, part, 0, progress)


async def _write(answer: Streamed, part: Path, done: int, progress: Callable[[Progress], None]) -> None:
    length = answer.headers.get("Content-Length", "")
    packed = "Content-Encoding" in answer.headers
    total = done + int(length) if length.isdigit() and not packed else None
    # Bytes that were packed for the journey cannot be gone on with: the range counts the packed ones.
    mark = "" if packed else answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    await asyncio.to_thread(_mark, part, "" if mark.startswith("W/") else mark)
    file = await asyncio.to_thread(part.open, "ab" if done else "wb")
    try:
        progress(Progress(part.stem, done, total))
        async for chunk in answer.chunks:
            await asyncio.to_thread(file.write, chunk)
            done += len(chunk)
            progress(Progress(part.stem, done, total))
    finally:
        await asyncio.to_thread(file.close)
    if total is not None and done != total:
        raise FeedUnavailableError(f"{part.stem} broke off after {done:,} of {total:,} bytes")


def _kept(part: Path) -> tuple[str, int]:
    """The mark and the size of what is there; no mark where nothing can be gone on with."""
    marked = part.with_suffix(".mark")
    if not part.exists() or not marked.exists() or part.stat().st_size == 0:
        return "", 0
    return marked.read_text(encoding="utf-8"), part.stat().st_size


def _mark(part: Path, mark: str) -> None:
    marked = part.with_suffix(".mark")
    if mark:
        marked.write_text(mark, encoding="utf-8")
    else:
        marked.unlink(missing_ok=True)


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_suffix(".mark").unlink(missing_ok=True)


def unpacked(body: bytes) -> bytes:
    """Return `body`, unpacked where it is gzip or a zip of one file; checksums are checked. Blocks: a worker.

    Raises:
        DecodeError: it is damaged, or would be larger than anything a broker has.
    """
    try:
        if body[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
                return _bounded(file.read(MOST_UNPACKED + 1), body)
        if body[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                names = [name for name in archive.namelist() if not name.endswith("/")]
                if len(names) != 1:
                    raise DecodeError(f"A zip file with {len(names)} files instead of one", body)
                with archive.open(names[0]) as member:
                    return _bounded(member.read(MOST_UNPACKED + 1), body)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as exc:
        raise DecodeError("A packed file is damaged", body) from exc
    return body


def _bounded(data: bytes, body: bytes) -> bytes:
    if len(data) > MOST_UNPACKED:
        raise DecodeError(f"A packed file holds more than {MOST_UNPACKED // 1_048_576} MiB", body)
    return data
