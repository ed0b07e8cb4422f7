"""A WebSocket client for scripts and for other threads: one connection, its own thread, plain blocking calls.

Code inside the application uses `services.websocket_service` instead, which needs no socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from market.credentials import Secret
from market.errors import OpenAlgoError
from market.exchanges import parse_exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.symbols import parse_key
from services.callbacks import Callback, Callbacks
from services.client_connection import ClientConnection, ConnectionLostError, Frame, Timing
from services.client_requests import PendingRequests
from services.market_data_service import MarketDataService
from services.result import ErrorCode, code_of
from services.symbol_lists import Entry, describe, read_symbols, refused

__all__ = ["WebSocketClient", "close_all_clients", "get_websocket_client"]

_log = logging.getLogger(__name__)

# One frame of a batch stays far below the megabyte that servers accept.
BATCH = 500
_JOIN_SECONDS = 5.0

ON_A_LOOP = (
    "WebSocketClient waits for answers, so it must not be called on a running event loop, where it would stop that "
    "loop and wait for ever if the server runs on it. Use services.websocket_service inside the application, or call "
    "it in a thread, for example with asyncio.to_thread"
)


class WebSocketClient:
    """A client of this application's port, or of another OpenAlgo server's.

    Thread-safe. Calls wait for the server's answer; callbacks run on the client's thread and must not wait.
    After a lost connection it comes back by itself and subscribes to everything again.

    Args:
        api_key: the user's key.
        host: a name or an address, or a whole `ws://` or `wss://` address.
        port: the server's port.
        timing: timeouts and reconnection.
    """

    def __init__(
        self, api_key: str, host: str = "localhost", port: int = 8765, *, timing: Timing | None = None
    ) -> None:
        self._timing = timing or Timing()
        self._url = host if "://" in host else f"ws://{host}:{port}"
        self._callbacks = Callbacks()
        self._pending = PendingRequests()
        self._numbers = itertools.count(1)
        self._cache = MarketDataService()
        self._held: dict[Subscription, None] = {}
        self._lock = threading.RLock()
        self._connection = ClientConnection(
            self._url,
            Secret(api_key),
            resume=self._resume,
            on_frame=self._on_frame,
            on_status=self._on_status,
            timing=self._timing,
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = threading.Event()
        self._sending: set[asyncio.Future[None]] = set()
        self.connected = False
        self.last_error = ""
        """Why the last attempt to connect failed, as a sentence."""

    @property
    def authenticated(self) -> bool:
        """Whether the server accepted the key; a connection counts only then."""
        return self.connected

    def connect(self) -> bool:
        """Connect and authenticate; False if that fails, with the reason in `last_error`.

        Raises:
            RuntimeError: called on a running event loop.
        """
        _refuse_on_a_loop()
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return self.connected
            first: Future[str | None] = Future()
            self._closing.clear()
            self._thread = threading.Thread(target=self._work, args=(first,), name="websocket-client", daemon=True)
            self._thread.start()
        try:
            failure = first.result(self._timing.connection + self._timing.authentication)
        except FutureTimeoutError:
            failure = f"WebSocket connection timeout after {self._timing.connection:g} seconds"
        if failure is not None:
            self.last_error = failure
            self.disconnect()
            return False
        return True

    def disconnect(self) -> None:
        """Close the connection and end the thread. On a running loop it does not wait for that end."""
        with self._lock:
            self._closing.set()
            thread, loop, task = self._thread, self._loop, self._task
            self._thread = None
        if thread is None:
            return
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended by itself in this moment
                loop.call_soon_threadsafe(task.cancel)
        if not _on_a_loop():
            thread.join(_JOIN_SECONDS)

    def subscribe(self, symbols: Sequence[Mapping[str, Any]], mode: Any = "Quote") -> dict[str, Any]:
        """Subscribe to `[{"symbol", "exchange"}, …]`; the server's acknowledgement, or an error with `error_code`.

        Raises:
            RuntimeError: called on a running event loop.
        """
        return self._ask("subscribe", symbols, mode)

    def unsubscribe(self, symbols: Sequence[Mapping[str, Any]], mode: Any = "Quote") -> dict[str, Any]:
        """Unsubscribe `mode` of the symbols.

        Raises:
            RuntimeError: called on a running event loop.
        """
        return self._ask("unsubscribe", symbols, mode)

    def unsubscribe_all(self) -> dict[str, Any]:
        """Unsubscribe from everything.

        Raises:
            RuntimeError: called on a running event loop.
        """
        answer = self._request({"action": "unsubscribe_all"})
        if answer.get("status") == "success":
            self._held = {}
        return answer

    def get_subscriptions(self) -> dict[str, Any]:
        """`{"status", "subscriptions": [{"symbol", "exchange", "mode"}, …], "count"}`."""
        held = [describe(wish) for wish in self._held]
        return {"status": "success", "subscriptions": held, "count": len(held)}

    def get_market_data(self, symbol: str | None = None, exchange: str | None = None) -> dict[str, Any]:
        """The cache entry of one instrument, or of all that are subscribed, by `EXCHANGE:SYMBOL`.

        Raises:
            InvalidRequestError: there can be no such symbol or exchange.
        """
        keys = dict.fromkeys(wish.key for wish in self._held)
        if symbol is not None and exchange is not None:
            key = parse_key(exchange, symbol)
            return self._cache.get_all_data(symbol, exchange) if key in keys else {}
        wanted = None if symbol is None else symbol.strip().upper()
        board = None if exchange is None else parse_exchange(exchange)
        chosen = [key for key in keys if wanted in (None, key.symbol) and board in (None, key.exchange)]
        entries = {str(key): self._entry(key) for key in chosen}
        return {name: entry for name, entry in entries.items() if entry}

    def register_callback(self, event_type: str, callback: Callback) -> None:
        """Have `callback` called with a dict at every `market_data, auth, subscribe, unsubscribe, error, status`."""
        self._callbacks.register(event_type, callback)

    def unregister_callback(self, event_type: str, callback: Callback) -> None:
        """Stop calling `callback`."""
        self._callbacks.unregister(event_type, callback)

    # The calling thread

    def _ask(self, action: str, symbols: Sequence[Mapping[str, Any]], mode: Any) -> dict[str, Any]:
        try:
            entries = read_symbols(symbols, mode, purpose=action.replace("subscribe", "subscription"))
        except OpenAlgoError as error:
            code = code_of(error)
            return _error(ErrorCode.INVALID_SYMBOLS if code is ErrorCode.INVALID_PARAMETERS else code, str(error))
        return _joined([*self._ask_by_mode(action, entries), *_refusals(action, entries)])

    def _ask_by_mode(self, action: str, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
        """Ask for each mode with frames of its own, for OpenAlgo reads one mode a frame."""
        for mode in Mode:
            wishes = [entry.wish for entry in entries if entry.wish is not None and entry.wish.mode is mode]
            for batch in (wishes[at : at + BATCH] for at in range(0, len(wishes), BATCH)):
                answer = self._request(_frame(action, batch))
                self._note(action, batch, answer)
                yield answer

    def _request(self, frame: Frame) -> dict[str, Any]:
        _refuse_on_a_loop()
        loop = self._loop
        if loop is None or not self.connected:
            return _error(ErrorCode.CONNECTION_TIMEOUT, "Not connected to the WebSocket server")
        number = f"r{next(self._numbers)}"
        answer = self._pending.add(number, str(frame["action"]))
        try:
            loop.call_soon_threadsafe(self._send, frame | {"request_id": number}, number)
            return answer.result(self._timing.connection)
        except RuntimeError:
            return _error(ErrorCode.CONNECTION_TIMEOUT, "The WebSocket client is closed")
        except FutureTimeoutError:
            sentence = f"WebSocket connection timeout after {self._timing.connection:g} seconds"
            return _error(ErrorCode.CONNECTION_TIMEOUT, sentence)
        finally:
            self._pending.forget(number)

    def _note(self, action: str, wishes: Sequence[Subscription], answer: Mapping[str, Any]) -> None:
        """Remember what is held from now on; the answer's lines come in the order of the wishes."""
        with self._lock:
            if action == "subscribe":
                lines = answer.get("subscriptions")
                good = {
                    (line.get("exchange"), line.get("symbol"))
                    for line in (lines if isinstance(lines, list) else ())
                    if isinstance(line, Mapping) and line.get("status") == "success"
                }
                fresh = {wish: None for wish in wishes if (str(wish.key.exchange), wish.key.symbol) in good}
                self._held = self._held | fresh
            elif answer.get("status") in ("success", "partial"):
                self._held = {wish: None for wish in self._held if wish not in wishes}

    def _entry(self, key: InstrumentKey) -> dict[str, Any]:
        return self._cache.get_all_data(key.symbol, key.exchange)

    # The client's thread

    def _work(self, first: Future[str | None]) -> None:
        try:
            asyncio.run(self._main(first))
        except asyncio.CancelledError:
            pass
        except Exception:  # noqa: BLE001 - the edge of a thread
            _log.exception("The WebSocket client stopped")
        finally:
            self.connected = False
            self._pending.fail(_error(ErrorCode.CONNECTION_TIMEOUT, "The WebSocket client is closed"))
            if not first.done():
                first.set_result("The WebSocket client was closed")
            self._callbacks.emit("status", {"type": "status", "state": "disconnected", "attempt": 0, "detail": ""})

    async def _main(self, first: Future[str | None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        try:
            if not self._closing.is_set():
                await self._connection.run(first)
        finally:
            self._loop = self._task = None

    def _send(self, frame: Frame, number: str) -> None:
        task = asyncio.ensure_future(self._deliver(frame, number))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, frame: Frame, number: str) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionLostError as error:
            self._pending.answer(_error(ErrorCode.CONNECTION_TIMEOUT, str(error)) | {"request_id": number})

    def _resume(self) -> Iterator[Frame]:
        held = list(self._held)
        for mode in Mode:
            wishes = [wish for wish in held if wish.mode is mode]
            for at in range(0, len(wishes), BATCH):
                yield _frame("subscribe", wishes[at : at + BATCH]) | {"request_id": "resume"}

    def _on_status(self, state: str, attempt: int, detail: str) -> None:
        self.connected = state == "connected"
        if not self.connected:
            self.last_error = detail
            lost = _error(ErrorCode.CONNECTION_TIMEOUT, "The connection to the WebSocket server was lost")
            self._pending.fail(lost)
        self._callbacks.emit("status", {"type": "status", "state": state, "attempt": attempt, "detail": detail})

    def _on_frame(self, frame: Frame) -> None:
        kind = frame.get("type")
        if kind == "market_data":
            self._cache.process_market_data(frame)
            self._callbacks.emit("market_data", frame)
        elif kind in ("subscribe", "unsubscribe"):
            self._pending.answer(frame)
            self._callbacks.emit(str(kind), frame)
        elif kind == "auth":
            self._callbacks.emit("auth", frame)
        elif kind == "feed_status":
            self._callbacks.emit("status", frame)
        elif frame.get("status") == "error":
            self._pending.answer(frame | {"error_code": frame.get("code")})
            self._callbacks.emit("error", frame)


def _frame(action: str, wishes: Sequence[Subscription]) -> Frame:
    """One mode a frame, named twice: OpenAlgo reads it at the top to subscribe and per symbol to unsubscribe."""
    mode = wishes[0].mode
    symbols = [{"symbol": key.symbol, "exchange": str(key.exchange), "mode": int(mode)} for key, _ in wishes]
    return {"action": action, "symbols": symbols, "mode": int(mode)}


def _refusals(action: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    lines = [refused(entry) for entry in entries if entry.wish is None]
    if not lines:
        return []
    answer = {"type": action, "status": "error", "message": "; ".join(line["message"] for line in lines)}
    fields = {"subscriptions": lines} if action == "subscribe" else {"successful": [], "failed": lines}
    return [answer | fields]


def _joined(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(answers) == 1:
        return answers[0]
    statuses = {answer.get("status") for answer in answers}
    joined = dict(answers[0])
    for name in ("subscriptions", "successful", "failed"):
        if any(name in answer for answer in answers):
            joined[name] = [line for answer in answers for line in answer.get(name, ())]
    joined["status"] = statuses.pop() if len(statuses) == 1 else "partial"
    return joined


def _error(code: ErrorCode | None, sentence: str) -> dict[str, Any]:
    return {"status": "error", "message": sentence, "error_code": str(code or ErrorCode.INTERNAL_ERROR)}


def _on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _refuse_on_a_loop() -> None:
    if _on_a_loop():
        raise RuntimeError(ON_A_LOOP)


_clients: dict[tuple[Secret, str, int], WebSocketClient] = {}
_clients_lock = threading.Lock()


def get_websocket_client(
    api_key: str,
    host: str = "localhost",
    port: int = 8765,
    *,
    make: Callable[[str, str, int], WebSocketClient] = WebSocketClient,
) -> WebSocketClient:
    """The connected client for `api_key` at that address: one per key, used again at every call.

    Raises:
        ConnectionError: it cannot connect; the sentence says why.
        RuntimeError: called on a running event loop.
    """
    with _clients_lock:
        name = (Secret(api_key), host, port)
        client = _clients.get(name)
        if client is None:
            client = make(api_key, host, port)
        if not client.connect():
            raise ConnectionError(client.last_error or "The WebSocket server does not answer")
        _clients[name] = client
        return client


def close_all_clients() -> None:
    """Disconnect every client that `get_websocket_client` made."""
    with _clients_lock:
        clients = list(_clients.values())
        _clients.clear()
    for client in clients:
        client.disconnect()
