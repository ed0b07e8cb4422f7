"""The one list of publishers: what `--publish SPEC` becomes. A publisher is a sink that sends to other hosts.

Imports stand inside the functions, as in `broker_factory`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from market.errors import InvalidRequestError
from market.feeds import FeedStatus
from market.instruments import InstrumentKey
from market.ticks import Tick, Update

if TYPE_CHECKING:
    from adapters.nats.publisher import Holder, Messages


@dataclass(frozen=True, slots=True)
class PublisherSpec:
    """A publisher as the user names it. The argument may hold a password, so it is not shown."""

    name: str
    argument: str | None = field(default=None, repr=False)


class Publisher(Protocol):
    """A sink of the hub with a connection of its own."""

    @property
    def status(self) -> FeedStatus:
        """What the connection is doing."""

    async def start(self) -> None:
        """Begin to connect, in the background."""

    async def stop(self) -> None:
        """End. Safe to call twice."""

    def on_updates(self, updates: Sequence[Update]) -> None:
        """Take updates of the hub; returns at once."""


def parse_publisher(text: str) -> PublisherSpec:
    """Return the publisher that `text` (`name` or `name=argument`) asks for.

    Raises:
        InvalidRequestError: no publisher has that name.
    """
    name, equals, argument = text.strip().partition("=")
    name = name.strip().lower()
    if name not in _MAKERS:
        raise InvalidRequestError(f"Unknown publisher {name[:32]!r}; expected one of {', '.join(_MAKERS)}")
    return PublisherSpec(name, argument.strip() if equals else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSettings:
    """What publishers are made from: what is said, the last known values, and where NATS is if nobody says.

    `holder` is told what readers on other hosts wish.
    """

    messages: Messages
    holder: Holder | None = None
    last: Callable[[InstrumentKey], Tick | None]
    nats_url: str = field(repr=False)


def create_publisher(spec: PublisherSpec, settings: PublisherSettings) -> Publisher:
    """Return a publisher, not started yet.

    Raises:
        InvalidRequestError: the argument is not one that the publisher takes.
    """
    return _MAKERS[spec.name](spec, settings)


def _nats(spec: PublisherSpec, settings: PublisherSettings) -> Publisher:
    from adapters.nats.publisher import NatsPublisher
    from adapters.nats.servers import parse_servers

    servers = parse_servers(spec.argument or settings.nats_url)
    return NatsPublisher(servers, settings.messages, last=settings.last, holder=settings.holder)


_MAKERS: dict[str, Callable[[PublisherSpec, PublisherSettings], Publisher]] = {"nats": _nats}
