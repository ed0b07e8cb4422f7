"""Login to Dhan, against the toy."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import NamedTuple

import pyotp
import pytest
from aiohttp import web

from adapters.dhan.login import FORM, DhanLogin, explained
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, InvalidRequestError
from tests.doubles.toy_dhan import APP, ToyDhan, refused, token_of_claims

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEH"
GIVEN = {"client_id": "AB1234", "pin": "123456", "totp_secret": SEED}
SECRETS = (SEED, "very-secret", "987654")


class World(NamedTuple):
    """The toy and a login that talks to it."""

    toy: ToyDhan
    login: DhanLogin


@pytest.fixture
async def world() -> AsyncIterator[World]:
    toy = ToyDhan()
    await toy.start()
    login = DhanLogin(toy.endpoints())
    yield World(toy, login)
    await login.close()
    await toy.stop()


async def test_the_seed_becomes_a_code_and_the_code_a_session(world: World) -> None:
    session = await world.login.open_session(FORM.check(GIVEN))
    (asked,) = world.toy.asked
    assert pyotp.TOTP(SEED).verify(asked["totp"], valid_window=1)
    assert (asked["dhanClientId"], asked["pin"], asked["body"]) == ("AB1234", "123456", "")
    assert (session.broker, session.user, session.reveal("access_token")) == ("dhan", "AB1234", "good-token")
    assert session.expires_ms == session.obtained_ms + 86_400_000


async def test_a_token_says_itself_when_it_ends(world: World) -> None:
    ends_s = time.time() + 5_000
    world.toy.refusal = web.json_response({"accessToken": token_of_claims(exp=ends_s, dhanClientId="AB1234")})
    session = await world.login.open_session(FORM.check(GIVEN))
    assert session.expires_ms == pytest.approx(ends_s * 1000)


async def test_a_pasted_token_needs_no_request(world: World) -> None:
    ends_s = int(time.time()) + 5_000
    token = token_of_claims(exp=ends_s, dhanClientId="AB1234", iss="dhan")
    session = await world.login.open_session(FORM.check({"client_id": "AB1234", "access_token": token}))
    assert (session.reveal("access_token"), session.expires_ms) == (token, ends_s * 1000.0)
    assert world.toy.asked == []


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("very-secret", "not an access token"),
        ("very-secret.very-secret.very-secret", "not an access token"),
        ("a.!!!.b", "not an access token"),
        (token_of_claims(exp=99_999_999_999, dhanClientId="XX"), "another client id"),
        (token_of_claims(exp=5, dhanClientId="AB1234"), "has expired"),
        (token_of_claims(exp="very-secret"), "not an access token"),
    ],
)
async def test_a_pasted_token_that_cannot_be_good_is_refused(world: World, token: str, words: str) -> None:
    with pytest.raises((FeedRejectedError, InvalidRequestError), match=words) as caught:
        await world.login.open_session(FORM.check({"client_id": "AB1234", "access_token": token}))
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pin": "987654"}, "the PIN is wrong"),
        ({"client_id": "very-secret"}, "the client id is not known"),
        ({"totp": "very-secret"}, "the one-time code is wrong or too late"),
    ],
)
async def test_a_refusal_is_a_plain_sentence(world: World, changed: dict[str, str], words: str) -> None:
    with pytest.raises(FeedRejectedError, match=words) as caught:
        await world.login.open_session(FORM.check(GIVEN | changed))
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"client_id": "AB1234"}, "PIN"),
        ({"client_id": "AB1234", "pin": "123456"}, "TOTP secret or a one-time code"),
        ({"client_id": "AB1234", "pin": "123456", "totp_secret": "189 very-secret"}, "QR code"),
    ],
)
async def test_what_is_missing_is_named(world: World, given: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as caught:
        await world.login.open_session(FORM.check(given))
    assert "very-secret" not in str(caught.value)
    assert world.toy.asked == []


async def test_with_pin_and_seed_a_session_is_renewed_by_a_login(world: World) -> None:
    given = FORM.check(GIVEN)
    session = await world.login.open_session(given)
    assert (await world.login.renew(given, session)).reveal("access_token") == "good-token"
    assert world.toy.requests == {"login": 2}


async def test_another_session_is_renewed_while_it_lives(world: World) -> None:
    given = FORM.check(GIVEN | {"totp": "123456", "totp_secret": ""})
    session = await world.login.open_session(given)
    renewed = await world.login.renew(given, session)
    assert (renewed.user, renewed.reveal("access_token")) == ("AB1234", "renewed-token")
    world.toy.tokens = {"another"}
    with pytest.raises(FeedRejectedError, match="make a new one"):
        await world.login.renew(given, session)


async def test_other_answers(world: World) -> None:
    given = FORM.check(GIVEN)
    world.toy.refusal = refused("DH-905", "very-secret", status=400)
    with pytest.raises(FeedRejectedError, match="no known reason") as caught:
        await world.login.open_session(given)
    assert "very-secret" not in str(caught.value)
    world.toy.refusal = web.Response(status=503)
    with pytest.raises(FeedUnavailableError):
        await world.login.open_session(given)
    world.toy.refusal = web.Response(text="<html>very-secret")
    with pytest.raises(DecodeError) as garbled:
        await world.login.open_session(given)
    assert "very-secret" not in str(garbled.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b'{"message":"Token can be generated once every 2 minutes"}', "less than two minutes ago"),
        (b'{"status":"error","remarks":{"error_message":"Account is blocked"}}', "blocked"),
        (b'{"errorMessage":"Invalid Token"}', "make a new one"),
        (
            b'{"errorCode":"DH-901","errorMessage":"Client ID or user generated access token is invalid or expired."}',
            "make a new one",
        ),
        (b'{"message":"Invalid Dhan Client ID"}', "client id is not known"),
        (b'{"message":null,"errorMessage":"Invalid TOTP"}', "one-time code"),
        (b'{"message":{"text":"Invalid Pin"},"errorMessage":null,"remarks":null}', "PIN is wrong"),
        (b'{"message":null,"errorMessage":null}', "no known reason"),
        (b'{"message":"very-secret"}', "no known reason"),
        (b"\xff", "no known reason"),
    ],
)
def test_refusals_are_told_without_the_words_of_the_broker(said: bytes, words: str) -> None:
    sentence = explained(said)
    assert words in sentence
    assert "very-secret" not in sentence


BY_KEY = {"client_id": "AB1234", "api_key": APP[0], "api_secret": APP[1]}
REDIRECT = {"redirect": "http://127.0.0.1:8766/callback", "state": "s"}


async def test_the_browser_is_sent_to_the_consent_that_was_asked_for(world: World) -> None:
    url = await world.login.authorize_url(FORM.check(BY_KEY), **REDIRECT)
    assert url == f"{world.toy.endpoints()['login']}/login/consentApp-login?consentAppId=consent-1"


async def test_what_the_browser_brings_back_becomes_a_session_once(world: World) -> None:
    world.toy.token_ids = {"token-1": "AB1234"}
    session = await world.login.open_session(FORM.check(BY_KEY), answer={"tokenId": "token-1"})
    assert (session.user, session.reveal("access_token")) == ("AB1234", "good-token")
    with pytest.raises(FeedRejectedError, match="refused the login"):
        await world.login.open_session(FORM.check(BY_KEY), answer={"tokenId": "token-1"})


async def test_another_account_in_the_browser_is_refused(world: World) -> None:
    world.toy.token_ids = {"token-1": "XY9876"}
    with pytest.raises(FeedRejectedError, match="another client id") as caught:
        await world.login.open_session(FORM.check(BY_KEY), answer={"tokenId": "token-1"})
    assert "XY9876" not in str(caught.value)


async def test_a_consent_that_is_not_given_is_a_plain_sentence(world: World) -> None:
    with pytest.raises(InvalidRequestError, match="no token id back"):
        await world.login.open_session(FORM.check(BY_KEY), answer={})
    with pytest.raises(InvalidRequestError, match="API key and the API secret"):
        await world.login.authorize_url(FORM.check({"client_id": "AB1234", "api_key": "x"}), **REDIRECT)
    for changed, words in (
        ({"api_key": "very-secret"}, "no known reason"),
        ({"client_id": "very-secret"}, "client id is not known"),
    ):
        with pytest.raises(FeedRejectedError, match=words) as caught:
            await world.login.authorize_url(FORM.check(BY_KEY | changed), **REDIRECT)
        assert not any(secret in str(caught.value) for secret in (*SECRETS, *APP))


def test_what_is_typed_says_which_way_and_what_is_kept_only_where_it_is_one() -> None:
    kept_pin, kept_key = ("client_id", "pin", "totp_secret"), ("client_id", "api_key", "api_secret")
    assert FORM.needs_browser(BY_KEY)
    assert FORM.needs_browser(BY_KEY, kept_pin)
    assert FORM.needs_browser({}, kept_key)
    assert not FORM.needs_browser({}, kept_pin)
    assert not FORM.needs_browser({}, (*kept_pin, *kept_key))
    assert not FORM.needs_browser({"access_token": "x"}, kept_key)
    with pytest.raises(InvalidRequestError, match="Fill in one of these"):
        FORM.needs_browser(BY_KEY | {"pin": "123456"})
