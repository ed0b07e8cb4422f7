"""A shard: what the kept socket tells is passed on, and a new connection is asked for everything again."""

from __future__ import annotations

from adapters.binance.shard import Shard
from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy
from adapters.reconnect import Backoff
from market.feeds import FeedState


class Listener:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def shard_opened(self, shard: Shard) -> None:
        self.heard.append(("opened", shard.connections_made))

    def shard_lost(self, shard: Shard) -> None:
        self.heard.append("lost")

    def shard_received(self, shard: Shard, frame: bytes) -> None:
        self.heard.append(frame)

    def shard_state_changed(self) -> None:
        self.heard.append("state")


def shard(listener: Listener) -> Shard:
    return Shard(0, lambda: "ws://127.0.0.1", listener, ConnectionPolicy(), Backoff())


def test_listener_hears_of_the_connection() -> None:
    listener = Listener()
    one = shard(listener)
    one.opened()
    one.received(b"x", FrameKind.TEXT)
    one.lost()
    one.opened()
    one.state_changed(FeedState.LIVE, "", 0)
    assert listener.heard == [("opened", 1), b"x", "lost", ("opened", 2), "state"]
    assert (one.state, one.detail, one.attempt) == (FeedState.LIVE, "", 0)


def test_new_connection_is_asked_for_everything_again() -> None:
    one = shard(Listener())
    one.want(["a@ticker", "b@ticker"])
    one.let_go(["b@ticker"])
    first = one.next_message()
    assert first is not None
    assert b'["a@ticker"]' in first
    assert one.next_message() is None
    one.opened()
    again = one.next_message()
    assert again is not None
    assert b'["a@ticker"]' in again
