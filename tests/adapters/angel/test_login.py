"""Login to Angel One, against the toy."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import NamedTuple

import pyotp
import pytest
from aiohttp import web

from adapters.angel.login import FORM, AngelLogin, explained
from adapters.angel.smartapi import Refusal
from adapters.transport import RateLimitedError
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, InvalidRequestError
from tests.doubles.toy_angel import ToyAngel, refused, token

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEH"
GIVEN = {"client_code": "ab1234", "pin": "1234", "api_key": "key", "totp_secret": SEED}
SECRETS = (SEED, "very-secret", "9876")


class World(NamedTuple):
    """The toy and a login that talks to it."""

    toy: ToyAngel
    login: AngelLogin


@pytest.fixture
async def world() -> AsyncIterator[World]:
    toy = ToyAngel()
    await toy.start()
    login = AngelLogin(toy.endpoints())
    yield World(toy, login)
    await login.close()
    await toy.stop()
    assert toy.violations == []


async def test_the_seed_becomes_a_code_and_the_code_a_session(world: World) -> None:
    session = await world.login.open_session(FORM.check(GIVEN))
    assert pyotp.TOTP(SEED).verify(world.toy.asked[0]["totp"], valid_window=1)
    assert (session.broker, session.user) == ("angel", "AB1234")
    assert [session.reveal(name) for name in ("api_key", "jwt_token", "feed_token", "refresh_token")] == [
        *("key", "good-token", "feed", "refresh"),
    ]
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - time.time() * 1000 <= 86_400_000
    assert (session.expires_ms + 19_800_000) % 86_400_000 == 0


async def test_a_token_that_comes_with_its_scheme_is_kept_without(world: World) -> None:
    data = {"jwtToken": "Bearer good-token", "feedToken": "feed", "refreshToken": "refresh"}
    world.toy.refusal = web.json_response({"status": True, "data": data})
    assert (await world.login.open_session(FORM.check(GIVEN))).reveal("jwt_token") == "good-token"


@pytest.mark.parametrize(
    ("jwt_h", "feed_h", "ends_h"), [(28, None, 28), (28, 24, 24), (None, 26, 26), (28, -1, 28), (28_000, 26, 26)]
)
async def test_a_session_ends_when_its_tokens_say(
    world: World, jwt_h: int | None, feed_h: int | None, ends_h: int
) -> None:
    now_s = int(time.time())
    jwt, feed = ("plain" if hours is None else token(now_s + hours * 3600) for hours in (jwt_h, feed_h))
    data = {"jwtToken": f"Bearer {jwt}", "feedToken": feed, "refreshToken": "refresh"}
    world.toy.refusal = web.json_response({"status": True, "data": data})
    assert (await world.login.open_session(FORM.check(GIVEN))).expires_ms == (now_s + ends_h * 3600) * 1000.0


async def test_a_typed_code_goes_before_the_seed(world: World) -> None:
    world.toy.code = "123456"
    await world.login.open_session(FORM.check(GIVEN | {"totp": "123456"}))
    assert world.toy.asked[0]["totp"] == "123456"


async def test_with_the_seed_a_session_is_renewed_by_a_login(world: World) -> None:
    given = FORM.check(GIVEN)
    session = await world.login.renew(given, await world.login.open_session(given))
    assert world.toy.requests == {"loginByPassword": 2}
    assert session.reveal("jwt_token") == "good-token"


async def test_without_the_seed_the_refresh_token_renews(world: World) -> None:
    given = FORM.check(GIVEN | {"totp": "123456", "totp_secret": ""})
    session = await world.login.renew(given, await world.login.open_session(given))
    assert world.toy.requests == {"loginByPassword": 1, "generateTokens": 1}
    assert (session.user, session.reveal("jwt_token"), session.reveal("api_key")) == ("AB1234", "renewed-token", "key")


async def test_a_session_that_is_over_is_not_renewed(world: World) -> None:
    given = FORM.check(GIVEN | {"totp": "123456", "totp_secret": ""})
    session = await world.login.open_session(given)
    world.toy.tokens = {"another"}
    with pytest.raises(FeedRejectedError, match="log in once more"):
        await world.login.renew(given, session)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pin": "9876"}, "the PIN is wrong"),
        ({"api_key": "very-secret"}, "the API key is not known"),
        ({"totp": "very-secret"}, "the one-time code is wrong or too late"),
    ],
)
async def test_a_refusal_is_a_plain_sentence(world: World, changed: dict[str, str], words: str) -> None:
    with pytest.raises(FeedRejectedError, match=words) as caught:
        await world.login.open_session(FORM.check(GIVEN | changed))
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert caught.value.__cause__ is None


async def test_a_login_needs_a_code_or_its_seed(world: World) -> None:
    with pytest.raises(InvalidRequestError, match="one-time code"):
        await world.login.open_session(FORM.check(GIVEN | {"totp_secret": ""}))
    with pytest.raises(InvalidRequestError, match="QR code") as caught:
        await world.login.open_session(FORM.check(GIVEN | {"totp_secret": "very-secret 189"}))
    assert "very-secret" not in str(caught.value)


async def test_other_answers(world: World) -> None:
    given = FORM.check(GIVEN)
    world.toy.refusal = web.Response(status=403, text="Access denied because of exceeding access rate")
    with pytest.raises(RateLimitedError):
        await world.login.open_session(given)
    world.toy.refusal = refused("AG8001", "very-secret", status=401)
    with pytest.raises(FeedRejectedError, match="no known reason"):
        await world.login.open_session(given)
    world.toy.refusal = web.Response(status=403, text="<html>very-secret")
    with pytest.raises(FeedRejectedError, match="no known reason") as caught:
        await world.login.open_session(given)
    assert "very-secret" not in str(caught.value)
    world.toy.refusal = web.Response(status=503)
    with pytest.raises(FeedUnavailableError):
        await world.login.open_session(given)
    world.toy.refusal = web.json_response({"status": True, "data": {"jwtToken": "very-secret"}})
    with pytest.raises(DecodeError) as garbled:
        await world.login.open_session(given)
    assert "very-secret" not in str(garbled.value)


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        ("AB1006", "", "blocked"),
        ("", "user is blocked", "blocked"),
        ("AB7001", "loginbypassword is not allowed. please switch to login by mpin now.", "PIN of four digits"),
        ("XX999", "very-secret", "no known reason"),
        ("very-secret very-secret", "", "no known reason"),
    ],
)
def test_codes_become_sentences(code: str, said: str, words: str) -> None:
    sentence = explained(Refusal(code, said))
    assert words in sentence
    assert "very-secret" not in sentence


async def test_it_logs_in_without_the_browser() -> None:
    with pytest.raises(FeedRejectedError):
        await AngelLogin({"rest": "http://127.0.0.1:1"}).authorize_url({}, redirect="", state="")
    assert [each.name for each in FORM.fields if each.is_totp_secret] == ["totp_secret"]
    assert Secret("x").reveal() == "x"
