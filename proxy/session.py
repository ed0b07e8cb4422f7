"""One client of the port as a state machine: messages in, actions out.

Messages are processed strictly one after another: while a key is being verified (slowly, elsewhere), or a long list is
being dealt with slice by slice, later messages wait, so a client may send `authenticate` and `subscribe` back to back.
Pure: no sockets, no loop, time is an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from market.credentials import Secret
from market.feeds import FeedState
from market.modes import Mode
from proxy import messages
from proxy.actions import Action, Send, Verify
from proxy.holdings import Asker, Counter, Holdings, Work
from proxy.messages import ProtocolError

BACKLOG_LIMIT = 5_000
# Messages that waited are answered in slices too; an ordinary one costs about twenty microseconds.
MESSAGES_A_TURN = 50
# Longer messages of those who have not said who they are are not even read: a mebibyte of objects takes 17 ms.
STRANGERS_LIMIT = 64 << 10


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose key it was, what it may see, and until when (ms since 1970 UTC). `key_id` is not secret."""

    user_id: str
    key_id: int
    key_name: str = ""
    modes: frozenset[Mode] = frozenset(Mode)
    expires_ms: float | None = None


class Session:
    """The protocol's side of one connection."""

    def __init__(
        self, client: Hashable, desk: Counter, *, supported_brokers: Sequence[str] = (), max_subscriptions: int = 5_000
    ) -> None:
        self._desk = desk
        self._brokers = tuple(supported_brokers)
        self._holdings = Holdings(client, desk, max_subscriptions)
        self._waiting: deque[str | bytes] = deque()
        self._verifying = False
        self._work: Work | None = None
        self.identity: Identity | None = None
        self.is_packed = False
        self.wants_status = False

    @property
    def is_busy(self) -> bool:
        """Whether something was put off and `proceed` is to be called, after the loop has had a turn."""
        return self._work is not None or (bool(self._waiting) and not self._verifying)

    @property
    def is_answering(self) -> bool:
        """Whether an answer is under way that goes before all prices that were queued since it was begun."""
        return self._work is not None and self._holdings.is_answering

    def receive(self, raw: str | bytes, now_ms: float) -> list[Action]:
        """Take one message; returns what is to be done, in order."""
        if not self._verifying and not self.is_busy:
            return self._answer(raw, now_ms)
        if len(self._waiting) >= BACKLOG_LIMIT:
            return [Send(messages.error_reply("RATE_LIMITED", "Too many messages before the answer to the last one"))]
        self._waiting.append(raw)
        return []

    def proceed(self, now_ms: float) -> list[Action]:
        """Go on with what was put off, for a fraction of a millisecond; returns what is to be done, in order."""
        if self._work is not None:
            return self._work_on()
        actions: list[Action] = []
        for _ in range(MESSAGES_A_TURN):
            if self._verifying or not self._waiting:
                break
            actions += self._answer(self._waiting.popleft(), now_ms)
            if self._work is not None:
                break
        return actions

    def verified(self, identity: Identity | None, now_ms: float) -> list[Action]:
        """Take the outcome of `Verify`: whose key it was, or None; returns what is to be done, in order."""
        self._verifying = False
        actions: list[Action] = []
        if identity is None:
            actions.append(Send(messages.error_reply("AUTHENTICATION_ERROR", "Invalid API key")))
        else:
            self.identity = identity
            actions.append(Send(messages.auth_reply(self._broker(), identity.user_id)))
        return actions + self.proceed(now_ms)

    def not_verified(self, code: str, message: str, now_ms: float) -> list[Action]:
        """The key was not refused, but something else was in the way; the client is told `message`."""
        actions = self.verified(None, now_ms)
        actions[0] = Send(messages.error_reply(code, message))
        return actions

    def close(self) -> bool:
        """The connection is gone: let go of everything; whether `close` must be called again for the rest."""
        self._work = None
        self._waiting.clear()
        return self._holdings.release()

    def _answer(self, raw: str | bytes, now_ms: float) -> list[Action]:
        try:
            if self.identity is None and len(raw) > STRANGERS_LIMIT:
                raise ProtocolError("NOT_AUTHENTICATED", "You must authenticate first")
            command = messages.parse_command(messages.parse_message(raw, is_packed=self.is_packed))
            if messages.needs_authentication(command) and self.identity is None:
                raise ProtocolError("NOT_AUTHENTICATED", "You must authenticate first")
            return self._obey(command, now_ms)
        except ProtocolError as error:
            return [Send(messages.error_reply(error.code, str(error)))]

    def _begin(self, work: Work) -> list[Action]:
        self._work = work
        return self._work_on()

    def _work_on(self) -> list[Action]:
        """Take the work under way to where it may be interrupted, or to its end."""
        work, self._work = self._work, None
        actions: list[Action] = []
        if work is None:
            return actions
        try:
            for action in work:
                if action is None:
                    self._work = work
                    break
                actions.append(action)
        except ProtocolError as error:
            actions.append(Send(messages.error_reply(error.code, str(error))))
        return actions

    def _obey(self, command: messages.Command, now_ms: float) -> list[Action]:
        match command:
            case messages.Authenticate(api_key):
                self._verifying = True
                return [Verify(Secret(api_key))]
            case messages.Subscribe():
                return self._begin(self._holdings.subscribe(command, self._asker()))
            case messages.Unsubscribe():
                return self._begin(self._holdings.unsubscribe(command, self._asker()))
            case messages.UnsubscribeAll(request_id):
                return self._begin(self._holdings.unsubscribe_all(request_id, self._asker()))
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

    def _asker(self) -> Asker:
        return Asker(self.identity.modes if self.identity else frozenset(), self._broker(), self.is_packed)

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
