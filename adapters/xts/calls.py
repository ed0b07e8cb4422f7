"""Requests that a conversation makes over REST, and their answers, on the way between it and its connection. Pure.

XTS takes subscriptions as REST requests while prices come over a socket. To the conversation both are one connection:
it hands out `Call`s beside messages for the socket, and hears `Answer`s beside frames of the socket. Both are bytes,
as everything is that a kept connection carries.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

Place = tuple[int, int]
"""An instrument: the number of its segment, and its id there. An id alone comes again on another segment."""

SUBSCRIBE: Final = "POST"
UNSUBSCRIBE: Final = "PUT"


class Call(bytes):
    """A request to `path` below the prefix; the bytes are its JSON body.

    `attempt` counts from 0 how often it was made for the same instruments; `serial` is its place in the order in
    which calls are made.
    """

    method: str
    code: int
    places: tuple[Place, ...]
    attempt: int
    serial: int


class Answer(bytes):
    """What came of `call`: the bytes are the body, `status` is that of HTTP."""

    call: Call
    status: int


def subscription(method: str, code: int, places: Iterable[Place], attempt: int = 0) -> Call:
    """Return the request that begins (`SUBSCRIBE`) or ends the messages `code` of `places`."""
    given = tuple(places)
    instruments = [{"exchangeSegment": segment, "exchangeInstrumentID": number} for segment, number in given]
    call = Call(msgspec.json.encode({"instruments": instruments, "xtsMessageCode": code}))
    call.method, call.code, call.places, call.attempt, call.serial = method, code, given, attempt, 0
    return call


def answer(call: Call, status: int, body: bytes) -> Answer:
    """Return the answer `body` to `call`."""
    made = Answer(body)
    made.call, made.status = call, status
    return made
