"""This computer: versions, display, disk, ports."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from openalgo_desktop import __version__
from openalgo_desktop.checks.findings import Finding, Verdict
from openalgo_desktop.failures import StartupError
from openalgo_desktop.profile import running_instance
from openalgo_desktop.screen import why_headless
from openalgo_desktop.taken_ports import owner_of

_LEAST_DISK_MB = 200
_PORTS = ((8765, "WebSocket server"), (5000, "HTTP data API"), (5555, "ZeroMQ in"), (5556, "ZeroMQ out"))
_LIBRARIES = ("PySide6-Essentials", "qasync", "websockets", "pyzmq", "aiohttp", "SQLAlchemy")


def check_versions() -> Iterator[Finding]:
    """The program, Python, the operating system, and the pair of Qt and Python that crashes."""
    yield Finding("version", Verdict.GOOD, f"OpenAlgo Desktop {__version__} on {platform.platform()}")
    versions = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    yield Finding("libraries", Verdict.GOOD, f"Python {platform.python_version()}, {versions}")
    try:
        import PySide6

        from openalgo_desktop.bootstrap import refuse_bad_pair

        refuse_bad_pair(PySide6.__version_info__[:2], sys.version_info[:2])
    except StartupError as error:
        yield Finding("Qt", Verdict.BAD, str(error))
    except ImportError as error:
        yield Finding("Qt", Verdict.BAD, f"Qt cannot be loaded: {error}")


def check_display() -> Iterator[Finding]:
    """Whether there can be a window."""
    reason = why_headless(os.environ, sys.platform)
    yield Finding("display", Verdict.NOTE if reason else Verdict.GOOD, reason or "There is a display for the window")


def check_profile(profile: Path) -> Iterator[Finding]:
    """Where everything is kept, and whether there is room."""
    running = running_instance(profile)
    suffix = f", in use by process {running}" if running else ""
    yield Finding("profile", Verdict.GOOD, f"{profile}{suffix}")
    free_mb = shutil.disk_usage(profile).free // 1_048_576
    verdict = Verdict.GOOD if free_mb >= _LEAST_DISK_MB else Verdict.BAD
    yield Finding("disk", verdict, f"{free_mb:,} MB are free; {_LEAST_DISK_MB} MB are needed")


def check_ports(profile: Path) -> Iterator[Finding]:
    """Whether the ports are free, or ours."""
    running = running_instance(profile)
    for port, use in _PORTS:
        if _is_free(port):
            yield Finding(f"port {port}", Verdict.GOOD, f"Free for the {use}")
            continue
        owner = owner_of(port)
        ours = running is not None and f"(process {running})" in owner
        said = f"Served by the running application, {use}" if ours else f"Taken{owner}; the {use} needs another"
        yield Finding(f"port {port}", Verdict.GOOD if ours else Verdict.NOTE, said)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "bundled"  # an executable carries no records of its packages
