"""Binding a port so that nobody else can have it, and encrypting what goes over it."""

from __future__ import annotations

import socket
import ssl
import sys
from pathlib import Path


def bind_exclusively(host: str, port: int) -> socket.socket:
    """Return a listening-ready socket bound to `host` and `port`.

    On Windows two programs can bind one port unless exclusive use is asked for, and SO_REUSEADDR means something else.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small pieces at once (TCP_NODELAY) only where it is.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the server side of TLS for a certificate and its key, or None where there is none.

    It gives no session tickets: every connection shakes hands in full.

    Raises:
        OSError: the files cannot be read, or are no certificate and key (`ssl.SSLError` is one too).
    """
    if cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    # A ticket comes right after the handshake of TLS 1.3. A client that reads in one thread and writes in another, as
    # Python's blocking ones do, now and then never gets its first request out then (docs/decisions/0028).
    context.num_tickets = 0
    return context
