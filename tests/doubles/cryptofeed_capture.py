"""Reads recordings in cryptofeed's capture format: what a venue really sent, with the time of each message.

`ts: message` was received, `URL <-> ts` opened a connection, `URL <- ts: message` was sent, `URL -> ts: body` is the
answer to a request.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

_RECEIVED = re.compile(rb"(\d+(?:\.\d+)?): (.*)")
_ANSWER = re.compile(rb"(\S+) -> (\d+(?:\.\d+)?): (.*)")


class Frame(NamedTuple):
    """A received message and when it came, in seconds since 1970."""

    at_s: float
    body: bytes


class Answer(NamedTuple):
    """The answer to a REST request: its path, the symbol it asked for (or ""), and the body."""

    path: str
    symbol: str
    body: bytes


def read_frames(path: Path) -> list[Frame]:
    """Return the messages received on the connections in `path`, in order."""
    found = (_RECEIVED.fullmatch(line) for line in path.read_bytes().splitlines())
    return [Frame(float(match[1]), match[2]) for match in found if match]


def read_answers(path: Path) -> list[Answer]:
    """Return the REST answers in `path`, in order."""
    answers = []
    for line in path.read_bytes().splitlines():
        match = _ANSWER.fullmatch(line)
        if match:
            url = urlsplit(match[1].decode())
            answers.append(Answer(url.path, parse_qs(url.query).get("symbol", [""])[0], match[3]))
    return answers
