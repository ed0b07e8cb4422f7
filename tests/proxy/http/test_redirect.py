"""The way back from a broker's login page: with our state, once, and then nobody is at home."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from proxy.http.redirect import RedirectListener, pasted


async def _visit(url: str, **query: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        return answer.status, await answer.text()


async def test_the_browser_is_taken_with_our_state_and_only_once() -> None:
    async with RedirectListener(0) as listener:
        status, page = await _visit(listener.url, state=listener.state, request_token="once")
        assert status == 200
        assert "close this page" in page
        assert "once" not in page
        assert await listener.answer() == {"state": listener.state, "request_token": "once"}
        assert (await _visit(listener.url, state=listener.state, request_token="twice"))[0] == 410
        assert (await listener.answer())["request_token"] == "once"
    with pytest.raises(aiohttp.ClientConnectorError):
        await _visit(listener.url, state=listener.state)


@pytest.mark.parametrize("state", ["", "wrong", "ünïcode"])
async def test_another_page_cannot_log_somebody_in(state: str) -> None:
    async with RedirectListener(0) as listener:
        assert (await _visit(listener.url, state=state, request_token="theirs"))[0] == 400
        with pytest.raises(TimeoutError):
            await listener.answer(within_s=0.01)


async def test_a_broker_that_hands_no_state_back_is_taken_without_but_never_with_another() -> None:
    async with RedirectListener(0, needs_state=False) as listener:
        assert (await _visit(listener.url))[0] == 400
        assert (await _visit(listener.url, state="wrong", code="theirs"))[0] == 400
        assert (await _visit(listener.url, state="", code="theirs"))[0] == 400
        assert (await _visit(listener.url, code="ours"))[0] == 200
        assert await listener.answer() == {"code": "ours"}


async def test_states_are_never_the_same() -> None:
    assert len({RedirectListener(0).state for _ in range(50)}) == 50


async def test_a_taken_port_is_an_error_and_leaves_nothing_open() -> None:
    async with RedirectListener(0) as first:
        port = int(first.url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            async with RedirectListener(port):
                pass
    await asyncio.sleep(0)


def test_what_was_pasted_may_be_the_address_or_its_query() -> None:
    expected = {"request_token": "abc", "state": "s"}
    assert pasted("http://127.0.0.1:8766/callback?request_token=abc&state=s") == expected
    assert pasted(" ?request_token=abc&state=s ") == expected
    assert pasted("nothing") == {}
