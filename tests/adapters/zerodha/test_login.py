"""The login: where the browser goes, what its answer becomes, and sentences without secrets."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from adapters.zerodha.login import ZerodhaLogin
from market.credentials import Secret
from market.errors import FeedRejectedError, FeedUnavailableError, InvalidRequestError

CREDENTIALS = {"api_key": Secret("key"), "api_secret": Secret("hush")}


class Kite:
    """`POST /session/token`, as Kite answers it."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.answer: tuple[int, object] = (
            200,
            {"status": "success", "data": {"user_id": "AB1234", "access_token": "day"}},
        )
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        self.fields = {name: str(value) for name, value in (await request.post()).items()}
        status, body = self.answer
        return web.json_response(body, status=status)


@pytest.fixture
async def kite() -> AsyncIterator[Kite]:
    kite, app = Kite(), web.Application()
    app.router.add_post("/session/token", kite.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kite.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kite
    await runner.cleanup()


@pytest.fixture
async def login(kite: Kite) -> AsyncIterator[ZerodhaLogin]:
    login = ZerodhaLogin({"login": "https://kite.example", "rest": kite.url})
    yield login
    await login.close()


async def test_the_browser_goes_to_kite_with_the_key_and_our_state(login: ZerodhaLogin) -> None:
    parts = urlsplit(await login.authorize_url(CREDENTIALS, redirect="http://127.0.0.1:1/", state="s 1"))
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == ("kite.example", "/connect/login")
    assert (query["v"], query["api_key"]) == (["3"], ["key"])
    assert parse_qs(query["redirect_params"][0]) == {"state": ["s 1"]}
    assert "hush" not in parts.query


async def test_the_request_token_becomes_a_session(login: ZerodhaLogin, kite: Kite) -> None:
    session = await login.open_session(CREDENTIALS, answer={"request_token": "once", "state": "x"})
    assert kite.fields == {
        "api_key": "key",
        "request_token": "once",
        "checksum": hashlib.sha256(b"keyoncehush").hexdigest(),
    }
    assert (session.broker, session.user) == ("zerodha", "AB1234")
    assert (session.reveal("api_key"), session.reveal("access_token")) == ("key", "day")
    assert session.expires_ms is not None
    assert 0 < session.expires_ms - session.obtained_ms <= 86_400_000
    assert (session.expires_ms / 1000.0 + 19_800) % 86_400 == pytest.approx(6 * 3600)


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (403, "TokenException", "took too long"),
        (400, "InputException", "does not know this API key"),
        (400, "Else", "HTTP 400"),
    ],
)
async def test_a_refusal_is_a_sentence_without_secrets(
    login: ZerodhaLogin, kite: Kite, status: int, kind: str, sentence: str
) -> None:
    kite.answer = (status, {"status": "error", "message": "key once hush", "error_type": kind})
    with pytest.raises(FeedRejectedError, match=sentence) as caught:
        await login.open_session(CREDENTIALS, answer={"request_token": "once"})
    assert not any(secret in str(caught.value) for secret in ("hush", "once"))


async def test_an_exchange_that_is_down_is_no_refusal(login: ZerodhaLogin, kite: Kite) -> None:
    kite.answer = (502, {})
    with pytest.raises(FeedUnavailableError):
        await login.open_session(CREDENTIALS, answer={"request_token": "once"})


async def test_a_browser_that_brought_nothing_back_is_named(login: ZerodhaLogin) -> None:
    with pytest.raises(InvalidRequestError, match="no request token"):
        await login.open_session(CREDENTIALS, answer={})
