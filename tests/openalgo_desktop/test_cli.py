from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from openalgo_desktop import cli, headless
from openalgo_desktop.failures import StartupError


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    raising = logging.raiseExceptions
    yield
    logging.raiseExceptions = raising
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()


def run_with(failure: BaseException, monkeypatch: pytest.MonkeyPatch, profile: Path) -> int:
    def fail(_options: object) -> int:
        raise failure

    monkeypatch.setattr(headless, "run_headless", fail)
    return cli.run(["--headless", "--profile", str(profile)])


def test_a_failure_to_start_is_its_sentence_and_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(StartupError("Port 1 is taken", status=1), monkeypatch, tmp_path) == 1
    assert capsys.readouterr().err == "openalgo-desktop: Port 1 is taken\n"


@pytest.mark.expected_log("An unexpected failure")
def test_an_unexpected_failure_is_a_sentence_here_and_a_traceback_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(RuntimeError("deep inside"), monkeypatch, tmp_path) == 1
    shown = capsys.readouterr().err
    assert "Something unexpected went wrong" in shown
    assert "Traceback" not in shown
    log = (tmp_path / "logs" / "openalgo-desktop.log").read_text(encoding="utf-8")
    assert "RuntimeError: deep inside" in log


def test_ctrl_c_while_starting_is_a_clean_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(KeyboardInterrupt(), monkeypatch, tmp_path) == 0


@pytest.mark.expected_log("The operating system ended the application")
def test_a_full_disk_is_a_sentence_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/profile/master.key")
    assert run_with(full, monkeypatch, tmp_path) == 1
    shown = capsys.readouterr().err
    assert shown.endswith("openalgo-desktop: No space left on device: /profile/master.key\n")
    assert "Traceback" not in shown
