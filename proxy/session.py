"""One client of the port as a state machine: messages in, actions out.

Messages are processed strictly one after another: while a key is being verified (slowly, elsewhere) later messages
wait, so a client may send `authenticate` and `subscribe` back to back. Pure: no sockets, no loop, time is an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from market.credentials import Secret
from market.feeds import Capabilities, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Outcome, Subscription
from proxy import messages
from proxy.messages import Item, ProtocolError
from proxy.registry import Channel

BACKLOG_LIMIT = 5_000


class Counter(Protocol):
    """What a session needs of the desk."""

    def subscribe_client(
        self, client: Hashable, wishes: Sequence[Subscription], levels: int, *, is_packed: bool = False
    ) -> list[Outcome]:
        """See `proxy.desk.Desk`."""

    def unsubscribe_client(self, client: Hashable, wishes: Sequence[Subscription]) -> list[Outcome]:
        """See `proxy.desk.Desk`."""

    def release_client(self, client: Hashable) -> list[Subscription]:
        """See `proxy.desk.Desk`."""

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        """See `proxy.desk.Desk`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose key it was, what it may see, and until when (ms since 1970 UTC). `key_id` is not secret."""

    user_id: str
    key_id: int
    key_name: str = ""
    modes: frozenset[Mode] = frozenset(Mode)
    expires_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send this JSON object."""

    reply: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SendSnapshot:
    """Send the last known value, if there is one."""

    key: InstrumentKey
    channel: Channel


@dataclass(frozen=True, slots=True)
class Verify:
    """Verify this key and call `verified` with the result; nothing more happens until then."""

    api_key: Secret


Action = Send | SendSnapshot | Verify


