"""What one client of the port holds, and changing it piece by piece.

A message may name thousands of instruments. Each change here is a generator of actions that also yields None where it
may be interrupted: the loop gets a turn, and other clients their prices, before it goes on. What a client can see of
it stays as if it were done at once: everything is checked before anything is held, and there is one answer, before any
price or snapshot of what it is about. Pure: no sockets, no loop, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from market.feeds import Capabilities, FeedStatus
from market.modes import Mode
from market.subscriptions import Outcome, Subscription
from proxy import messages
from proxy.actions import Action, Send, SendSnapshot
from proxy.messages import Item, ProtocolError
from proxy.registry import Channel

# Elements dealt with before the loop gets a turn; an element costs about ten microseconds.
SLICE = 50

Work = Iterator[Action | None]

# One object for all clients that hold the same.
_wish_for = lru_cache(maxsize=32_768)(Subscription)


class Counter(Protocol):
    """What a session needs of the desk."""

    def subscribe_client(
        self, client: Hashable, wishes: Sequence[Subscription], levels: int, *, is_packed: bool = False
    ) -> list[Outcome]:
        """See `proxy.desk.Desk`."""

    def unsubscribe_client(self, client: Hashable, wishes: Sequence[Subscription]) -> list[Outcome]:
        """See `proxy.desk.Desk`."""

    def release_client(self, client: Hashable, limit: int | None = None) -> list[Subscription]:
        """See `proxy.desk.Desk`."""

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        """See `proxy.desk.Desk`."""


class Asker(NamedTuple):
    """Who asks: the modes that the key may see, the name in answers, and whether messages are msgpack."""

    modes: Collection[Mode]
    broker: str
    is_packed: bool


class Holdings:
    """The subscriptions of one client.

    `is_answering` while prices may come already of what the answer under way is about.
    """

    def __init__(self, client: Hashable, desk: Counter, most: int) -> None:
        self._client = client
        self._desk = desk
        self._most = most
        self._held: set[Subscription] = set()
        self.is_answering = False

    def subscribe(self, command: messages.Subscribe, asker: Asker) -> Work:
        """Hold what `command` names, answer, and send the last values.

        Raises:
            ProtocolError: it does not fit; nothing of it is held.
        """
        items: list[Item] = []
        fresh: set[Subscription] = set()
        for part in _slices(command.items):
            if part is None:
                yield None
                continue
            items += part
            fresh.update(wish for wish in _wishes(part) if wish not in self._held)
        if len(self._held) + len(fresh) > self._most:
            raise ProtocolError(
                "LIMIT_EXCEEDED",
                f"This connection holds {len(self._held)} of {self._most} subscriptions; {len(fresh)} more do not fit",
            )
        yield from self._hold(items, fresh, command, asker)

    def _hold(
        self, items: Sequence[Item], fresh: Collection[Subscription], command: messages.Subscribe, asker: Asker
    ) -> Work:
        self.is_answering = True
        entries: list[dict[str, Any]] = []
        snapshots: dict[SendSnapshot, None] = {}
        try:
            for part in _slices(items):
                if part is None:
                    yield None
                    continue
                for entry, snapshot in self._hold_part(part, command.depth, asker):
                    entries.append(entry)
                    snapshots |= dict.fromkeys(snapshot)
        except Exception:
            # Never half a subscription: what was held before the fault is let go again.
            self._desk.unsubscribe_client(self._client, list(fresh))
            self._held.difference_update(fresh)
            self.is_answering = False
            raise
        reply = {
            "type": "subscribe",
            "status": _status(entries),
            "subscriptions": entries,
            "message": "Subscription processing complete",
            "broker": asker.broker,
        }
        yield Send(messages.with_request_id(reply, command.request_id))
        self.is_answering = False
        yield from _with_turns(snapshots)

    def _hold_part(
        self, items: Sequence[Item], depth: int, asker: Asker
    ) -> Iterator[tuple[dict[str, Any], Sequence[SendSnapshot]]]:
        allowed = [wish for wish in _wishes(items) if wish.mode in asker.modes]
        answers = self._desk.subscribe_client(self._client, allowed, depth, is_packed=asker.is_packed)
        outcomes = {outcome.subscription: outcome for outcome in answers}
        return (self._subscribed(item, outcomes, depth, asker) for item in items)

    def _subscribed(
        self, item: Item, outcomes: dict[Subscription, Outcome], asked: int, asker: Asker
    ) -> tuple[dict[str, Any], Sequence[SendSnapshot]]:
        if item.key is None:
            return messages.failed_entry(item, item.error or "", asker.broker), ()
        wish = _wish_for(item.key, item.modes[0])
        outcome = outcomes.get(wish) or Outcome(wish, f"This key may not see {wish.mode.label}")
        if outcome.error is not None:
            return messages.failed_entry(item, outcome.error, asker.broker), ()
        self._held.add(wish)
        is_depth = wish.mode is Mode.DEPTH
        shown = Channel(wish.mode, outcome.depth_levels if is_depth else asked)
        channel = Channel(wish.mode, outcome.depth_levels if is_depth else 0, asker.is_packed)
        entry = messages.subscribe_entry(item, shown, outcome.feed or asker.broker)
        return entry, (SendSnapshot(item.key, channel),)

    def unsubscribe(self, command: messages.Unsubscribe, asker: Asker) -> Work:
        """Let go of what `command` names, and answer."""
        released: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for part in _slices(command.items):
            if part is None:
                yield None
                continue
            wishes = _wishes(part)
            self._desk.unsubscribe_client(self._client, wishes)
            self._held.difference_update(wishes)
            for item in part:
                if item.key is None:
                    failed.append(messages.failed_entry(item, item.error or "", asker.broker))
                else:
                    released.append(messages.released_entry(item, asker.broker))
        yield Send(_unsubscribe_reply(released, failed, command.request_id, asker))

    def unsubscribe_all(self, request_id: Any, asker: Asker) -> Work:
        """Let go of everything, and answer."""
        entries: list[dict[str, Any]] = []
        while released := self._desk.release_client(self._client, SLICE):
            for wish in released:
                item = Item(wish.key.symbol, wish.key.exchange.value)
                entries.append(messages.released_entry(item, asker.broker))
            if len(released) == SLICE:
                yield None
        self._held.clear()
        yield Send(_unsubscribe_reply(entries, [], request_id, asker))

    def release(self) -> bool:
        """Let go of a slice of everything, for a client that has gone; whether something is left."""
        self._held.clear()
        return len(self._desk.release_client(self._client, SLICE)) == SLICE


def _slices(items: Sequence[Item]) -> Iterator[Sequence[Item] | None]:
    """`items` in slices, with None wherever the loop may have a turn: before and between the slices of many."""
    is_long = len(items) > SLICE
    for first in range(0, len(items), SLICE):
        if is_long:
            yield None
        yield items[first : first + SLICE]


def _with_turns(actions: Iterable[Action]) -> Work:
    for number, action in enumerate(actions, 1):
        yield action
        if number % SLICE == 0:
            yield None


def _wishes(items: Sequence[Item]) -> list[Subscription]:
    return [_wish_for(item.key, mode) for item in items if item.key for mode in item.modes]


def _unsubscribe_reply(
    released: list[dict[str, Any]], failed: list[dict[str, Any]], request_id: Any, asker: Asker
) -> dict[str, Any]:
    reply = {
        "type": "unsubscribe",
        "status": _status([*released, *failed]),
        "message": "Unsubscription processing complete",
        "successful": released,
        "failed": failed,
        "broker": asker.broker,
    }
    return messages.with_request_id(reply, request_id)


def _status(entries: Sequence[dict[str, Any]]) -> str:
    failed = sum(entry["status"] == "error" for entry in entries)
    if not failed:
        return "success"
    return "error" if failed == len(entries) else "partial"
