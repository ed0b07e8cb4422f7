"""A toy OpenAlgo server: speaks the frames of today's server (`docs/wire-protocol.md`) on a real socket, in threads.

It can refuse keys, be mute, leave out request numbers in errors as the real one does, drop everybody, and push ticks.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

LABELS = {1: "LTP", 2: "Quote", 3: "Depth"}
DEADLINE = 10.0


class ToyOpenAlgo:
    """The server. Use as a context manager; `port` is where it listens."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.mute = False
        self.unknown: set[str] = set()
        self.received: list[dict[str, Any]] = []
        self.logins = 0
        self._connections: set[ServerConnection] = set()
        self._held: dict[ServerConnection, set[tuple[str, str, int]]] = {}
        self._changed = threading.Condition()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def __enter__(self) -> ToyOpenAlgo:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        self._server = serve(self._handle, "127.0.0.1", port, compression=None)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="toy-openalgo")
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self.drop()
            self._thread.join(DEADLINE)
            self.wait_for(lambda: not self._connections)
            self._server = None

    def drop(self) -> None:
        """Cut every connection as a crashed server does: without a word."""
        with self._changed:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.socket.shutdown(2)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` is true; fails after ten seconds."""
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE), "the toy server waited in vain"

    def held(self) -> set[tuple[str, str, int]]:
        """Every (exchange, symbol, mode) that anybody holds."""
        return set().union(*self._held.values())

    def push(self, exchange: str, symbol: str, **data: Any) -> None:
        """Send a tick to those who hold the symbol, one frame per held mode."""
        with self._changed:
            targets = [
                (connection, mode)
                for connection, held in self._held.items()
                for board, name, mode in sorted(held)
                if (board, name) == (exchange, symbol)
            ]
        for connection, mode in targets:
            frame = {"type": "market_data", "symbol": symbol, "exchange": exchange, "mode": mode, "data": data}
            connection.send(json.dumps(frame | {"broker": "toy"}))

    def push_text(self, text: str) -> None:
        """Send any text to everybody."""
        for connection in list(self._connections):
            connection.send(text)

    def _handle(self, connection: ServerConnection) -> None:
        with self._changed:
            self._connections.add(connection)
            self._changed.notify_all()
        try:
            for text in connection:
                self._receive(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self._connections.discard(connection)
                self._held.pop(connection, None)
                self._changed.notify_all()

    def _receive(self, connection: ServerConnection, frame: dict[str, Any]) -> None:
        with self._changed:
            self.received.append(frame)
            answer = None if self.mute else self._answer(connection, frame)
            self._changed.notify_all()
        if answer is not None:
            connection.send(json.dumps(answer))

    def _answer(self, connection: ServerConnection, frame: dict[str, Any]) -> dict[str, Any]:
        action = frame.get("action")
        if action == "authenticate":
            return self._authenticate(connection, frame)
        if connection not in self._held:
            return _error("NOT_AUTHENTICATED", "You must authenticate first")
        echo = {"request_id": frame["request_id"]} if "request_id" in frame else {}
        if action == "subscribe":
            return self._subscribe(connection, frame) | echo
        if action in ("unsubscribe", "unsubscribe_all"):
            return self._unsubscribe(connection, frame, everything=action == "unsubscribe_all") | echo
        return _error("INVALID_ACTION", f"Invalid action: {action}")

    def _authenticate(self, connection: ServerConnection, frame: dict[str, Any]) -> dict[str, Any]:
        if frame.get("api_key") not in self.keys:
            return _error("AUTHENTICATION_ERROR", "Invalid API key")
        self._held[connection] = set()
        self.logins += 1
        answer = {"type": "auth", "status": "success", "message": "Authentication successful", "broker": "toy"}
        return answer | {"user_id": "asha", "supported_features": {"ltp": True, "quote": True, "depth": True}}

    def _subscribe(self, connection: ServerConnection, frame: dict[str, Any]) -> dict[str, Any]:
        mode = frame["mode"]
        lines = []
        for entry in frame["symbols"]:
            line = {"symbol": entry["symbol"], "exchange": entry["exchange"]}
            if entry["symbol"] in self.unknown:
                lines.append(line | {"status": "error", "message": "Symbol not found", "broker": "toy"})
                continue
            self._held[connection].add((entry["exchange"], entry["symbol"], mode))
            lines.append(line | {"status": "success", "mode": LABELS[mode], "depth": 5, "broker": "toy"})
        status = "success" if all(line["status"] == "success" for line in lines) else "partial"
        answer = {"type": "subscribe", "status": status, "subscriptions": lines}
        return answer | {"message": "Subscription processing complete", "broker": "toy"}

    def _unsubscribe(self, connection: ServerConnection, frame: dict[str, Any], *, everything: bool) -> dict[str, Any]:
        held = self._held[connection]
        # As the real server: in a list only the mode of each symbol counts, and it is Quote where it is missing.
        gone = held.copy() if everything else {(e["exchange"], e["symbol"], e.get("mode", 2)) for e in frame["symbols"]}
        held -= gone
        done = [
            {"symbol": symbol, "exchange": board, "status": "success", "broker": "toy"} for board, symbol, _ in gone
        ]
        answer = {"type": "unsubscribe", "status": "success", "message": "Unsubscription processing complete"}
        return answer | {"successful": done, "failed": [], "broker": "toy"}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"status": "error", "code": code, "message": message}
