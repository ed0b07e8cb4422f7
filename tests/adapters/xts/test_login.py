"""Login to the market data of the XTS brokers, against the toy."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from adapters.xts.broker import BROKERS
from adapters.xts.login import XtsLogin
from adapters.xts.rows import ROWS, XtsRow
from market.credentials import Secret
from market.errors import FeedRejectedError
from market.logins import BrokerLogin, LoginKind
from tests.adapters.xts.bench import BY_NAME
from tests.doubles.toy_xts import ToyXts

KEYS = {"app_key": "key", "secret_key": "secret"}


@contextlib.asynccontextmanager
async def _login(row: XtsRow) -> AsyncIterator[BrokerLogin]:
    toy, make = ToyXts(row), BROKERS[row.name].login
    assert make is not None
    await toy.start()
    login = make(toy.endpoints())
    try:
        yield login
    finally:
        await login.close()
        await toy.stop()


@pytest.mark.parametrize("name", ["iifl", "rmoney"])
async def test_keys_become_a_session_and_renew_it(name: str) -> None:
    async with _login(BY_NAME[name]) as login:
        assert (login.form.kind, login.form.can_renew) == (LoginKind.DIRECT, True)
        keys = login.form.check(KEYS)
        session = await login.open_session(keys)
        assert (session.broker, session.user, session.reveal("access_token")) == (name, "AB1234", "good-token")
        assert (await login.renew(keys, session)).user == "AB1234"
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - time.time() * 1000 <= 86_400_000
    assert (session.expires_ms + 19_800_000) % 86_400_000 == 6 * 3_600_000


async def test_wrong_keys_are_a_plain_sentence() -> None:
    async with _login(ROWS[0]) as login:
        with pytest.raises(FeedRejectedError, match="does not accept these keys") as caught:
            await login.open_session({"app_key": Secret("key"), "secret_key": Secret("very-secret")})
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b'{"type":"error","code":"e","description":"Wrong appKey very-secret"}', "does not accept these keys"),
        (b'{"type":"error","code":"e","description":"User is blocked"}', "has blocked"),
        (b'[{"type":"error","code":"e","description":"very-secret"}]', "no known reason"),
        (b"<html>very-secret", "no known reason"),
    ],
)
async def test_refusals_are_told_without_the_words_of_the_broker(said: bytes, words: str) -> None:
    async with _login(ROWS[0]) as login:
        assert isinstance(login, XtsLogin)
        sentence = login._explained(said)
    assert words in sentence
    assert "very-secret" not in sentence


async def test_browser_is_not_needed() -> None:
    async with _login(ROWS[0]) as login:
        with pytest.raises(FeedRejectedError):
            await login.authorize_url({}, redirect="", state="")


def test_every_row_has_its_addresses() -> None:
    assert len(BROKERS) == len(ROWS) == 7
    for row in ROWS:
        endpoints = BROKERS[row.name].resolve({})
        assert (
            endpoints["ws"].removeprefix("wss")
            == endpoints["rest"].removeprefix("https")
            == endpoints["masters"].removeprefix("https")
        )
