"""A real `nats-server` in a process of its own, where one is installed: the oracle of what the toy server claims."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_LISTENING = re.compile(r"Listening for client connections on 127\.0\.0\.1:(\d+)")


class NatsServerProcess:
    """The server. It can be killed and started again on the same port."""

    def __init__(self, program: str, arguments: tuple[str, ...]) -> None:
        self._program = program
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.port = -1

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = process = subprocess.Popen(
            [self._program, "-a", "127.0.0.1", "-p", str(self.port), *self._arguments],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if found := _LISTENING.search(line):
                self.port = int(found[1])
            if "Server is ready" in line:
                return
        pytest.fail(f"nats-server did not start: {said}")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def nats_server_program() -> str:
    """The program; the test is skipped where there is none."""
    # Debian puts it where only administrators look.
    program = shutil.which("nats-server", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if program is None:
        pytest.skip("nats-server is not installed (on Debian: apt-get install nats-server)")
    return program


@contextmanager
def nats_server(*arguments: str) -> Iterator[NatsServerProcess]:
    """A running server, killed afterwards."""
    server = NatsServerProcess(nats_server_program(), arguments)
    server.start()
    try:
        yield server
    finally:
        server.kill()