class Session:
    """The protocol's side of one connection."""

    def __init__(
        self, client: Hashable, desk: Counter, *, supported_brokers: Sequence[str] = (), max_subscriptions: int = 5_000
    ) -> None:
        self._client = client
        self._desk = desk
        self._brokers = tuple(supported_brokers)
        self._max_subscriptions = max_subscriptions
        self._held: set[Subscription] = set()
        self._waiting: deque[str | bytes] = deque()
        self._verifying = False
        self.identity: Identity | None = None
        self.is_packed = False
        self.wants_status = False

    def receive(self, raw: str | bytes, now_ms: float) -> list[Action]:
        """Take one message; returns what is to be done, in order."""
        if self._verifying:
            if len(self._waiting) >= BACKLOG_LIMIT:
                return [
                    Send(messages.error_reply("RATE_LIMITED", "Too many messages before the answer to authenticate"))
                ]
            self._waiting.append(raw)
            return []
        try:
            command = messages.parse_command(messages.parse_message(raw, is_packed=self.is_packed))
            if messages.needs_authentication(command) and self.identity is None:
                raise ProtocolError("NOT_AUTHENTICATED", "You must authenticate first")
            return self._obey(command, now_ms)
        except ProtocolError as error:
            return [Send(messages.error_reply(error.code, str(error)))]

    def verified(self, identity: Identity | None, now_ms: float) -> list[Action]:
        """Take the outcome of `Verify`: whose key it was, or None; returns what is to be done, in order."""
        self._verifying = False
        actions: list[Action] = []
        if identity is None:
            actions.append(Send(messages.error_reply("AUTHENTICATION_ERROR", "Invalid API key")))
        else:
            self.identity = identity
            actions.append(Send(messages.auth_reply(self._broker(), identity.user_id)))
        while self._waiting and not self._verifying:
            actions += self.receive(self._waiting.popleft(), now_ms)
        return actions

    def not_verified(self, code: str, message: str, now_ms: float) -> list[Action]:
        """The key was not refused, but something else was in the way; the client is told `message`."""
        actions = self.verified(None, now_ms)
        actions[0] = Send(messages.error_reply(code, message))
        return actions

    def close(self) -> None:
        """The connection is gone: let go of everything."""
        self._desk.release_client(self._client)
        self._held.clear()
        self._waiting.clear()

    def _obey(self, command: messages.Command, now_ms: float) -> list[Action]:
        match command:
            case messages.Authenticate(api_key):
                self._verifying = True
                return [Verify(Secret(api_key))]
            case messages.Subscribe():
                return self._subscribe(command)
            case messages.Unsubscribe():
                return [Send(self._unsubscribe(command))]
            case messages.UnsubscribeAll(request_id):
                return [Send(self._unsubscribe_all(request_id))]
            case messages.Ping(message):
                return [Send(messages.pong_reply(message, now_ms))]
            case _:
                return self._obey_small(command)

    def _obey_small(self, command: messages.Command) -> list[Action]:
        match command:
            case messages.OrderUpdates(wanted, request_id):
                verb = "subscribe_orders" if wanted else "unsubscribe_orders"
                text = "Subscribed to order updates" if wanted else "Unsubscribed from order updates"
                ack: dict[str, Any] = {"type": verb, "status": "success", "message": text}
                return [Send(messages.with_request_id(ack, request_id))]
            case messages.StatusUpdates(wanted, request_id):
                return [Send(messages.with_request_id(self._status_updates(is_wanted=wanted), request_id))]
            case messages.BrokerInfo():
                return [Send(self._broker_info())]
            case messages.SupportedBrokers():
                brokers = list(self._brokers)
                names = {"type": "supported_brokers", "status": "success", "brokers": brokers, "count": len(brokers)}
                return [Send(names)]
            case _:
                return []

    def _subscribe(self, command: messages.Subscribe) -> list[Action]:
        wishes = [Subscription(item.key, mode) for item in command.items if item.key for mode in item.modes]
        room = self._max_subscriptions - len(self._held)
        fresh = len(set(wishes) - self._held)
        if fresh > room:
            raise ProtocolError(
                "LIMIT_EXCEEDED",
                f"This connection holds {len(self._held)} of {self._max_subscriptions} subscriptions; "
                f"{fresh} more do not fit",
            )
        allowed = [wish for wish in wishes if wish.mode in self._modes()]
        answers = self._desk.subscribe_client(self._client, allowed, command.depth, is_packed=self.is_packed)
        outcomes = {outcome.subscription: outcome for outcome in answers}
        entries: list[dict[str, Any]] = []
        snapshots: dict[Action, None] = {}
        for item in command.items:
            entry, snapshot = self._subscribed(item, outcomes, command.depth)
            entries.append(entry)
            if snapshot is not None:
                snapshots[snapshot] = None
        reply = {
            "type": "subscribe",
            "status": _status(entries),
            "subscriptions": entries,
            "message": "Subscription processing complete",
            "broker": self._broker(),
        }
        return [Send(messages.with_request_id(reply, command.request_id)), *snapshots]

    def _subscribed(
        self, item: Item, outcomes: dict[Subscription, Outcome], asked: int
    ) -> tuple[dict[str, Any], SendSnapshot | None]:
        if item.key is None:
            return messages.failed_entry(item, item.error or "", self._broker()), None
        wish = Subscription(item.key, item.modes[0])
        outcome = outcomes.get(wish) or Outcome(wish, f"This key may not see {wish.mode.label}")
        if outcome.error is not None:
            return messages.failed_entry(item, outcome.error, self._broker()), None
        self._held.add(wish)
        is_depth = wish.mode is Mode.DEPTH
        shown = Channel(wish.mode, outcome.depth_levels if is_depth else asked)
        channel = Channel(wish.mode, outcome.depth_levels if is_depth else 0, self.is_packed)
        entry = messages.subscribe_entry(item, shown, outcome.feed or self._broker())
        return entry, SendSnapshot(item.key, channel)

    def _unsubscribe(self, command: messages.Unsubscribe) -> dict[str, Any]:
        good = [item for item in command.items if item.key is not None]
        bad = [item for item in command.items if item.key is None]
        wishes = [Subscription(item.key, mode) for item in good if item.key for mode in item.modes]
        self._desk.unsubscribe_client(self._client, wishes)
        self._held.difference_update(wishes)
        failed = [messages.failed_entry(item, item.error or "", self._broker()) for item in bad]
        return self._unsubscribe_reply([self._released(item) for item in good], failed, command.request_id)

    def _unsubscribe_all(self, request_id: Any) -> dict[str, Any]:
        released = self._desk.release_client(self._client)
        self._held.clear()
        entries = [self._released(Item(wish.key.symbol, wish.key.exchange.value)) for wish in released]
        return self._unsubscribe_reply(entries, [], request_id)

    def _unsubscribe_reply(
        self, successful: list[dict[str, Any]], failed: list[dict[str, Any]], request_id: Any
    ) -> dict[str, Any]:
        reply = {
            "type": "unsubscribe",
            "status": _status([*successful, *failed]),
            "message": "Unsubscription processing complete",
            "successful": successful,
            "failed": failed,
            "broker": self._broker(),
        }
        return messages.with_request_id(reply, request_id)

    def _released(self, item: Item) -> dict[str, Any]:
        return {"symbol": item.symbol, "exchange": item.exchange, "status": "success", "broker": self._broker()}

    def _modes(self) -> frozenset[Mode]:
        return self.identity.modes if self.identity else frozenset()

    def _status_updates(self, *, is_wanted: bool) -> dict[str, Any]:
        self.wants_status = is_wanted
        if not is_wanted:
            return {"type": "unsubscribe_status", "status": "success", "message": "Unsubscribed from feed status"}
        feeds = [messages.feed_entry(status, capabilities.nature) for status, capabilities in self._desk.feeds()]
        return {
            "type": "subscribe_status",
            "status": "success",
            "message": "Subscribed to feed status",
            "feeds": feeds,
        }

    def _broker(self) -> str:
        feeds = self._desk.feeds()
        return feeds[0][0].feed if feeds else ""

    def _broker_info(self) -> dict[str, Any]:
        feeds = self._desk.feeds()
        state = feeds[0][0].state if feeds else FeedState.STOPPED
        return {
            "type": "broker_info",
            "status": "success",
            "broker": self._broker(),
            "adapter_status": _ADAPTER_STATUS.get(state, state.value),
            "user_id": self.identity.user_id if self.identity else "",
        }


_ADAPTER_STATUS = {FeedState.LIVE: "connected", FeedState.STOPPED: "disconnected", FeedState.FAILED: "disconnected"}


def _status(entries: Sequence[dict[str, Any]]) -> str:
    failed = sum(entry["status"] == "error" for entry in entries)
    if not failed:
        return "success"
    return "error" if failed == len(entries) else "partial"
