"""Connections wait for a login, and a login that was refused is not tried again."""

from __future__ import annotations

import asyncio

from adapters.session_gate import SessionGate
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.waiting import until


def _gate(sessions: ToySessions | None) -> tuple[SessionGate, list[str]]:
    told: list[str] = []
    gate = SessionGate("toy", "Toy", sessions, lambda: told.append(gate.why_closed))
    return gate, told


async def test_a_venue_without_login_is_always_open() -> None:
    gate, told = _gate(None)
    assert await gate.session() is None
    assert told == []


async def test_it_waits_for_the_first_login_and_says_so() -> None:
    sessions = ToySessions()
    gate, told = _gate(sessions)
    gate.watch(lambda: None)
    waiting = asyncio.ensure_future(gate.session())
    await until(lambda: told == ["Log in to Toy to get its prices"])
    sessions.log_in("toy", {"access_token": "a"})
    session = await waiting
    assert session is not None
    assert session.reveal("access_token") == "a"
    assert told[-1] == ""
    gate.close()
    assert sessions.listeners == 0


async def test_a_refused_login_is_told_once_and_not_tried_again() -> None:
    sessions = ToySessions()
    sessions.log_in("toy", {"access_token": "a"})
    gate, told = _gate(sessions)
    gate.watch(lambda: None)
    first = await gate.session()
    gate.refuse(first, "wrong token")
    gate.refuse(first, "wrong token")
    assert sessions.refusals == ["wrong token"]
    assert told[-1] == "Toy needs a new login: wrong token"
    waiting = asyncio.ensure_future(gate.session())
    sessions.log_in("toy", {"access_token": "b"})
    second = await waiting
    assert second is not None
    assert second.reveal("access_token") == "b"
    gate.close()


async def test_a_login_past_its_end_is_not_tried() -> None:
    sessions = ToySessions()
    sessions.log_in("toy", {"access_token": "a"}, expires_ms=1.0)
    gate, told = _gate(sessions)
    waiting = asyncio.ensure_future(gate.session())
    await until(lambda: told)
    assert told[-1] == "Toy needs a new login: the session is over"
    waiting.cancel()


async def test_only_another_session_or_a_logout_is_a_change() -> None:
    sessions, changes = ToySessions(), []
    gate, told = _gate(sessions)
    gate.watch(lambda: changes.append(gate.current() is not None))
    sessions.log_out()
    assert changes == []
    sessions.log_in("toy", {"access_token": "a"})
    sessions.log_in("toy", {"access_token": "a"})
    assert changes == [True]
    sessions.log_in("toy", {"access_token": "b"})
    sessions.log_out()
    sessions.log_in("other", {"access_token": "a"})
    assert changes == [True, True, False]
    assert told[-1] == "Log in to Toy to get its prices"
    gate.close()
