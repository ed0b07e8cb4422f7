"""The one list of feeds: what a name on the command line becomes.

Imports stand inside the functions, so that a feed that is not used costs nothing at start-up, and are written as
statements, so that the packager sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from adapters.broker_table import Broker
from market.errors import InvalidRequestError
from market.feeds import Feed
from market.logins import SessionSource
from market.sessions import SessionCalendar


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed as the user names it: `name` or `name=argument`, which may hold a password, so it is not shown whole."""

    name: str
    argument: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        if self.argument is None:
            return self.name
        secret, at, rest = self.argument.rpartition("@")
        return f"{self.name}={'…' if secret else ''}{at}{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """What feeds are made from. `endpoints` replaces base addresses: `binance.ws` → `ws://127.0.0.1:9000`.

    `sessions` is where brokers' logins are read, `masters` the folder of their instrument lists.
    """

    calendar: SessionCalendar
    today: date
    endpoints: Mapping[str, str] = field(default_factory=dict)
    zmq_host: str = "127.0.0.1"
    zmq_port: int = 5555
    nats_url: str = field(default="nats://127.0.0.1:4222", repr=False)
    sessions: SessionSource | None = None
    masters: Path | None = None


def feed_names() -> tuple[str, ...]:
    """The names of all feeds."""
    return tuple(_MAKERS)


def parse_spec(text: str) -> FeedSpec:
    """Return the feed that `text` (`name` or `name=argument`) asks for.

    Raises:
        InvalidRequestError: no feed has that name.
    """
    name, equals, argument = text.strip().partition("=")
    name = name.strip().lower()
    if name not in _MAKERS:
        raise InvalidRequestError(f"Unknown feed {name[:32]!r}; expected one of {', '.join(_MAKERS)}")
    return FeedSpec(name, argument.strip() if equals else None)


def create_feed(spec: FeedSpec, settings: FeedSettings) -> Feed:
    """Return a feed, not started yet.

    Raises:
        InvalidRequestError: the argument is not one that the feed takes.
    """
    return _MAKERS[spec.name](spec, settings)


def endpoints_of(name: str, endpoints: Mapping[str, str]) -> dict[str, str]:
    """Return the replaced addresses of one feed, without its name: `{"ws": "ws://…"}`."""
    prefix = f"{name}."
    return {key[len(prefix) :]: url for key, url in endpoints.items() if key.startswith(prefix)}


def check_endpoint(text: str) -> tuple[str, str]:
    """Return name and address of `NAME=URL`.

    Raises:
        InvalidRequestError: the form, the feed or the address is not one.
    """
    name, equals, url = text.partition("=")
    parts = urlsplit(url)
    if not equals or "." not in name or not parts.scheme or not parts.netloc:
        raise InvalidRequestError(
            f"{text!r} is not an endpoint; expected NAME=URL such as binance.ws=ws://127.0.0.1:9000"
        )
    feed = name.partition(".")[0]
    if feed not in _MAKERS:
        raise InvalidRequestError(
            f"Unknown feed {feed[:32]!r} in endpoint {name!r}; expected one of {', '.join(_MAKERS)}"
        )
    return name, url.rstrip("/")


def _simulated(spec: FeedSpec, settings: FeedSettings) -> Feed:
    from adapters.simulated.feed import SimulatedFeed

    rate: float | None = None
    if spec.argument is not None:
        try:
            rate = float(spec.argument)
        except ValueError:
            raise InvalidRequestError(
                f"simulated={spec.argument} is not a rate; expected ticks per second, 1 to 50000"
            ) from None
    return SimulatedFeed(calendar=settings.calendar, today=settings.today, ticks_per_second=rate)


def _zmq(spec: FeedSpec, settings: FeedSettings) -> Feed:
    from adapters.zmq.feed import ZmqFeed

    if spec.argument is None:
        return ZmqFeed(host=settings.zmq_host, port=settings.zmq_port)
    parts = urlsplit(spec.argument)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "tcp" or not parts.hostname or port is None:
        raise InvalidRequestError(f"zmq={spec.argument} is not an address; expected tcp://HOST:PORT")
    return ZmqFeed(host=parts.hostname, port=port)


def _nats(spec: FeedSpec, settings: FeedSettings) -> Feed:
    from adapters.nats.feed import NatsFeed
    from adapters.nats.servers import parse_servers

    return NatsFeed(parse_servers(spec.argument or settings.nats_url))


def broker_names() -> tuple[str, ...]:
    """The names of all brokers and exchanges with a row in the broker table."""
    return tuple(_BROKERS)


def broker(name: str) -> Broker:
    """Return the row of `name`.

    Raises:
        InvalidRequestError: there is none.
    """
    find = _BROKERS.get(name.strip().lower())
    if find is None:
        raise InvalidRequestError(f"Unknown broker {name[:32]!r}; expected one of {', '.join(_BROKERS)}")
    return find()


def _of_table(spec: FeedSpec, settings: FeedSettings) -> Feed:
    from adapters.broker_assembly import assemble

    if spec.argument is not None:
        raise InvalidRequestError(f"The {spec.name} feed takes no argument")
    endpoints = endpoints_of(spec.name, settings.endpoints)
    return assemble(broker(spec.name), endpoints, sessions=settings.sessions, folder=settings.masters)


def _noren(name: str) -> Callable[[], Broker]:
    def find() -> Broker:
        from adapters.noren.broker import BROKERS

        return BROKERS[name]

    return find


def _xts(name: str) -> Callable[[], Broker]:
    def find() -> Broker:
        from adapters.xts.broker import BROKERS

        return BROKERS[name]

    return find


_XTS = ("iifl", "fivepaisaxts", "jainamxts", "compositedge", "wisdom", "ibulls", "rmoney")


def _delta() -> Broker:
    from adapters.delta.broker import BROKER

    return BROKER


def _bybit() -> Broker:
    from adapters.bybit.broker import BROKER

    return BROKER


def _binance() -> Broker:
    from adapters.binance.broker import BROKER

    return BROKER


def _binance_futures() -> Broker:
    from adapters.binance_futures.broker import BROKER

    return BROKER


def _okx() -> Broker:
    from adapters.okx.broker import BROKER

    return BROKER


def _openalgo() -> Broker:
    from adapters.openalgo.broker import BROKER

    return BROKER


def _zerodha() -> Broker:
    from adapters.zerodha.broker import BROKER

    return BROKER


def _upstox() -> Broker:
    from adapters.upstox.broker import BROKER

    return BROKER


def _dhan() -> Broker:
    from adapters.dhan.broker import BROKER

    return BROKER


def _angel() -> Broker:
    from adapters.angel.broker import BROKER

    return BROKER


def _fyers() -> Broker:
    from adapters.fyers.broker import BROKER

    return BROKER


_BROKERS: dict[str, Callable[[], Broker]] = {
    "openalgo": _openalgo,
    "zerodha": _zerodha,
    "angel": _angel,
    "dhan": _dhan,
    **{name: _noren(name) for name in ("shoonya", "flattrade", "zebu", "aliceblue")},
    "upstox": _upstox,
    **{name: _xts(name) for name in _XTS},
    "fyers": _fyers,
    "okx": _okx,
    "bybit": _bybit,
    "binance": _binance,
    "binance_futures": _binance_futures,
    "delta": _delta,
}
_MAKERS: dict[str, Callable[[FeedSpec, FeedSettings], Feed]] = {
    "simulated": _simulated,
    "zmq": _zmq,
    "nats": _nats,
    **dict.fromkeys(_BROKERS, _of_table),
}
