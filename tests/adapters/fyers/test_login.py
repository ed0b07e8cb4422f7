"""The login to Fyers, against the toy."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.fyers.login import FyersLogin
from adapters.fyers.refusals import explained, refusal_in
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import LoginKind
from tests.adapters.fyers.conftest import session_of
from tests.doubles.toy_fyers import ToyFyers, jwt

KEYS = {"app_id": Secret("APP-100"), "secret_id": Secret("secret")}
WITH_PIN = KEYS | {"pin": Secret("1234")}
GOOD = {"auth_code": "good-code", "code": "200", "s": "ok"}
CODE_PATH = "/api/v3/validate-authcode"


@pytest.fixture
async def login(toy: ToyFyers) -> AsyncIterator[FyersLogin]:
    login = FyersLogin(toy.endpoints())
    yield login
    await login.close()


async def test_the_code_of_the_browser_becomes_a_session(toy: ToyFyers, login: FyersLogin) -> None:
    session = await login.open_session(KEYS, answer=GOOD)
    assert (session.broker, session.user, session.expires_ms) == ("fyers", "FAB1234", 1_790_000_000_000)
    assert {name: session.reveal(name) for name in session.tokens} == {
        "app_id": "APP-100",
        "access_token": jwt("hsm"),
        "hsm_key": "hsm",
        "refresh_token": "refresh",
    }
    assert toy.asked == [
        {
            "grant_type": "authorization_code",
            "code": "good-code",
            "appIdHash": hashlib.sha256(b"APP-100:secret").hexdigest(),
        }
    ]


async def test_a_token_that_does_not_say_its_end_ends_at_six_in_india(toy: ToyFyers, login: FyersLogin) -> None:
    toy.answers[CODE_PATH] = {"s": "ok", "access_token": jwt("hsm", exp=0)}
    session = await login.open_session(KEYS, answer=GOOD)
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - time.time() * 1000.0 <= 86_400_000
    assert (session.expires_ms + 19_800_000) % 86_400_000 == 6 * 3_600_000
    assert "refresh_token" not in session.tokens


async def test_the_browser_is_sent_to_the_page_of_the_login(login: FyersLogin) -> None:
    url = urlsplit(await login.authorize_url(KEYS, redirect="http://127.0.0.1:1/x", state="s 1"))
    assert url.path == "/api/v3/generate-authcode"
    assert parse_qs(url.query) == {
        "client_id": ["APP-100"],
        "redirect_uri": ["http://127.0.0.1:1/x"],
        "response_type": ["code"],
        "state": ["s 1"],
    }
    assert (login.form.kind, login.form.can_renew) == (LoginKind.BROWSER, True)
    assert [each.name for each in login.form.fields if each.is_required] == ["app_id", "secret_id"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 200, "s": "error", "code": -437, "message": "very-secret"}, "(code -437)"),
        ({"status": 400, "s": "error", "code": -371, "message": "very-secret"}, "(HTTP 400) (code -371)"),
        ({"status": 401, "s": "error", "code": -16, "message": "very-secret"}, ""),
        ({"status": 403, "why": "very-secret"}, "(HTTP 403)"),
    ],
)
async def test_refusals_are_plain_sentences_without_secrets(
    toy: ToyFyers, login: FyersLogin, answer: dict[str, object], code: str
) -> None:
    toy.answers[CODE_PATH] = answer
    keys = KEYS | {"secret_id": Secret("very-secret")}
    with pytest.raises(FeedRejectedError) as caught:
        await login.open_session(keys, answer={"auth_code": "very-secret"})
    sentence = "Fyers refused the login: it took too long, or the secret ID is not that of the app ID"
    assert str(caught.value) == f"{sentence} {code}".strip()


async def test_an_answer_without_a_code_is_not_sent(toy: ToyFyers, login: FyersLogin) -> None:
    with pytest.raises(InvalidRequestError, match="no code"):
        await login.open_session(KEYS, answer={"code": "200"})
    assert toy.asked == []


async def test_a_token_without_a_key_for_the_feed_is_refused(toy: ToyFyers, login: FyersLogin) -> None:
    toy.answers[CODE_PATH] = {"s": "ok", "access_token": "not-a-jwt"}
    with pytest.raises(FeedRejectedError, match="without a key for its feed"):
        await login.open_session(KEYS, answer=GOOD)


async def test_the_pin_renews_a_session_and_keeps_what_renews_it(toy: ToyFyers, login: FyersLogin) -> None:
    session = await login.renew(WITH_PIN, session_of("old", refresh_token="refresh"))
    assert (session.reveal("hsm_key"), session.reveal("refresh_token")) == ("hsm-2", "refresh")
    assert toy.asked[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh",
        "pin": "1234",
        "appIdHash": hashlib.sha256(b"APP-100:secret").hexdigest(),
    }


async def test_a_wrong_pin_is_said_without_the_pin(login: FyersLogin) -> None:
    with pytest.raises(FeedRejectedError, match="the PIN is not right") as caught:
        await login.renew(KEYS | {"pin": Secret("9876")}, session_of("old", refresh_token="refresh"))
    assert "9876" not in str(caught.value)


@pytest.mark.parametrize(("keys", "others"), [(KEYS, {"refresh_token": "refresh"}), (WITH_PIN, {})])
async def test_without_pin_or_refresh_token_nothing_is_asked(
    toy: ToyFyers, login: FyersLogin, keys: dict[str, Secret], others: dict[str, str]
) -> None:
    with pytest.raises(FeedRejectedError, match="login in the browser"):
        await login.renew(keys, session_of("old", **others))
    assert toy.asked == []


def test_refusals_in_bodies() -> None:
    assert refusal_in(b'{"s":"ok"}') is None
    assert refusal_in(b'{"s":"no_data"}') is None
    assert refusal_in(b"<html>") is None
    refusal = refusal_in(b'{"s":"error","code":-300}')
    assert refusal is not None
    assert explained(refusal.code, "No") == "Fyers does not know this symbol"
