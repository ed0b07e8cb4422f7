"""The HTTP server of the data API: who may ask is decided here, what is answered by the endpoints it is given.

Every answer is JSON or plain text of our own; none contains an exception's text.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from aiohttp import web

from market.credentials import Secret
from market.modes import Mode
from proxy.complaints import Complaints
from proxy.doorstep import Doorstep
from proxy.handshake import is_loopback, refusal
from proxy.http.bodies import JSON, UnreadableBodyError, decode, encode, error_body
from proxy.http.config import HttpConfig
from proxy.http.door import HttpDoor
from proxy.http.ports import Answer, Endpoint, Verifier
from proxy.http.rates import Rates
from proxy.server.sockets import bind_exclusively, tls_context
from proxy.server.tls_door import TlsDoor, Visitor
from proxy.session import Identity
from proxy.throttle import WrongKeys

logger = logging.getLogger(__name__)

KEY_HEADER, SECRET_HEADER = "X-API-KEY", "X-Profile-Secret"
RATE_LIMITED = "Rate limit exceeded. Please slow down your requests."
NO_KEY = "API key is required"
NOT_LOCAL = "Only programs on this computer may ask for this"
UNPROVED = f"The header {SECRET_HEADER} must have the secret of the profile"
UNFORESEEN = "An unexpected error occurred"

_LOOPBACK = "127.0.0.1"

# What pages of this computer may send; browsers ask before they send a key.
_FOR_PAGES = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": f"Content-Type, {KEY_HEADER}",
    "Access-Control-Max-Age": "600",
    "Vary": "Origin",
}

_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpServer:
    """Serves endpoints, to programs on this machine unless it is told otherwise.

    `counters` are the totals to count in.
    """

    def __init__(
        self,
        config: HttpConfig,
        endpoints: Iterable[Endpoint],
        verifier: Verifier,
        *,
        counters: Counter[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self._endpoints = list(endpoints)
        self._verifier = verifier
        self._counters = Counter[str]() if counters is None else counters
        self._clock = clock
        self._rates = Rates(config.rate, config.max_addresses)
        self._wrong_keys = WrongKeys()
        self._complaints = Complaints()
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._doors: dict[object, HttpDoor] = {}
        self.handshake_timeout_s = config.handshake_timeout_s
        self.close_timeout_s = config.close_timeout_s
        self.doorstep: Doorstep[Visitor] = Doorstep(config.max_waiting, config.max_waiting_per_address)
        self._address = (config.host, config.port)

    async def listen(self) -> None:
        """Start to listen.

        Raises:
            OSError: the address cannot be had.
        """
        sock = bind_exclusively(self.config.host, self.config.port)
        self._address = sock.getsockname()[:2]
        # Requests that the parser refuses are no news for the log.
        quiet = logging.getLogger(f"{__name__}.aiohttp")
        quiet.setLevel(logging.CRITICAL)
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            logger=quiet,
            handle_signals=False,
            shutdown_timeout=self.config.close_timeout_s,
        )
        await self._runner.setup()
        factory = self._factory(self._runner, tls_context(self.config.tls_cert, self.config.tls_key))
        self._server = await asyncio.get_running_loop().create_server(factory, sock=sock)
        logger.info("Listening on %s", self.url)

    async def close(self) -> None:
        """Stop listening and end every request; safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """The address that programs ask."""
        host, port = self._address
        scheme = "https" if self.config.tls_cert else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard], client_max_size=self.config.max_body_bytes)
        for endpoint in self._endpoints:
            handler = self._handler(endpoint)
            for path in (endpoint.path, f"{endpoint.path}/"):
                application.router.add_route(endpoint.method, path, handler)
        return application

    # --- who comes

    def _factory(self, runner: web.AppRunner, context: ssl.SSLContext | None) -> Callable[[], asyncio.Protocol]:
        speak_http = runner.server
        assert speak_http is not None

        def plain() -> HttpDoor:
            return HttpDoor(self, speak_http(), self._doors)

        return plain if context is None else lambda: TlsDoor(self, plain(), context)

    def greeted(self, visitor: Visitor, address: str) -> None:
        """Somebody waits outside; where there are too many of them, the oldest is cut off."""
        leaving = self.doorstep.arrive(visitor, address)
        if leaving is None:
            return
        leaving.abort()
        self._counters["http_connections_cut"] += 1
        count = self._complaints.count("doorstep", self._clock())
        if count:
            logger.warning("Too many HTTP connections without a key: the oldest was cut (%d since last said)", count)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task that lives no longer than the server."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- who may ask

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Next) -> web.StreamResponse:
        """Everything that is decided before an endpoint is asked; pages that may ask may read the answer too."""
        self._counters["http_requests"] += 1
        reason = self._refusal(request)
        if reason:
            return _refused(403, reason)
        origin = request.headers.get("Origin")
        if origin is None:
            return await self._answered(request, handler)
        is_asking_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = web.Response(status=204) if is_asking_first else await self._answered(request, handler)
        response.headers.update({**_FOR_PAGES, "Access-Control-Allow-Origin": origin})
        return response

    async def _answered(self, request: web.Request, handler: _Next) -> web.StreamResponse:
        """The answer, whatever goes wrong in it."""
        if not self._rates.allows(request.remote or "", self._clock()):
            self._counters["http_rate_limited"] += 1
            after = self.config.retry_after_s
            body = error_body(RATE_LIMITED, retry_after=after)
            return web.Response(status=429, body=body, content_type=JSON, headers={"Retry-After": str(after)})
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self._http_error(error)
        except ConnectionError:
            return _refused(400, "The connection was lost")  # nobody hears it
        except TimeoutError:
            answer = _refused(408, f"The body did not arrive within {self.config.handshake_timeout_s:g} seconds")
            answer.force_close()
            return answer
        except UnreadableBodyError as error:
            return _refused(400, str(error))
        except Exception:
            self._counters["http_errors"] += 1
            logger.exception("The request %s %s failed", request.method, request.path)
            return _refused(500, UNFORESEEN)

    def _refusal(self, request: web.Request) -> str:
        config = self.config
        return refusal(
            request.headers.get("Host"),
            request.headers.get("Origin"),
            bound_to=config.host,
            hosts=config.allowed_hosts,
            origins=config.allowed_origins,
        )

    def _http_error(self, error: web.HTTPException) -> web.Response:
        sentences = {
            404: "The requested URL was not found",
            405: "The method is not allowed for the requested URL",
            413: f"The body is longer than {self.config.max_body_bytes} bytes",
        }
        answer = _refused(error.status, sentences.get(error.status, error.reason))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer

    # --- asking an endpoint

    def _handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            answer = await self._answer(endpoint, request)
            body = await asyncio.to_thread(encode, answer) if answer.is_large else encode(answer)
            headers = {"Content-Type": _content_type(answer), "Cache-Control": "no-store", **answer.headers}
            return web.Response(status=answer.status, body=body, headers=headers)

        return handle

    async def _answer(self, endpoint: Endpoint, request: web.Request) -> Answer:
        async with asyncio.timeout(self.config.handshake_timeout_s):
            given = await _fields(request)
        header = request.headers.get(KEY_HEADER)
        if header is not None and endpoint.access == "key":
            given.setdefault("apikey", header)
        values, refused = endpoint.read(given)
        if refused is not None:
            return refused
        key = values.pop("apikey", None)
        if endpoint.access == "key":
            found = await self._identify(endpoint, request, given, key)
            return await self._in_peace(endpoint, request, found, values) if isinstance(found, Identity) else found
        if not self._is_local(request):
            return endpoint.denied(given, reason=NOT_LOCAL, status=403)
        if endpoint.access == "secret" and not self._proves(request):
            return endpoint.denied(given, reason=UNPROVED, status=403)
        return await endpoint.answer("", values)

    async def _in_peace(
        self, endpoint: Endpoint, request: web.Request, identity: Identity, values: dict[str, Any]
    ) -> Answer:
        door = self._doors.get(request.protocol)
        if door is None:
            return await endpoint.answer(identity.user_id, values)
        door.come_in()
        try:
            return await endpoint.answer(identity.user_id, values)
        finally:
            door.wait_outside()

    async def _identify(
        self, endpoint: Endpoint, request: web.Request, given: dict[str, Any], key: object
    ) -> Identity | Answer:
        """Whose key it is, or the refusal."""
        if not isinstance(key, str) or not key:
            return endpoint.denied(given, reason=NO_KEY, status=401)
        identity = await self._verifier(Secret(key))
        if identity is None:
            self._counters["auth_failures"] += 1
            await asyncio.sleep(self._wrong_keys.count(request.remote or "", self._clock()))
            return endpoint.denied(given)
        # Each mode carries what those below it do.
        if endpoint.mode > max(identity.modes):
            reason = f"This key may not see {Mode(endpoint.mode).label} data"
            return endpoint.denied(given, reason=reason, status=403)
        return identity

    def _is_local(self, request: web.Request) -> bool:
        """Whether the caller is on this machine and says so: one that came by a balancer is on another."""
        nobody: frozenset[str] = frozenset()
        host = request.headers.get("Host")
        is_named = not refusal(host, None, bound_to=_LOOPBACK, hosts=nobody, origins=nobody)
        return is_named and is_loopback(request.remote or "")

    def _proves(self, request: web.Request) -> bool:
        """Whether the caller is a program, not a page, that has read the profile's secret."""
        given = request.headers.get(SECRET_HEADER, "")
        return "Origin" not in request.headers and bool(self.config.secret) and self.config.secret.matches(given)


async def _fields(request: web.Request) -> dict[str, Any]:
    """The fields of a request: the query, or the body, and the part of the path that varies."""
    fields: dict[str, Any] = dict(request.match_info)
    if request.method == "GET":
        return {**request.query, **fields}
    query = {"apikey": request.query["apikey"]} if "apikey" in request.query else {}
    return {**query, **decode(await request.read()), **fields}


def _content_type(answer: Answer) -> str:
    return answer.media if answer.media == JSON else f"{answer.media}; charset=utf-8"


def _refused(status: int, message: str) -> web.Response:
    return web.Response(status=status, body=error_body(message), content_type=JSON)
