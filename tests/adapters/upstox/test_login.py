"""The login to Upstox, against the toy."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.upstox.login import UpstoxLogin
from adapters.upstox.refusals import code_of, explained
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import LoginKind
from tests.adapters.upstox.conftest import session_of
from tests.doubles.toy_upstox import ToyUpstox, error

KEYS = {"api_key": Secret("key"), "api_secret": Secret("secret")}
REDIRECT = "http://127.0.0.1:8765/callback"
GOOD = {"code": "good-code"}


@pytest.fixture
async def login(toy: ToyUpstox) -> AsyncIterator[UpstoxLogin]:
    login = UpstoxLogin(toy.endpoints())
    yield login
    await login.close()


async def test_the_code_of_the_browser_becomes_a_session(toy: ToyUpstox, login: UpstoxLogin) -> None:
    session = await login.open_session(KEYS, answer=GOOD, redirect=REDIRECT)
    assert (session.broker, session.user, session.reveal("access_token")) == ("upstox", "AB1234", "good-token")
    assert toy.asked == [
        {
            "code": "good-code",
            "client_id": "key",
            "client_secret": "secret",
            "redirect_uri": REDIRECT,
            "grant_type": "authorization_code",
        }
    ]


async def test_a_session_ends_at_half_past_three_in_india(login: UpstoxLogin) -> None:
    session = await login.open_session(KEYS, answer=GOOD, redirect=REDIRECT)
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - time.time() * 1000.0 <= 86_400_000
    assert (session.expires_ms + 19_800_000) % 86_400_000 == 3.5 * 3_600_000


async def test_the_browser_is_sent_to_the_page_of_the_login(login: UpstoxLogin) -> None:
    url = urlsplit(await login.authorize_url(KEYS, redirect=REDIRECT, state="s 1"))
    assert url.path == "/v2/login/authorization/dialog"
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["key"],
        "redirect_uri": [REDIRECT],
        "state": ["s 1"],
    }
    assert "secret" not in url.query
    assert (login.form.kind, login.form.can_renew) == (LoginKind.BROWSER, False)


@pytest.mark.parametrize(
    ("given", "answer", "sentence"),
    [
        ({"api_key": "very-secret"}, GOOD, "Upstox does not know this API key"),
        ({"api_secret": "very-secret"}, GOOD, "The API secret is not that of the API key"),
        ({}, {"code": "very-secret"}, "used or too old; log in once more"),
    ],
)
async def test_refusals_are_plain_sentences_without_secrets(
    login: UpstoxLogin, given: dict[str, str], answer: dict[str, str], sentence: str
) -> None:
    keys = KEYS | {name: Secret(value) for name, value in given.items()}
    with pytest.raises(FeedRejectedError) as caught:
        await login.open_session(keys, answer=answer, redirect=REDIRECT)
    assert sentence in str(caught.value)
    assert "very-secret" not in str(caught.value)


async def test_an_answer_without_a_code_is_not_sent(toy: ToyUpstox, login: UpstoxLogin) -> None:
    with pytest.raises(InvalidRequestError, match="no code"):
        await login.open_session(KEYS, answer={"state": "s"}, redirect=REDIRECT)
    assert toy.asked == []


async def test_an_account_that_is_not_active_is_said(toy: ToyUpstox, login: UpstoxLogin) -> None:
    toy.is_active = False
    with pytest.raises(FeedRejectedError, match="not active"):
        await login.open_session(KEYS, answer=GOOD, redirect=REDIRECT)


async def test_a_token_made_elsewhere_is_a_session_until_its_end(toy: ToyUpstox, login: UpstoxLogin) -> None:
    end_s = int(time.time()) + 1_000
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "AB1234", "exp": end_s}).encode()).decode().rstrip("=")
    fields = {"access_token": f"e30.{claims}.x"}
    assert not login.form.needs_browser(fields)
    session = await login.open_session(login.form.check(fields))
    assert (session.user, session.expires_ms) == ("AB1234", end_s * 1000.0)
    assert session.reveal("access_token") == fields["access_token"]
    assert toy.asked == []


async def test_a_token_that_does_not_say_its_end_has_none(login: UpstoxLogin) -> None:
    session = await login.open_session({"access_token": Secret("opaque")})
    assert (session.user, session.expires_ms, session.reveal("access_token")) == ("", None, "opaque")


async def test_a_token_that_has_run_out_is_not_taken(login: UpstoxLogin) -> None:
    with pytest.raises(InvalidRequestError, match="has run out"):
        await login.open_session({"access_token": Secret("e30.eyJleHAiOjF9.x")})


async def test_nothing_renews_a_session(login: UpstoxLogin) -> None:
    with pytest.raises(FeedRejectedError, match="every day"):
        await login.renew(KEYS, session_of("good-token"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"errors":[{"errorCode":"UDAPI100050"}]}', "UDAPI100050"),
        (b'{"errors":[{"error_code":"UDAPI100050","errorCode":null}]}', "UDAPI100050"),
        (b'{"errors":[]}', ""),
        (b'{"status":"error"}', ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_codes_of_refusals(body: bytes, code: str) -> None:
    assert code_of(body) == code


def test_a_refusal_with_an_unknown_code_is_not_repeated() -> None:
    body = str(error("UDAPI999999")).encode()
    assert explained(body, "Upstox refused") == "Upstox refused"
