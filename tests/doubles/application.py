"""The real application in a process of its own, started as a user would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT_S = 30.0


class Application:
    """A running application. `edges` are the addresses of its ready line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.edges: dict[str, str] = {}
        self._errors: list[str] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(iter(self.process.stderr.readline, ""))

    @property
    def errors(self) -> str:
        """What it said on standard error so far."""
        return "".join(self._errors)

    def wait_ready(self) -> str:
        """Wait for the ready line, keep its addresses, return it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready "), f"said {line!r} and {self.errors!r}"
        self.edges = dict(edge.split("=", 1) for edge in line.split()[1:])
        return line

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; returns the exit status and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(15)
        took = time.monotonic() - began
        self._reader.join(5)
        return status, took


def command(*arguments: str, module: str = "openalgo_desktop") -> list[str]:
    """The command line of the application, or of a module that runs it."""
    return [sys.executable, "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """The environment it is started in: no keyring of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WEBSOCKET_", "ZMQ_", "API_KEY_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **more}


def said(
    *arguments: str, env: Mapping[str, str] | None = None, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the application to its end, with `typed` on its standard input."""
    return subprocess.run(
        command(*arguments),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        env=env or environment(),
        cwd=ROOT,
        check=False,
    )


@contextmanager
def running(
    profile: Path, *arguments: str, env: Mapping[str, str] | None = None, module: str = "openalgo_desktop"
) -> Iterator[Application]:
    """The application, on free ports unless `arguments` say otherwise, ready to be talked to.

    `module` may be one that runs it and does something beside.
    """
    ports = ["--ws-port", "0", "--zmq-pub-port", "0", "--zmq-port", "0", "--http-port", "0"]
    process = subprocess.Popen(
        command("--profile", str(profile), *ports, *arguments, module=module),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env or environment(),
        cwd=ROOT,
    )
    application = Application(process)
    try:
        application.wait_ready()
        yield application
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def make_key(profile: Path, name: str = "default") -> str:
    """Make an API key with the command line and return it."""
    made = said("keys", "create", name, "--profile", str(profile))
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()
