"""Reads a file of instruments, whatever kind it is: our JSON, a table with titles, or a plain list of symbols."""

from __future__ import annotations

import codecs

from market.errors import InvalidRequestError
from services.list_files import reading_csv, reading_json, reading_text
from services.list_files.entries import MOST_ENTRIES, Contents, Entry

MOST_BYTES = 5_000_000
"""A file of the most entries that are taken is a tenth of this."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_contents(data: bytes, name: str) -> Contents:
    """Return what the file called `name` says.

    Raises:
        InvalidRequestError: it is no such file; the sentence says why.
    """
    if len(data) > MOST_BYTES:
        raise InvalidRequestError(f"{name} is larger than {MOST_BYTES // 1_000_000} MB, so it is no file of watchlists")
    text = _decoded(data, name)
    if text.lstrip().startswith(("{", "[")):
        contents = reading_json.read(text, name)
    elif reading_csv.has_titles(text):
        contents = reading_csv.read(text)
    else:
        contents = reading_text.read(text)
    count = sum(isinstance(line, Entry) for each in contents.lists for line in each.lines)
    if count > MOST_ENTRIES:
        raise InvalidRequestError(f"{name} has {count:,} instruments; a watchlist file has at most {MOST_ENTRIES:,}")
    if not contents.lists and not contents.trouble:
        raise InvalidRequestError(f"{name} has no instruments in it")
    return contents


def _decoded(data: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidRequestError(
            f"{name} is not text in UTF-8 (byte {error.start + 1:,} cannot be read); save it as UTF-8 and try again"
        ) from None
    if "\0" in text:
        raise InvalidRequestError(f"{name} is not a text file")
    return text
