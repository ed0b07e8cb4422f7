"""Started from an icon on Windows a program has no standard output and no standard error: Python says None."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from openalgo_desktop.cli import run
from openalgo_desktop.headless import announce


def lose_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a fixture: pytest puts its own streams back between setting up and calling a test."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)


def test_announcing_without_a_terminal_says_nothing_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_terminal(monkeypatch)
    announce(SimpleNamespace(notices=("There is no keyring",), ready_line=lambda: "ready"))


def test_announcing_with_a_terminal_says_notices_and_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    announce(SimpleNamespace(notices=("There is no keyring",), ready_line=lambda: "ready ws=x"))
    assert capsys.readouterr() == ("ready ws=x\n", "note: There is no keyring\n")


def test_a_complaint_without_a_terminal_is_still_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_terminal(monkeypatch)
    assert run(["--no-such-option"]) == 2
