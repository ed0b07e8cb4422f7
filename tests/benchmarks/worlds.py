"""Where the benchmarks of the port run: the real application or the peer, a publisher and clients, each a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.children import Child, counters, started
from tests.benchmarks.clients import CLIENTS_OF_A_KEY
from tests.benchmarks.peer_server import serve_as_peer
from tests.benchmarks.publisher import publish
from tests.doubles.application import make_key, running


class Edges(NamedTuple):
    """A server: where clients connect and with what keys, where publishers connect, and its process."""

    url: str
    keys: tuple[str, ...]
    bus: str
    pid: int


@contextmanager
def application(clients: int) -> Iterator[Edges]:
    """The application, headless, fed by the bus alone, for up to `clients`."""
    with TemporaryDirectory() as folder:
        keys = tuple(make_key(Path(folder), f"bench{number}") for number in range(-(-clients // CLIENTS_OF_A_KEY)))
        with running(Path(folder), "--headless", "--feed", "zmq") as app:
            yield Edges(app.edges["ws"], keys, app.edges["zmq"], app.process.pid)
            app.stop()


@contextmanager
def peer() -> Iterator[Edges]:
    """The peer."""
    with started(serve_as_peer) as child:
        url, bus = child.answer()
        yield Edges(url, ("any",) * 50, bus, child.process.pid)


class Traffic(NamedTuple):
    """A publisher that is heard, clients that hear it, and the number of deliveries so far."""

    publisher: Child
    clients: Child
    progress: list[int]


@contextmanager
def traffic(edges: Edges, clients: Callable[..., None], count: int, *arguments: bool) -> Iterator[Traffic]:
    """A publisher and `count` clients of the server at `edges`, warmed up."""
    progress = counters(2)
    with started(clients, progress, edges.url, edges.keys, count, *arguments) as readers:
        readers.answer()
        with started(publish, progress, edges.bus, count) as publisher:
            publisher.ask("warm up")
            yield Traffic(publisher, readers, progress)
