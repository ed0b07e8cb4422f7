"""Logins: kept encrypted, read by feeds at once, renewed in time, and never asked for twice in a row."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from market.logins import BrokerSession
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer
from services.storage.database import Storage, open_storage
from services.vault import Vault
from tests.doubles.toy_login import ToyLogin, ToyLogins
from tests.doubles.waiting import until

VAULT = Vault(b"m" * 32)


class Bench:
    """Sessions on a profile of their own, a broker that obeys, and a clock."""

    def __init__(self, storage: Storage) -> None:
        self.now_ms = 1_000_000.0
        self.logins = ToyLogins()
        self.storage = storage
        self.sessions = self.made()

    def made(self, vault: Vault = VAULT) -> BrokerSessions:
        """The service as another start makes it, on the same profile."""
        return BrokerSessions(self.logins, LoginDrawer(self.storage, vault), now_ms=lambda: self.now_ms)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    storage = open_storage(tmp_path)
    bench = Bench(storage)
    yield bench
    storage.close()


async def test_a_login_is_there_for_feeds_at_once_and_after_a_restart(bench: Bench) -> None:
    heard: list[str] = []
    bench.sessions.on_change("toy", lambda: heard.append("toy"))
    success, body, status = await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321", "code": "999"})
    assert (success, status) == (True, 200)
    assert body["message"] == "Logged in to Toy as AB1234"
    assert heard == ["toy"]
    bench.storage.flush()
    again = bench.made().current("toy")
    assert again == bench.sessions.current("toy")
    assert again is not None
    assert again.reveal("access_token") == "token-1"


async def test_nothing_of_it_is_readable_in_the_database(bench: Bench, tmp_path: Path) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "pin-4321"})
    bench.storage.flush()
    with sqlite3.connect(tmp_path / "openalgo.db") as database:
        rows = database.execute("SELECT * FROM broker_logins").fetchall()
    database.close()
    assert len(rows) == 1
    assert not any(word in str(rows) for word in ("pin-4321", "token-1", "AB1234"))


async def test_kept_fields_need_not_be_typed_again_and_codes_are_not_kept(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321", "code": "999"})
    assert bench.sessions.kept_fields("toy") == {"user", "pin"}
    await bench.sessions.log_in("toy", {"code": "111"})
    assert bench.logins.asked[-1][1] == {"user": "AB1234", "pin": "4321", "code": "111"}


async def test_a_refused_login_changes_nothing_and_says_why(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.logins.refusal = "The PIN is wrong"
    success, body, status = await bench.sessions.log_in("toy", {"pin": "0000"})
    assert (success, body["message"], body["error_code"], status) == (
        False,
        "The PIN is wrong",
        "BROKER_UNAVAILABLE",
        503,
    )
    session = bench.sessions.current("toy")
    assert session is not None
    assert session.reveal("access_token") == "token-1"
    bench.logins.refusal = None
    await bench.sessions.log_in("toy", {})
    assert bench.logins.asked[-1][1]["pin"] == "4321"


@pytest.mark.parametrize(
    ("broker", "fields", "sentence"),
    [
        ("toy", {"user": "AB1234"}, "The login needs pin"),
        ("toy", {"user": "a", "pin": "b", "colour": "red"}, "no field colour"),
        ("nobody", {}, "Unknown broker"),
    ],
)
async def test_what_is_missing_is_named(bench: Bench, broker: str, fields: dict[str, str], sentence: str) -> None:
    success, body, status = await bench.sessions.log_in(broker, fields)
    assert (success, status) == (False, 400)
    assert sentence in body["message"]


async def test_states_tell_how_it_stands(bench: Bench) -> None:
    assert [(each.broker, each.state) for each in bench.sessions.states()] == [("toy", "none"), ("web", "none")]
    bench.logins.expires_ms = 2_000_000.0
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    state = bench.sessions.state("toy")
    assert (state.state, state.user, state.expires_ms, state.renews_itself) == ("logged_in", "AB1234", 2e6, True)
    session = bench.sessions.current("toy")
    assert session is not None
    bench.sessions.refused(session, "token over")
    assert (bench.sessions.state("toy").state, bench.sessions.state("toy").reason) == ("refused", "token over")
    await bench.sessions.log_in("toy", {})
    bench.now_ms = 2_000_000.0
    assert bench.sessions.state("toy").state == "over"


async def test_a_browser_login_goes_out_with_state_and_comes_back_with_an_answer(bench: Bench) -> None:
    url = await bench.sessions.authorize_url("web", {"api_key": "k"}, redirect="http://127.0.0.1:1/", state="s")
    assert url == "https://web.example/login?key=k&to=http://127.0.0.1:1/&state=s"
    success, _, _ = await bench.sessions.log_in("web", {"api_key": "k"}, answer={"code": "c"})
    assert success
    assert bench.logins.asked[-1] == ("web", {"api_key": "k"}, {"code": "c"})


async def test_a_session_is_renewed_before_it_ends(bench: Bench) -> None:
    bench.logins.expires_ms = bench.now_ms + 5 * 60_000.0
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.logins.expires_ms = bench.now_ms + 86_400_000.0
    heard: list[str] = []
    bench.sessions.on_change("toy", lambda: heard.append("toy"))
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    await until(lambda: heard)
    session = bench.sessions.current("toy")
    assert session is not None
    assert session.reveal("access_token") == "token-2"
    keeping.cancel()


async def test_where_sessions_end_at_a_fixed_hour_the_next_one_is_asked_for_after_it(bench: Bench) -> None:
    end_ms = bench.now_ms + 60 * 60_000.0
    bench.logins.expires_ms = end_ms
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    given: list[int] = []
    for minute in (-61, -9, -3, 0, 1, 2, 7, 60):
        bench.now_ms = end_ms + minute * 60_000.0
        bench.logins.expires_ms = end_ms if minute <= 0 else end_ms + 86_400_000.0
        bench.sessions._wake.set()
        for _ in range(5):
            await asyncio.sleep(0)
        given.append(bench.logins.given)
    assert given == [1, 2, 2, 2, 3, 3, 3, 3]
    keeping.cancel()


async def test_a_refused_session_is_renewed_at_once(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    session = bench.sessions.current("toy")
    assert session is not None
    await asyncio.sleep(0)
    bench.sessions.refused(session, "token over")
    await until(lambda: bench.logins.given == 2)
    assert bench.sessions.state("toy").state == "logged_in"
    keeping.cancel()


@pytest.mark.expected_log("cannot be renewed")
async def test_a_renewal_that_fails_is_not_tried_again_at_once(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.logins.refusal = "blocked"
    session = bench.sessions.current("toy")
    assert session is not None
    bench.sessions.refused(session, "token over")
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    await until(lambda: len(bench.logins.asked) == 2)
    for _ in range(5):
        bench.sessions.refused(session, "token over")
        await asyncio.sleep(0)
    assert len(bench.logins.asked) == 2
    bench.now_ms += 301_000.0
    bench.sessions.refused(session, "token over")
    await until(lambda: len(bench.logins.asked) == 3)
    keeping.cancel()


@pytest.mark.expected_log("cannot be renewed")
async def test_after_two_refusals_the_user_is_asked_and_the_broker_is_not(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.logins.refusal = "wrong PIN"
    session = bench.sessions.current("toy")
    assert session is not None
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    for asked in (2, 3, 3, 3):
        bench.now_ms += 301_000.0
        bench.sessions.refused(session, "token over")
        await until(lambda asked=asked: len(bench.logins.asked) == asked)
        for _ in range(5):
            await asyncio.sleep(0)
    assert len(bench.logins.asked) == 3
    assert not bench.sessions.state("toy").renews_itself
    bench.logins.refusal = None
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "1234"})
    assert bench.sessions.state("toy").renews_itself
    keeping.cancel()


async def test_a_logout_during_a_renewal_counts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    session = bench.sessions.current("toy")
    assert session is not None
    login, begun, go_on = ToyLogin.renew, asyncio.Event(), asyncio.Event()

    async def slow(self: ToyLogin, *given: Any) -> BrokerSession:
        begun.set()
        await go_on.wait()
        return await login(self, *given)

    monkeypatch.setattr(ToyLogin, "renew", slow)
    bench.sessions.refused(session, "token over")
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    await begun.wait()
    bench.sessions.log_out("toy", forget=True)
    go_on.set()
    await until(lambda: bench.logins.given == 2)
    await asyncio.sleep(0)
    assert bench.sessions.current("toy") is None
    assert not keeping.done()
    keeping.cancel()


async def test_a_browser_session_is_not_renewed_without_the_user(bench: Bench) -> None:
    await bench.sessions.log_in("web", {"api_key": "k"}, answer={"code": "c"})
    session = bench.sessions.current("web")
    assert session is not None
    bench.sessions.refused(session, "token over")
    assert not bench.sessions.state("web").renews_itself
    keeping = asyncio.ensure_future(bench.sessions.keep_renewed())
    await asyncio.sleep(0)
    assert bench.logins.given == 1
    keeping.cancel()


async def test_a_logout_ends_the_session_and_may_forget_the_fields(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.sessions.log_out("toy")
    assert bench.sessions.current("toy") is None
    assert bench.sessions.kept_fields("toy") == {"user", "pin"}
    bench.sessions.log_out("toy", forget=True)
    bench.storage.flush()
    assert bench.storage.broker_logins.load() == []
    assert bench.made().kept_fields("toy") == frozenset()


async def test_a_login_of_another_process_is_noticed(bench: Bench) -> None:
    other = bench.made()
    heard: list[str] = []
    bench.sessions.on_change("toy", lambda: heard.append("toy"))
    await other.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.storage.flush()
    await bench.sessions.notice_changes()
    await bench.sessions.notice_changes()
    assert heard == ["toy"]
    assert bench.sessions.current("toy") == other.current("toy")
    other.log_out("toy", forget=True)
    bench.storage.flush()
    await bench.sessions.notice_changes()
    assert bench.sessions.current("toy") is None


async def test_what_another_computer_encrypted_is_as_good_as_nothing(bench: Bench) -> None:
    await bench.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    bench.storage.flush()
    elsewhere = bench.made(Vault(b"x" * 32))
    assert elsewhere.current("toy") is None
    assert elsewhere.kept_fields("toy") == frozenset()
