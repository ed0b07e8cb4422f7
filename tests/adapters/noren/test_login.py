"""Logins of the Noren brokers, against the toy."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from adapters.noren.broker import BROKERS
from adapters.noren.login import explained
from adapters.noren.rows import ALICEBLUE, FLATTRADE, ROWS, SHOONYA, ZEBU, NorenRow
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError, OpenAlgoError
from market.logins import BrokerLogin, LoginKind
from tests.doubles.toy_noren import ToyNoren

SECRETS = ("very-secret", "the-code")
KEYS = {"api_key": Secret("key"), "api_secret": Secret("secret")}


@contextlib.asynccontextmanager
async def _login(row: NorenRow) -> AsyncIterator[tuple[ToyNoren, BrokerLogin]]:
    toy, make = ToyNoren(row), BROKERS[row.name].login
    assert make is not None
    await toy.start()
    login = make(toy.endpoints())
    try:
        yield toy, login
    finally:
        await login.close()
        await toy.stop()


@pytest.mark.parametrize("row", [SHOONYA, ZEBU, FLATTRADE], ids=lambda row: row.name)
async def test_code_of_the_browser_becomes_a_session(row: NorenRow) -> None:
    async with _login(row) as (_, login):
        session = await login.open_session(KEYS, answer={"code": "good-code"})
    assert (session.broker, session.user, session.reveal("access_token")) == (row.name, "AB1234", "good-token")
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - time.time() * 1000 <= 86_400_000
    assert (session.expires_ms + 19_800_000) % 86_400_000 == 6 * 3_600_000


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (FLATTRADE, {"token": "good-token", "client": "AB1234", "status": "Ok", "emsg": ""}),
        (FLATTRADE, {"token": "good-token", "client": "AB1234", "stat": "Ok", "emsg": None}),
        (SHOONYA, {"stat": "Ok", "access_token": "good-token", "USERID": "AB1234", "emsg": None, "uid": None}),
        (ZEBU, {"access_token": "good-token", "USERID": "AB1234", "refresh_token": "r", "susertoken": "s"}),
    ],
)
async def test_answer_may_be_the_documented_one_or_the_real_one(row: NorenRow, answer: dict[str, str | None]) -> None:
    async with _login(row) as (toy, login):
        toy.login_answer = answer
        session = await login.open_session(KEYS, answer={"request_code": "good-code"})
    assert (session.user, session.reveal("access_token")) == ("AB1234", "good-token")


@pytest.mark.parametrize("word", ["stat", "status"])
async def test_answer_that_says_no_is_none_whatever_else_it_holds(word: str) -> None:
    async with _login(FLATTRADE) as (toy, login):
        toy.login_answer = {"token": "good-token", "client": "AB1234", word: "Not_Ok", "emsg": None}
        with pytest.raises(FeedRejectedError, match="no known reason"):
            await login.open_session(KEYS, answer={"code": "good-code"})


@pytest.mark.parametrize("row", [SHOONYA, FLATTRADE], ids=lambda row: row.name)
async def test_wrong_secret_is_a_plain_sentence(row: NorenRow) -> None:
    async with _login(row) as (_, login):
        with pytest.raises(FeedRejectedError) as caught:
            await login.open_session({**KEYS, "api_secret": Secret(SECRETS[0])}, answer={"code": SECRETS[1]})
    assert "took too long" in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)


async def test_answer_without_a_code_is_refused() -> None:
    async with _login(SHOONYA) as (_, login):
        with pytest.raises(InvalidRequestError):
            await login.open_session(KEYS, answer={})


@pytest.mark.parametrize(
    ("row", "url"),
    [
        (SHOONYA, "https://trade.shoonya.com/OAuthlogin/authorize/oauth?client_id=key&state=s"),
        (ZEBU, "https://go.mynt.in/OAuthlogin/authorize/oauth?client_id=key&state=s"),
        (FLATTRADE, "https://auth.flattrade.in?app_key=key&state=s"),
    ],
)
async def test_page_of_the_login(row: NorenRow, url: str) -> None:
    make = BROKERS[row.name].login
    assert make is not None
    login = make(BROKERS[row.name].resolve({}))
    assert await login.authorize_url(KEYS, redirect="http://127.0.0.1:1/", state="s") == url
    await login.close()


@pytest.mark.parametrize("row", [SHOONYA, ZEBU, FLATTRADE], ids=lambda row: row.name)
async def test_browser_may_come_back_without_state_to_a_login_that_proves_its_secret(row: NorenRow) -> None:
    async with _login(row) as (_, login):
        assert login.form.kind is LoginKind.BROWSER
        assert not login.form.echoes_state
        with pytest.raises(FeedRejectedError):
            await login.open_session({**KEYS, "api_secret": Secret("another")}, answer={"code": "good-code"})


async def test_alice_blue_logs_in_with_its_key_and_renews() -> None:
    async with _login(ALICEBLUE) as (_, login):
        assert (login.form.kind, login.form.can_renew) == (LoginKind.DIRECT, True)
        keys = login.form.check({"user_id": "ab1234", "api_key": "key"})
        session = await login.open_session(keys)
        assert (session.user, session.reveal("access_token")) == ("AB1234", "good-token")
        assert (await login.renew(keys, session)).reveal("access_token") == "good-token"


@pytest.mark.parametrize(("user", "key", "words"), [("XX", "key", "user id"), ("AB1234", "very-secret", "API key")])
async def test_alice_blue_refuses_with_a_sentence(user: str, key: str, words: str) -> None:
    async with _login(ALICEBLUE) as (_, login):
        with pytest.raises(FeedRejectedError, match=words) as caught:
            await login.open_session({"user_id": Secret(user), "api_key": Secret(key)})
    assert "very-secret" not in str(caught.value)


async def test_only_alice_blue_renews_without_the_user() -> None:
    for row in ROWS:
        async with _login(row) as (_, login):
            assert login.form.can_renew is (row is ALICEBLUE)
            if row is not ALICEBLUE:
                session = await login.open_session(KEYS, answer={"code": "good-code"})
                with pytest.raises(OpenAlgoError):
                    await login.renew(KEYS, session)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b'{"emsg":"Invalid Input : INVALID_IP 1.2.3.4"}', "IP addresses"),
        (b'{"emsg":"Invalid Input : User Blocked due to multiple wrong password"}', "blocked"),
        (b'{"emsg":"very-secret"}', "no known reason"),
        (b"<html>", "no known reason"),
    ],
)
def test_refusals_are_told_without_the_words_of_the_broker(said: bytes, words: str) -> None:
    sentence = explained("Shoonya", said)
    assert words in sentence
    assert "very-secret" not in sentence
    assert "1.2.3.4" not in sentence
