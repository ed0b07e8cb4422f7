"""Tries the executable as a stranger would: from an empty folder, with an empty environment, from the outside only.

`python -m tests.packaged dist/openalgo-desktop/openalgo-desktop` ends with 0 if every check holds; docs/packaging.md.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from adapters.broker_factory import broker_names
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from openalgo_desktop import __version__
from tests.doubles.application import Application
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_dhan import token_of_claims
from tests.doubles.toy_thread import running_toy
from tests.doubles.toy_upstox import ToyUpstox

READY_WITHIN_S = 60.0
TICKS_WITHIN_S = 20.0
STOP_WITHIN_S = 3.0
MODES = {1: "LTP", 2: "Quote", 3: "Depth"}
SHARE = Instrument(key=InstrumentKey(Exchange.NSE, "RELIANCE"), kind=InstrumentKind.EQUITY, token="NSE_EQ|INE002A01018")
_ROW = {
    "segment": "NSE_EQ",
    "instrument_type": "EQ",
    "instrument_key": SHARE.token,
    "trading_symbol": SHARE.key.symbol,
    "name": "RELIANCE INDUSTRIES LTD",
    "lot_size": 1,
    "tick_size": 5.0,
}
LIBRARY = "libxcb-cursor.so.0"
# Windows starts no program without these.
_WINDOWS = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA", "USERPROFILE")
_FREE_PORTS = ("--ws-port", "0", "--zmq-pub-port", "0", "--zmq-port", "0", "--http-port", "0")
_STOP = signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGTERM


class WrongError(Exception):
    """A check does not hold; the message is a sentence."""


class Packaged:
    """The executable and the folder of the stranger who tries it."""

    def __init__(self, executable: Path, home: Path) -> None:
        self.executable = executable.resolve()
        self.home = home
        self.profile = home / "profile"

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of ours: no PYTHONPATH, no virtual environment, no keyring of the person who checks."""
        kept = {name: os.environ[name] for name in _WINDOWS if sys.platform == "win32" and name in os.environ}
        keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        return {**kept, **keyring, "HOME": str(self.home), "PATH": os.defpath, "LANG": "C.UTF-8", **more}

    def said(self, *arguments: str) -> str:
        """Run it to its end; returns what it says on standard output."""
        done = subprocess.run(
            [str(self.executable), *arguments],
            capture_output=True,
            text=True,
            timeout=READY_WITHIN_S,
            env=self.environment(),
            cwd=self.home,
            check=False,
        )
        if done.returncode:
            raise WrongError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

    @contextmanager
    def running(self, *arguments: str, **environment: str) -> Iterator[tuple[Application, float]]:
        """The application, ready, and after how many seconds it was."""
        began = time.monotonic()
        process = subprocess.Popen(
            [str(self.executable), "--profile", str(self.profile), *_FREE_PORTS, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(**environment),
            cwd=self.home,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        watchdog = threading.Timer(READY_WITHIN_S, process.kill)
        watchdog.start()
        application = Application(process)
        try:
            try:
                application.wait_ready()
            except AssertionError:
                raise WrongError("It did not become ready") from None
            finally:
                watchdog.cancel()
            yield application, time.monotonic() - began
        except (WrongError, OSError, WebSocketException) as error:
            process.kill()
            application.stop(_STOP)
            raise WrongError(f"{error}. It said: {application.errors}") from error
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                stream.close()


def check_version(packaged: Packaged) -> str:
    """It knows which version it is."""
    said = packaged.said("--version")
    require(said == f"openalgo-desktop {__version__}", f"--version says {said!r}, and this is {__version__}")
    return f"--version says {said}"


def check_headless(packaged: Packaged) -> str:
    """It serves without a window, uses nothing but itself and the system, and ends when told to."""
    key = packaged.said("keys", "create", "headless", "--profile", str(packaged.profile))
    with packaged.running("--headless", "--feed", "simulated=100") as (application, took):
        hear_every_mode(application.edges["ws"], key)
        loaded = foreign_libraries(application.process.pid)
        require(not loaded, f"It uses libraries of an installed Python: {', '.join(loaded)}")
        stop(application)
    return f"headless it is ready after {took:.2f} s, serves every mode, and ends with 0"


def check_window(packaged: Packaged) -> str:
    """It shows its window (to nobody) and serves as well."""
    key = packaged.said("keys", "create", "window", "--profile", str(packaged.profile))
    with packaged.running("--feed", "simulated=100", QT_QPA_PLATFORM="offscreen") as (application, took):
        hear_every_mode(application.edges["ws"], key)
        loaded = foreign_libraries(application.process.pid)
        require(not loaded, f"It uses libraries of an installed Python: {', '.join(loaded)}")
        stop(application)
    require("headless" not in application.errors, f"It shows no window: {application.errors}")
    return f"with a window it is ready after {took:.2f} s, serves every mode, and ends with 0"


def check_brokers(packaged: Packaged) -> str:
    """Every broker is in it; one is logged in to, has its instruments, and its prices arrive."""
    names = [row["name"] for row in json.loads(packaged.said("brokers", "--json"))]
    expected = list(broker_names())
    require(names == expected, f"Its brokers are {names}, and there are {expected}")
    profile = ("--profile", str(packaged.profile))
    master = packaged.home / "upstox.json"
    master.write_text(json.dumps([_ROW]))
    with running_toy(ToyUpstox(), SHARE, ToyQuote(ltp=101.25)) as toy:
        token = token_of_claims(sub="AB1234", exp=int(time.time()) + 3600)
        toy.tokens = {token}
        places = [word for role, url in toy.endpoints().items() for word in ("--endpoint", f"upstox.{role}={url}")]
        packaged.said("login", "upstox", "--field", f"access_token={token}", *places, *profile)
        packaged.said("instruments", "import", str(master), "--broker", "upstox", *profile)
        key = packaged.said("keys", "create", "brokers", *profile)
        with packaged.running("--headless", "--feed", "upstox", *places) as (application, _took):
            hear_every_mode(application.edges["ws"], key)
            stop(application)
        require(not toy.violations, f"Upstox would not have liked {toy.violations}")
    return f"{len(names)} brokers are in it, and a login to one brings its prices"


def check_no_display(packaged: Packaged) -> str:
    """Without a display it says so and runs headless."""
    with packaged.running() as (application, _took):
        stop(application)
    sentence = "There is no display, so it runs headless."
    require(sentence in application.errors, f"Without a display it says {application.errors!r}")
    return "without a display it says so and runs headless"


def check_missing_library(packaged: Packaged) -> str:
    """Where a library that windows need is missing (here: damaged, in a copy) it says so and runs headless."""
    copy = packaged.home / "damaged"
    shutil.copytree(packaged.executable.parent, copy, symlinks=True, copy_function=_link)
    library = copy / "_internal" / LIBRARY
    library.unlink(missing_ok=True)
    library.write_text("no library")
    damaged = Packaged(copy / packaged.executable.name, packaged.home)
    with damaged.running(DISPLAY=":9999") as (application, _took):
        stop(application)
    require(f"are missing ({LIBRARY}), so it runs headless" in application.errors, f"It says {application.errors!r}")
    require("apt-get install" in application.errors, "It does not say how to install the library")
    return "where a library for windows is missing it says so and runs headless"


def check_licenses(packaged: Packaged) -> str:
    """The licence texts of what is inside are beside it."""
    folder = packaged.executable.parent / "_internal" / "licenses"
    for name in ("openalgo-desktop/LICENSE", "PySide6/LGPL-3.0.txt", "python/LICENSE.txt", "numpy/LICENSE.txt"):
        require((folder / name).is_file(), f"The licence text {name} is not in {folder}")
    return f"{sum(path.is_file() for path in folder.rglob('*'))} licence texts are beside it"


_LINUX_CHECKS = (check_no_display, check_missing_library) if sys.platform.startswith("linux") else ()
CHECKS = (check_version, check_licenses, check_headless, check_window, check_brokers, *_LINUX_CHECKS)


def require(holds: object, sentence: str) -> None:
    """Raise `WrongError(sentence)` unless `holds`."""
    if not holds:
        raise WrongError(sentence)


def hear_every_mode(url: str, key: str) -> None:
    """Connect, authenticate, subscribe to a share in the three modes, and wait for a full tick of each."""
    with connect(url, compression=None) as client:
        client.send(json.dumps({"action": "authenticate", "api_key": key}))
        answer = json.loads(client.recv(timeout=5))
        require(answer.get("status") == "success", f"Authentication is answered with {answer}")
        for mode in MODES:
            symbols = [{"symbol": "RELIANCE", "exchange": "NSE"}]
            client.send(json.dumps({"action": "subscribe", "symbols": symbols, "mode": mode}))
        waiting = set(MODES)
        deadline = time.monotonic() + TICKS_WITHIN_S
        while waiting:
            missing = ", ".join(MODES[mode] for mode in sorted(waiting))
            try:
                message = json.loads(client.recv(timeout=max(deadline - time.monotonic(), 0.0)))
            except TimeoutError:
                raise WrongError(f"No tick of mode {missing} came within {TICKS_WITHIN_S:.0f} s") from None
            if message.get("type") == "market_data" and _is_full(message["mode"], message["data"]):
                waiting.discard(message["mode"])


def _is_full(mode: int, data: dict[str, Any]) -> bool:
    if mode == 3:
        return bool(data["depth"]["buy"] and data["depth"]["sell"])
    return data["ltp"] > 0 and (mode == 1 or data["high"] >= data["ltp"] >= data["low"] > 0)


def foreign_libraries(process: int) -> list[str]:
    """The libraries of an installed Python that a process has loaded, as far as the system tells."""
    maps = Path("/proc", str(process), "maps")
    if not maps.is_file():
        return []
    paths = {line.split(maxsplit=5)[5] for line in maps.read_text().splitlines() if len(line.split(maxsplit=5)) == 6}
    return sorted(path for path in paths if "site-packages" in path or "dist-packages" in path)


def stop(application: Application) -> None:
    """Tell it to end, and see that it does, in time and with 0."""
    status, took = application.stop(_STOP)
    require(status == 0, f"Told to end, it ends with {status}")
    require(took < STOP_WITHIN_S, f"Told to end, it takes {took:.1f} s")
    require("Traceback" not in application.errors, "It failed on the way")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def main(arguments: list[str]) -> int:
    """Try the executable named on the command line; returns the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write("Name the executable: python -m tests.packaged dist/openalgo-desktop/openalgo-desktop\n")
        return 2
    with tempfile.TemporaryDirectory() as home:
        packaged = Packaged(Path(arguments[0]), Path(home))
        for check in CHECKS:
            try:
                sys.stdout.write(f"ok: {check(packaged)}\n")
            except (WrongError, OSError, subprocess.SubprocessError, WebSocketException) as error:
                sys.stdout.write(f"WRONG: {error}\n  (expected: {check.__doc__})\n")
                return 1
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
