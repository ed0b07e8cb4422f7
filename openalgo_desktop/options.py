"""What the user asked for, from the command line and the environment, checked and with defaults filled in.

The command line wins over the environment, and that over what is stored in the profile. The environment's names are
those of the user's document.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.broker_factory import FeedSpec, check_endpoint, parse_spec
from adapters.publisher_factory import PublisherSpec, parse_publisher
from market.errors import InvalidRequestError
from openalgo_desktop.addresses import check_addresses, loopback_name
from openalgo_desktop.failures import UsageError
from openalgo_desktop.profile import default_profile
from openalgo_desktop.server_limits import limits_from

DEFAULT_FEED = "simulated"
DEFAULT_NATS = "nats://127.0.0.1:4222"

_HOSTS = {"ws_host": "WEBSOCKET_HOST", "http_host": "FLASK_HOST_IP", "zmq_host": "ZMQ_HOST"}
_VARIABLES = {
    "ws_port": "WEBSOCKET_PORT",
    "http_port": "FLASK_PORT",
    "zmq_port": "ZMQ_PORT",
    "zmq_pub_port": "ZMQ_PUB_PORT",
}


CHOSEN = frozenset({*_VARIABLES, *_HOSTS, "feeds"})
"""The settings that the command line or the environment may decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Everything the engine is started with. Port 0 takes a free one."""

    profile: Path
    feeds: tuple[FeedSpec, ...]
    endpoints: Mapping[str, str]
    publish: tuple[PublisherSpec, ...] = ()
    nats_url: str = field(default=DEFAULT_NATS, repr=False)
    ws_host: str = "127.0.0.1"
    ws_port: int = 8765
    http_host: str = "127.0.0.1"
    http_port: int = 5000
    zmq_host: str = "127.0.0.1"
    zmq_port: int = 5555
    zmq_pub_port: int = 5556
    insecure_lan: bool = False
    allowed_hosts: frozenset[str] = frozenset()
    """Names under which clients may ask for us, besides addresses and those of the loopback interface."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    log_level: str = "warning"
    safe: bool = False
    """Start with the demonstration and the usual view, whatever is stored."""
    stats: Path | None = None
    """Where a line of statistics is written every second."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the server's configuration that the environment changes."""
    unsaid: frozenset[str] = frozenset()
    """Names of the settings that neither the command line nor the environment decides: the stored ones apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command line as it was typed; None where nothing was said."""

    profile: str | None = None
    feeds: Sequence[str] = ()
    endpoints: Sequence[str] = ()
    publish: Sequence[str] = ()
    ws_host: str | None = None
    ws_port: str | None = None
    http_host: str | None = None
    http_port: str | None = None
    zmq_port: str | None = None
    zmq_pub_port: str | None = None
    insecure_lan: bool = False
    allowed_hosts: Sequence[str] = ()
    tls_cert: str | None = None
    tls_key: str | None = None
    log_level: str | None = None
    stats: str | None = None
    safe: bool = False


def resolve(arguments: Arguments, environment: Mapping[str, str]) -> EngineOptions:
    """Return the options that `arguments` and `environment` amount to.

    Raises:
        UsageError: something does not mean anything; the sentence says what was expected.
    """
    feeds, publish, endpoints = _sources(arguments)
    cert, key = _certificate(arguments)
    options = EngineOptions(
        profile=Path(arguments.profile) if arguments.profile else default_profile(),
        feeds=feeds,
        endpoints=endpoints,
        publish=publish,
        # The environment is where a password is not seen by everybody who lists processes.
        nats_url=environment.get("NATS_URL") or DEFAULT_NATS,
        ws_host=_host("ws_host", arguments, environment),
        ws_port=_port("--ws-port", arguments.ws_port, environment, _VARIABLES["ws_port"], 8765),
        http_host=_host("http_host", arguments, environment),
        http_port=_port("--http-port", arguments.http_port, environment, _VARIABLES["http_port"], 5000),
        zmq_host=_host("zmq_host", arguments, environment),
        zmq_port=_port("--zmq-port", arguments.zmq_port, environment, _VARIABLES["zmq_port"], 5555),
        zmq_pub_port=_port("--zmq-pub-port", arguments.zmq_pub_port, environment, _VARIABLES["zmq_pub_port"], 5556),
        insecure_lan=arguments.insecure_lan,
        allowed_hosts=frozenset(name.strip().lower() for name in arguments.allowed_hosts),
        tls_cert=cert,
        tls_key=key,
        log_level=arguments.log_level or "warning",
        stats=Path(arguments.stats) if arguments.stats else None,
        limits=limits_from(environment),
        unsaid=frozenset(
            name
            for name, variable in (_VARIABLES | _HOSTS).items()
            if not getattr(arguments, name, None) and not environment.get(variable)
        )
        | (frozenset() if arguments.feeds else {"feeds"}),
        safe=arguments.safe,
    )
    check_addresses(options)
    return options


def with_stored(options: EngineOptions, number: Callable[[str], int]) -> EngineOptions:
    """Return `options` with the stored settings (`number(name)`) where nothing else was said."""

    def value(name: str, said: int) -> int:
        return number(name) if name in options.unsaid else said

    return replace(
        options,
        ws_port=value("ws_port", options.ws_port),
        http_port=value("http_port", options.http_port),
        zmq_port=value("zmq_port", options.zmq_port),
        zmq_pub_port=value("zmq_pub_port", options.zmq_pub_port),
    )


def _sources(arguments: Arguments) -> tuple[tuple[FeedSpec, ...], tuple[PublisherSpec, ...], dict[str, str]]:
    """The feeds, the publishers, and the addresses that are replaced."""
    if arguments.safe and arguments.feeds:
        raise UsageError("--safe starts with the demonstration; leave out --feed")
    try:
        feeds = tuple(parse_spec(text) for text in arguments.feeds or (DEFAULT_FEED,))
        publish = tuple(parse_publisher(text) for text in arguments.publish)
        endpoints = dict(check_endpoint(text) for text in arguments.endpoints)
    except InvalidRequestError as error:
        raise UsageError(str(error)) from None
    _refuse_twins(feeds)
    return feeds, publish, endpoints


def _refuse_twins(feeds: Sequence[FeedSpec]) -> None:
    names = [spec.name for spec in feeds]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The feed {name} is named twice")


def _certificate(arguments: Arguments) -> tuple[Path | None, Path | None]:
    given = (arguments.tls_cert, arguments.tls_key)
    if given == (None, None):
        return None, None
    if None in given:
        raise UsageError("--tls-cert and --tls-key belong together")
    cert, key = (Path(str(text)) for text in given)
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except ssl.SSLError:
        raise UsageError(f"{cert} and {key} are no certificate with its private key, in PEM form") from None
    except OSError as error:
        raise UsageError(f"The certificate {cert} or its key {key} cannot be read: {error.strerror}") from None
    return cert, key


def _host(name: str, arguments: Arguments, environment: Mapping[str, str]) -> str:
    return loopback_name(getattr(arguments, name, None) or environment.get(_HOSTS[name]) or "127.0.0.1")


def _port(option: str, typed: str | None, environment: Mapping[str, str], variable: str, default: int) -> int:
    text, where = (typed, option) if typed is not None else (environment.get(variable), variable)
    if not text:
        return default
    if not text.strip().isascii() or not text.strip().isdigit() or not 0 <= int(text) <= 65_535:
        raise UsageError(f"{where} {text} is not a port; expected a number from 0 to 65535")
    return int(text)
