"""Copied code does what it says: run against the application, it prints the prices of its rows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.presentation.code_samples import VARIABLE, curl, javascript, python
from tests.doubles.application import environment, make_key, running

KEYS = [InstrumentKey(Exchange.NSE, "M&M"), InstrumentKey(Exchange.NSE, "RELIANCE")]


def first_lines(command: list[str], key: str, wanted: int) -> str:
    """What a program prints until it has printed `wanted` lines."""
    env = environment(PYTHONUNBUFFERED="1", **{VARIABLE: key})
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env) as program:
        assert program.stdout is not None
        try:
            lines: list[str] = []
            while not all(each.symbol in "".join(lines) for each in KEYS) and len(lines) < wanted:
                line = program.stdout.readline()
                assert line, "".join(lines)
                lines.append(line)
            return "".join(lines)
        finally:
            program.kill()


@pytest.mark.sdk
@pytest.mark.slow
def test_copied_code_prints_the_prices_of_its_rows(tmp_path: Path) -> None:
    key = make_key(tmp_path / "profile")
    with running(tmp_path / "profile", "--feed", "simulated=500") as application:
        ws, http = application.edges["ws"], application.edges["http"]
        script = tmp_path / "sample.py"
        script.write_text(python(KEYS, ws, http), encoding="utf-8")
        said = first_lines([sys.executable, str(script)], key, 200)
        assert all(each.symbol in said for each in KEYS), said
        if shutil.which("sh") and shutil.which("curl"):
            answers = subprocess.run(
                ["sh", "-c", curl(KEYS, http)],
                capture_output=True,
                text=True,
                env=environment(**{VARIABLE: key}),
                check=True,
                timeout=30,
            ).stdout
            assert answers.count('"status":"success"') == len(KEYS), answers
        node = shutil.which("node")
        if node is not None:
            (tmp_path / "sample.js").write_text(javascript(KEYS, ws), encoding="utf-8")
            # A switch that newer versions ignore, and that version 20 needs.
            said = first_lines([node, "--experimental-websocket", str(tmp_path / "sample.js")], key, 200)
            assert all(each.symbol in said for each in KEYS), said
