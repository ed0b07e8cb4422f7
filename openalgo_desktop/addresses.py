"""Which addresses the edges listen on, and what is said of those that other computers can reach.

Without encryption an edge listens beyond this computer only if the user says so (`--insecure-lan`), and the window says
it as long as that lasts. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from adapters.broker_factory import FeedSpec
from market.notices import Notice
from openalgo_desktop.failures import UsageError
from proxy.handshake import is_loopback

LOOPBACK = "127.0.0.1"


class Edge(NamedTuple):
    """One edge: the name of its setting, what people call it, and whether it can be encrypted."""

    setting: str
    title: str
    can_encrypt: bool


class Addresses(Protocol):
    """What is asked of the options."""

    @property
    def ws_host(self) -> str:
        """Where the WebSocket server listens."""

    @property
    def http_host(self) -> str:
        """Where the HTTP API listens."""

    @property
    def zmq_host(self) -> str:
        """Where the ZeroMQ bus listens."""

    @property
    def feeds(self) -> Sequence[FeedSpec]:
        """The feeds, some of which listen too."""

    @property
    def insecure_lan(self) -> bool:
        """Whether other computers may connect without encryption."""

    @property
    def tls_cert(self) -> Path | None:
        """The certificate, where there is one."""

    @property
    def unsaid(self) -> Collection[str]:
        """Names of the settings that nothing but the profile decides."""


EDGES = (
    Edge("ws_host", "the WebSocket server", can_encrypt=True),
    Edge("http_host", "the HTTP API", can_encrypt=True),
    Edge("zmq_host", "the ZeroMQ bus", can_encrypt=False),
)


def check_addresses(options: Addresses) -> None:
    """Refuse addresses that were asked for and are not safe.

    Raises:
        UsageError: one would let other computers connect without encryption, and nobody said that it may.
    """
    for edge in EDGES:
        host = getattr(options, edge.setting)
        if _is_unsafe(edge, host, options):
            asked = f"{_ASKED[edge.setting]} {host}"
            raise UsageError(f"{asked} {_WOULD} {_remedy(edge)}, or say --insecure-lan if you mean it")


def stored_addresses(
    options: Addresses, text: Callable[[str], str], is_own: Callable[[str], bool]
) -> tuple[dict[str, str], tuple[Notice, ...]]:
    """Return the stored addresses (`text(name)`) that apply, for nothing else was said, and what to tell of others.

    A stored address that is not safe, or, says `is_own`, not one of this computer, is not used: the application starts
    on loopback, for it must start.
    """
    chosen: dict[str, str] = {}
    notices = []
    for edge in EDGES:
        host = loopback_name(text(edge.setting))
        if edge.setting not in options.unsaid or host == LOOPBACK:
            continue
        if _is_unsafe(edge, host, options):
            reason = f"it {_WOULD} {_remedy(edge)}, or start with --insecure-lan if you mean it"
        elif not is_own(host):
            reason = "it is not an address of this computer"
        else:
            chosen[edge.setting] = host
            continue
        sentence = f"The stored address {host} of {edge.title} ({edge.setting}) is not used: {reason}. "
        notices.append(Notice("network", "address not used", f"{sentence}It listens on {LOOPBACK}"))
    return chosen, tuple(notices)


def exposed(options: Addresses) -> tuple[Notice, ...]:
    """What to tell, as long as it runs, of edges that other computers can reach without encryption."""
    open_edges = [
        f"{edge.title} on {getattr(options, edge.setting)}"
        for edge in EDGES
        if not is_loopback(getattr(options, edge.setting)) and not (edge.can_encrypt and options.tls_cert)
    ]
    # An address that is named for this one feed needs no further word, but is not less open for that.
    named = [urlsplit(spec.argument or "").hostname for spec in options.feeds if spec.name == "zmq"]
    open_edges += [f"the zmq feed on {host}" for host in named if host and not is_loopback(host)]
    if not open_edges:
        return ()
    sentence = (
        f"Other computers can reach {' and '.join(open_edges)}, without encryption: whoever is on the network can read "
        "keys and prices, and send prices to a bus. Encrypt with --tls-cert and --tls-key, or listen on 127.0.0.1"
    )
    return (Notice("network", "unencrypted", sentence),)


def loopback_name(host: str) -> str:
    """Return `host` as it is listened on: one address, while `localhost` would be two on most machines."""
    name = host.strip()
    return LOOPBACK if name.lower() == "localhost" else name


_WOULD = "would let other computers connect without encryption;"
_ASKED = {"ws_host": "--ws-host", "http_host": "--http-host", "zmq_host": "ZMQ_HOST"}


def _remedy(edge: Edge) -> str:
    if edge.can_encrypt:
        return "give a certificate with --tls-cert and --tls-key"
    return "ZeroMQ has no encryption here, so use NATS between computers"


def _is_unsafe(edge: Edge, host: str, options: Addresses) -> bool:
    is_encrypted = edge.can_encrypt and options.tls_cert is not None
    return not (is_loopback(host) or is_encrypted or options.insecure_lan)
