"""The HTTP server on a real socket: who is answered, what is refused, and in which shape."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from market.credentials import Secret
from proxy.http.server import HttpServer
from services.rest.answers import Answer
from services.rest.fields import Field, text
from tests.doubles.http_served import GOOD_KEY, LTP_KEY, Heard, HttpServed, echo, http_served, running
from tests.doubles.waiting import until

SECRET = "s" * 64


@pytest.fixture
async def served() -> AsyncIterator[HttpServed]:
    endpoints = (
        echo(),
        echo("/word/{word}", "GET", schema={"apikey": Field(text(1), is_required=False), "word": Field(text())}),
        echo("/depth", mode=3),
        echo("/open", "GET", access="open", schema={}),
        echo("/secret", "GET", access="secret", schema={}),
    )
    async with http_served(*endpoints, secret=Secret(SECRET)) as world:
        yield world


def error_of(heard: Heard) -> object:
    body = json.loads(heard.body)
    assert body["status"] == "error"
    assert heard.headers["Content-Type"].startswith("application/json")
    return body["message"]


async def test_a_request_with_a_key_is_answered_compactly(served: HttpServed) -> None:
    heard = await served.ask("/echo", json={"apikey": GOOD_KEY, "word": "a"})
    assert heard.status == 200
    assert heard.body == '{"given":{"word":"a"},"user":"trader1"}\n'
    assert heard.headers["Content-Type"] == "application/json"
    assert heard.headers["Cache-Control"] == "no-store"


async def test_a_trailing_slash_is_answered_without_a_redirect(served: HttpServed) -> None:
    heard = await served.ask("/echo/", json={"apikey": GOOD_KEY}, allow_redirects=False)
    assert heard.status == 200


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-API-KEY": GOOD_KEY}},
        {"params": {"apikey": GOOD_KEY}},
        {"data": f'{{"apikey": "{GOOD_KEY}"}}', "headers": {"Content-Type": "text/plain"}},
    ],
)
async def test_a_key_may_stand_in_header_query_or_body(served: HttpServed, options: dict[str, object]) -> None:
    assert (await served.ask("/echo", **options)).status == 200


async def test_get_takes_its_fields_from_path_and_query(served: HttpServed) -> None:
    heard = await served.ask("/word/NSE:M%26M", "GET", params={"apikey": GOOD_KEY, "word": "other"})
    assert json.loads(heard.body)["given"] == {"word": "NSE:M&M"}


async def test_a_wrong_key_is_refused_and_counted() -> None:
    async with http_served(echo()) as world:
        heard = await world.ask("/echo", json={"apikey": "nope"})
        assert (heard.status, heard.body) == (403, '{"message":"Invalid openalgo apikey","status":"error"}\n')
        assert world.server._counters["auth_failures"] == 1


async def test_a_missing_key_is_refused_by_the_fields_or_by_the_server(served: HttpServed) -> None:
    heard = await served.ask("/echo", json={})
    assert (heard.status, error_of(heard)) == (400, {"apikey": ["Missing data for required field."]})
    heard = await served.ask("/word/x", "GET")
    assert (heard.status, error_of(heard)) == (401, "API key is required")


async def test_a_key_sees_the_modes_that_it_may(served: HttpServed) -> None:
    heard = await served.ask("/depth", json={"apikey": LTP_KEY})
    assert (heard.status, error_of(heard)) == (403, "This key may not see Depth data")
    assert (await served.ask("/echo", json={"apikey": LTP_KEY})).status == 200
    assert (await served.ask("/depth", json={"apikey": GOOD_KEY})).status == 200


async def test_an_open_endpoint_needs_no_key(served: HttpServed) -> None:
    assert (await served.ask("/open", "GET")).status == 200


async def test_the_secret_must_be_proved_by_a_program_and_not_by_a_page(served: HttpServed) -> None:
    proof = {"X-Profile-Secret": SECRET}
    assert (await served.ask("/secret", "GET", headers=proof)).status == 200
    for headers in ({}, {"X-Profile-Secret": "x"}, {"X-API-KEY": GOOD_KEY}, {**proof, "Origin": "http://localhost"}):
        heard = await served.ask("/secret", "GET", headers=headers)
        assert heard.status == 403, headers
        assert "X-Profile-Secret" in str(error_of(heard))


async def test_who_comes_by_a_balancer_gets_prices_but_nothing_of_this_machine() -> None:
    endpoints = (
        echo(),
        echo("/open", "GET", access="open", schema={}),
        echo("/secret", "GET", access="secret", schema={}),
    )
    async with http_served(*endpoints, secret=Secret(SECRET), allowed_hosts=frozenset({"prices.example"})) as world:
        headers = {"Host": "prices.example", "X-Profile-Secret": SECRET}
        assert (await world.ask("/echo", json={"apikey": GOOD_KEY}, headers=headers)).status == 200
        for path in ("/open", "/secret"):
            heard = await world.ask(path, "GET", headers=headers)
            assert (heard.status, error_of(heard)) == (403, "Only programs on this computer may ask for this")


async def test_the_answers_to_wrong_keys_come_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds > 0:
            pauses.append(seconds)

    async with http_served(echo()) as world:
        monkeypatch.setattr("proxy.http.server.asyncio.sleep", sleep)
        for _ in range(7):
            assert (await world.ask("/echo", json={"apikey": "nope"})).status == 403
        assert (await world.ask("/echo", json={"apikey": GOOD_KEY})).status == 200
        monkeypatch.undo()
    assert pauses == [1.0, 2.0]


async def test_without_a_secret_nobody_can_prove_to_know_it() -> None:
    async with http_served(echo("/secret", "GET", access="secret", schema={})) as world:
        assert (await world.ask("/secret", "GET", headers={"X-Profile-Secret": ""})).status == 403


@pytest.mark.parametrize(
    ("path", "method", "status", "message"),
    [
        ("/nope", "POST", 404, "The requested URL was not found"),
        ("/api/v1/quotes/../x", "GET", 404, "The requested URL was not found"),
        ("/echo", "GET", 405, "The method is not allowed for the requested URL"),
        ("/open", "HEAD", 405, ""),
    ],
)
async def test_what_is_not_there_is_said_in_json(
    served: HttpServed, path: str, method: str, status: int, message: str
) -> None:
    heard = await served.ask(path, method)
    assert heard.status == status
    if message:
        assert error_of(heard) == message
    if status == 405:
        assert heard.headers["Allow"] == ("POST" if path == "/echo" else "GET")


@pytest.mark.parametrize("body", ["[]", "{", "word=1"])
async def test_a_body_that_is_no_object_is_refused(served: HttpServed, body: str) -> None:
    heard = await served.ask("/echo", data=body)
    assert (heard.status, error_of(heard)) == (400, "The body must be a JSON object")


async def test_a_body_that_is_too_long_is_refused(served: HttpServed) -> None:
    heard = await served.ask("/echo", data=io.BytesIO(b" " * ((1 << 20) + 1)))
    assert (heard.status, error_of(heard)) == (413, "The body is longer than 1048576 bytes")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "192.168.1.5:5000"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
async def test_pages_and_rebound_names_are_refused(served: HttpServed, headers: dict[str, str]) -> None:
    heard = await served.ask("/open", "GET", headers=headers)
    assert heard.status == 403
    assert error_of(heard)


@pytest.mark.parametrize("headers", [{"Host": "localhost:5000"}, {"Origin": "http://127.0.0.1:3000"}])
async def test_names_and_pages_of_this_machine_are_answered(served: HttpServed, headers: dict[str, str]) -> None:
    assert (await served.ask("/open", "GET", headers=headers)).status == 200


async def test_a_page_of_this_machine_may_read_the_answer(served: HttpServed) -> None:
    page = {"Origin": "http://localhost:3000"}
    first = await served.ask("/echo", "OPTIONS", headers={**page, "Access-Control-Request-Method": "POST"})
    assert (first.status, first.headers["Access-Control-Allow-Origin"]) == (204, "http://localhost:3000")
    assert "X-API-KEY" in first.headers["Access-Control-Allow-Headers"]
    for key, status in ((GOOD_KEY, 200), ("nope", 403)):
        heard = await served.ask("/echo", json={"apikey": key}, headers=page)
        assert (heard.status, heard.headers["Access-Control-Allow-Origin"]) == (status, "http://localhost:3000")
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    heard = await served.ask("/echo", "OPTIONS", headers=foreign)
    assert heard.status == 403
    assert "Access-Control-Allow-Origin" not in heard.headers
    assert "Access-Control-Allow-Origin" not in (await served.ask("/open", "GET")).headers


async def test_too_many_requests_are_refused_with_the_documented_body() -> None:
    now = 100.0
    async with http_served(echo("/open", "GET", access="open", schema={}), rate=3.0, clock=lambda: now) as world:
        statuses = [(await world.ask("/open", "GET")).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        heard = await world.ask("/open", "GET")
        assert heard.body == (
            '{"message":"Rate limit exceeded. Please slow down your requests.","retry_after":60,"status":"error"}\n'
        )
        assert heard.headers["Retry-After"] == "60"
        now += 1.0
        assert (await world.ask("/open", "GET")).status == 200


@pytest.mark.expected_log("The request POST /work failed")
async def test_an_exception_is_logged_and_its_text_not_told() -> None:
    async def work() -> Answer:
        raise ValueError("the secret of the house")

    async with http_served(running(work)) as world:
        heard = await world.ask("/work")
        assert (heard.status, error_of(heard)) == (500, "An unexpected error occurred")
        assert world.server._counters["http_errors"] == 1


async def test_a_large_answer_is_encoded_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[object] = []
    to_thread = asyncio.to_thread

    async def watched(function: object, *arguments: object) -> object:
        threads.append(function)
        return await to_thread(function, *arguments)  # type: ignore[arg-type]

    async def work() -> Answer:
        return Answer(200, {"rows": list(range(300_000))}, is_large=True)

    monkeypatch.setattr(asyncio, "to_thread", watched)
    async with http_served(running(work)) as world:
        assert json.loads((await world.ask("/work")).body)["rows"][-1] == 299_999
    assert len(threads) == 1


async def test_a_slow_key_delays_nobody_else() -> None:
    gate = asyncio.Event()

    async def verifier(key: Secret) -> None:
        await gate.wait()

    endpoints = (echo(), echo("/open", "GET", access="open", schema={}))
    async with http_served(*endpoints, verifier=verifier) as world:
        slow = asyncio.create_task(world.ask("/echo", json={"apikey": "x"}))
        assert (await world.ask("/open", "GET")).status == 200
        gate.set()
        assert (await slow).status == 403


@pytest.mark.parametrize("nonsense", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST\r\n\r\n"])
async def test_bytes_that_are_not_http_do_not_end_up_in_the_log(served: HttpServed, nonsense: bytes) -> None:
    host, port = served.server._address
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(nonsense)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    writer.close()
    await writer.wait_closed()
    assert (await served.ask("/open", "GET")).status == 200


async def test_a_taken_port_is_an_os_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            async with http_served(port=taken.getsockname()[1]):
                pass


async def test_closing_ends_requests_that_hang_and_is_safe_twice() -> None:
    began = asyncio.Event()

    async def work() -> Answer:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with http_served(running(work), close_timeout_s=0.05) as world:
        hanging = asyncio.create_task(world.ask("/work"))
        await began.wait()
        await world.server.close()
        await world.server.close()
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(hanging, 5)
        with pytest.raises(aiohttp.ClientError):
            await world.ask("/work")


async def test_a_server_that_never_listened_closes() -> None:
    server: HttpServer
    async with http_served() as world:
        server = world.server
        await until(lambda: server.url.startswith("http://127.0.0.1:"))
    await server.close()
