"""A client of the running engine inside its own process: what `WebSocketClient` offers, by plain function calls.

Made and used on the engine's loop. Answers have the shapes of the wire's acknowledgements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from market.errors import OpenAlgoError
from market.exchanges import parse_exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Outcome
from market.symbols import parse_key
from market.ticks import Tick, Update, known_modes
from services.callbacks import Callback, Callbacks
from services.market_data.readings import entry_reading, message_reading
from services.market_data_service import MarketDataService
from services.ports import MarketDesk
from services.result import ErrorCode, code_of
from services.symbol_lists import Entry, describe, read_symbols, refused, with_outcomes


class LocalClient:
    """One user's subscriptions and callbacks; nobody else's are ever seen through it."""

    def __init__(self, desk: MarketDesk, market_data: MarketDataService, username: str) -> None:
        self.username = username
        self._desk = desk
        self._market_data = market_data
        self._holder = f"user:{username}"
        self._callbacks = Callbacks()
        self._listener: int | None = None
        self._held: dict[InstrumentKey, list[Mode]] = {}
        self.connected = False

    @property
    def authenticated(self) -> bool:
        """Inside the process there is nothing to prove."""
        return self.connected

    def connect(self) -> bool:
        """Begin to receive. There is no socket, so it cannot fail."""
        if not self.connected:
            self.connected = True
            self._callbacks.emit("status", {"type": "status", "state": "connected"})
            self._callbacks.emit("auth", {"type": "auth", "status": "success", "user_id": self.username})
        self._listen()
        return True

    def disconnect(self) -> None:
        """Let go of every subscription and stop receiving."""
        if not self.connected:
            return
        self.unsubscribe_all()
        self.connected = False
        self._listen()
        self._callbacks.emit("status", {"type": "status", "state": "disconnected"})

    def subscribe(self, symbols: Sequence[Mapping[str, Any]], mode: Any = "Quote") -> dict[str, Any]:
        """Subscribe; the acknowledgement has one entry per symbol. A known price reaches the callbacks at once."""
        try:
            entries = read_symbols(symbols, mode, purpose="subscription")
        except OpenAlgoError as error:
            return self._refuse(error)
        wishes = [entry.wish for entry in entries if entry.wish is not None]
        outcomes = self._desk.subscribe(self._holder, wishes)
        self._refresh()
        lines = [_subscribed(entry, outcome) for entry, outcome in with_outcomes(entries, outcomes)]
        ack = self._acknowledge("subscribe", "Subscription processing complete", lines, {"subscriptions": lines})
        for outcome in outcomes:
            if outcome.accepted:
                self._snapshot(*outcome.subscription)
        return ack

    def unsubscribe(self, symbols: Sequence[Mapping[str, Any]], mode: Any = "Quote") -> dict[str, Any]:
        """Unsubscribe `mode` of each symbol; one that was not subscribed counts as done."""
        try:
            entries = read_symbols(symbols, mode, purpose="unsubscription")
        except OpenAlgoError as error:
            return self._refuse(error)
        outcomes = self._desk.unsubscribe(self._holder, [entry.wish for entry in entries if entry.wish is not None])
        self._refresh()
        return self._unsubscribed([_released(entry, outcome) for entry, outcome in with_outcomes(entries, outcomes)])

    def unsubscribe_all(self) -> dict[str, Any]:
        """Unsubscribe from everything this user holds."""
        held = self._desk.subscriptions(self._holder)
        self._desk.unsubscribe(self._holder, held)
        self._refresh()
        return self._unsubscribed([describe(wish) | {"status": "success"} for wish in held])

    def get_subscriptions(self) -> dict[str, Any]:
        """`{"status", "subscriptions": [{"symbol", "exchange", "mode"}, …], "count"}`."""
        held = [describe(wish) for wish in self._desk.subscriptions(self._holder)]
        return {"status": "success", "subscriptions": held, "count": len(held)}

    def get_market_data(self, symbol: str | None = None, exchange: str | None = None) -> dict[str, Any]:
        """The cache entry of one instrument, or of all that are subscribed, by `EXCHANGE:SYMBOL`.

        Without `exchange`, every instrument of that symbol. What this user did not subscribe to is not in it.

        Raises:
            InvalidRequestError: there can be no such symbol or exchange.
        """
        if symbol is not None and exchange is not None:
            key = parse_key(exchange, symbol)
            tick = self._desk.last(key) if key in self._held else None
            return {} if tick is None else entry_reading(tick)
        wanted = None if symbol is None else symbol.strip().upper()
        board = None if exchange is None else parse_exchange(exchange)
        keys = [key for key in self._held if wanted in (None, key.symbol) and board in (None, key.exchange)]
        ticks = {str(key): self._desk.last(key) for key in keys}
        return {name: entry_reading(tick) for name, tick in ticks.items() if tick is not None}

    def holds(self, symbol: str, exchange: str) -> bool:
        """Whether this user subscribed to the instrument in any mode.

        Raises:
            InvalidRequestError: there can be no such instrument.
        """
        return parse_key(exchange, symbol) in self._held

    def register_callback(self, event_type: str, callback: Callback) -> None:
        """Have `callback` called with a dict at every event of that type, on the engine's loop."""
        self._callbacks.register(event_type, callback)
        self._listen()

    def unregister_callback(self, event_type: str, callback: Callback) -> None:
        """Stop calling `callback`."""
        self._callbacks.unregister(event_type, callback)
        self._listen()

    def _listen(self) -> None:
        """Listen to the ticks only while there is somebody to tell."""
        wanted = self.connected and self._callbacks.any("market_data")
        if wanted and self._listener is None:
            self._listener = self._market_data.add_tick_listener(self._on_updates)
        elif not wanted and self._listener is not None:
            self._market_data.unsubscribe_from_updates(self._listener)
            self._listener = None

    def _on_updates(self, updates: Sequence[Update]) -> None:
        for tick, changed in updates:
            for mode in self._held.get(tick[0], ()) if changed else ():
                if changed & mode.bit:
                    self._callbacks.emit("market_data", message_reading(tick, mode))

    def _snapshot(self, key: InstrumentKey, mode: Mode) -> None:
        tick: Tick | None = self._desk.last(key) if self._listener is not None else None
        if tick is not None and known_modes(tick) & mode.bit:
            message = message_reading(tick, mode)
            message["data"]["snapshot"] = True
            self._callbacks.emit("market_data", message)

    def _refresh(self) -> None:
        held: dict[InstrumentKey, list[Mode]] = {}
        for key, mode in self._desk.subscriptions(self._holder):
            held.setdefault(key, []).append(mode)
        self._held = held

    def _refuse(self, error: OpenAlgoError) -> dict[str, Any]:
        code = code_of(error)
        if code is ErrorCode.INVALID_PARAMETERS:
            code = ErrorCode.INVALID_SYMBOLS
        refusal = {"status": "error", "message": str(error), "error_code": str(code)}
        self._callbacks.emit("error", refusal)
        return refusal

    def _unsubscribed(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        done = [line for line in lines if line["status"] == "success"]
        failed = [line for line in lines if line["status"] != "success"]
        fields = {"successful": done, "failed": failed}
        return self._acknowledge("unsubscribe", "Unsubscription processing complete", lines, fields)

    def _acknowledge(
        self, event: str, message: str, lines: list[dict[str, Any]], fields: dict[str, Any]
    ) -> dict[str, Any]:
        good = sum(line["status"] == "success" for line in lines)
        status = "success" if good == len(lines) else "partial" if good else "error"
        ack = {"type": event, "status": status, "message": message} | fields
        self._callbacks.emit(event, ack)
        return ack


def _subscribed(entry: Entry, outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None or entry.wish is None:
        return refused(entry)
    line: dict[str, Any] = {"symbol": entry.symbol, "exchange": entry.exchange}
    if not outcome.accepted:
        return line | {"status": "error", "message": outcome.error, "error_code": outcome.code, "broker": outcome.feed}
    line |= {"status": "success", "mode": entry.wish.mode.label}
    return line | {"depth": outcome.depth_levels, "broker": outcome.feed}


def _released(entry: Entry, outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return refused(entry)
    line: dict[str, Any] = {"symbol": entry.symbol, "exchange": entry.exchange}
    if not outcome.accepted:
        return line | {"status": "error", "message": outcome.error, "error_code": outcome.code}
    return line | {"status": "success"}
