"""Saying who has a port, where the operating system tells."""

from __future__ import annotations

import errno
import socket

import psutil

from openalgo_desktop.failures import StartupError

# Windows' own numbers: address in use, and forbidden because another program has exclusive use.
_TAKEN = frozenset({errno.EADDRINUSE, 10048, 10013})


def cannot_listen(error: OSError, host: str, port: int, option: str) -> StartupError:
    """Return the failure to start with, for an `error` on binding `host`:`port`; `option` chooses another."""
    if error.errno in _TAKEN:
        return StartupError(f"Port {port} on {host} is taken{owner_of(port)}; choose another with {option}")
    if error.errno == errno.EACCES:
        return StartupError(f"Port {port} on {host} may not be used; choose one above 1023 with {option}")
    if error.errno == errno.EADDRNOTAVAIL or error.errno is None or error.errno < 0:
        return StartupError(f"{host} is not an address of this computer")
    return StartupError(f"Port {port} on {host} cannot be listened on: {error.strerror or error}")


def owner_of(port: int) -> str:
    """Return ` by NAME (process N)` for the program that listens on TCP `port`, or an empty text."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
                if connection.pid is None:
                    return ""
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        # macOS and some Linux set-ups do not tell one user about another's sockets.
        return ""
    return ""


def is_own_address(host: str) -> bool:
    """Whether this computer can listen on `host`; asks the system."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
