"""The checks of the executable notice an executable that is wrong."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.server import ServerConnection, serve

from tests import packaged
from tests.packaged import Packaged, WrongError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the wrong executables are shell scripts")

READY = "echo ready ws=ws://127.0.0.1:1"
KEYS = '[ "$1" = keys ] && exit 0'
WAIT_FOR_TERM = "while :; do sleep 0.02; done"


def script(folder: Path, *lines: str) -> Path:
    """An executable that does `lines`."""
    path = folder / "openalgo-desktop"
    path.write_text("\n".join(("#!/bin/sh", *lines)))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("check", "lines", "sentence"),
    [
        (packaged.check_version, ["echo openalgo-desktop 0.0.0"], "--version says 'openalgo-desktop 0.0.0'"),
        (packaged.check_version, ["echo broken >&2; exit 3"], "--version ended with 3: broken"),
        (packaged.check_licenses, ["exit 0"], "openalgo-desktop/LICENSE is not in"),
        (packaged.check_brokers, ["echo '[]'"], r"Its brokers are \[\], and there are"),
        (packaged.check_no_display, ["echo broken >&2"], "did not become ready. It said: broken"),
        (packaged.check_no_display, [f"trap 'exit 5' TERM; {READY}", WAIT_FOR_TERM], "it ends with 5"),
        (packaged.check_no_display, [f"trap 'exit 0' TERM; {READY}", WAIT_FOR_TERM], "Without a display it says ''"),
        (packaged.check_missing_library, [f"trap 'exit 0' TERM; {READY}", WAIT_FOR_TERM], "It says ''"),
    ],
)
def test_a_wrong_executable_is_noticed(
    tmp_path: Path, check: Callable[[Packaged], str], lines: list[str], sentence: str
) -> None:
    folder = tmp_path / "dist"
    (folder / "_internal").mkdir(parents=True)
    with pytest.raises(WrongError, match=sentence):
        check(Packaged(script(folder, *lines), tmp_path))


def test_a_window_that_is_none_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "hear_every_mode", lambda url, key: None)
    lines = [KEYS, "echo so it runs headless >&2", f"trap 'exit 0' TERM; {READY}", WAIT_FOR_TERM]
    with pytest.raises(WrongError, match="It shows no window: so it runs headless"):
        packaged.check_window(Packaged(script(tmp_path, *lines), tmp_path))


def test_a_slow_end_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "STOP_WITHIN_S", 0.0)
    path = script(tmp_path, f"trap 'exit 0' TERM; {READY}", WAIT_FOR_TERM)
    with Packaged(path, tmp_path).running() as (application, _took), pytest.raises(WrongError, match="it takes"):
        packaged.stop(application)


@contextmanager
def answering(*answers: object) -> Iterator[str]:
    """The address of a server that gives `answers`, one a message, and then says nothing more."""

    def talk(client: ServerConnection) -> None:
        with suppress(ConnectionClosedError):
            for answer, _message in zip(answers, client, strict=False):
                client.send(json.dumps(answer))
            for _message in client:
                pass

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(5)


def test_a_refused_key_is_noticed() -> None:
    with answering({"status": "error"}) as url, pytest.raises(WrongError, match="Authentication is answered with"):
        packaged.hear_every_mode(url, "key")


def test_a_mode_without_a_full_tick_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "TICKS_WITHIN_S", 0.3)
    ltp = {"type": "market_data", "mode": 1, "data": {"ltp": 1310.9}}
    empty = {"type": "market_data", "mode": 3, "data": {"ltp": 1310.9, "depth": {"buy": [], "sell": []}}}
    with (
        answering({"status": "success"}, ltp, empty) as url,
        pytest.raises(WrongError, match="No tick of mode Quote, Depth came"),
    ):
        packaged.hear_every_mode(url, "key")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_the_libraries_of_an_installed_python_are_noticed() -> None:
    assert packaged.foreign_libraries(os.getpid())


def test_the_exit_status_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert packaged.main([]) == 2
    assert packaged.main([str(script(tmp_path, "echo openalgo-desktop 0.0.0"))]) == 1
    assert capsys.readouterr().out.startswith("WRONG: --version says 'openalgo-desktop 0.0.0'")
