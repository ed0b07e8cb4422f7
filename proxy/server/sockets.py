"""Binding a port so that nobody else can have it, and saying who has it when it is taken."""

from __future__ import annotations

import socket
import sys


def bind_exclusively(host: str, port: int) -> socket.socket:
    """Return a listening-ready socket bound to `host` and `port`.

    On Windows two programs can bind one port unless exclusive use is asked for, and SO_REUSEADDR means something else.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
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
