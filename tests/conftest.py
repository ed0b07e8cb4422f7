"""What every test gets: an offscreen display, the folder of recordings, and no silent warnings in the log."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")
# No test may touch the keyring of the person who runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

RECORDINGS = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SEED = RECORDINGS.parent / "seed"


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recordings; the test is skipped where it is absent."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recordings beside the project ({RECORDINGS.name} folder absent)")
    return RECORDINGS


@pytest.fixture(scope="session")
def seed_document() -> str:
    """The text of the user's document; the test is skipped where it is absent."""
    found = sorted(SEED.glob("*.txt")) if SEED.is_dir() else []
    if not found:
        pytest.skip("the user's document is not beside the project")
    return found[0].read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _unexpected_log_fails(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """A log record at WARNING or above fails the test, unless it is marked `expected_log(fragment, …)`."""
    caplog.set_level(logging.INFO)
    yield
    marker = request.node.get_closest_marker("expected_log")
    fragments = marker.args if marker else ()
    surprises = [
        record
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and not any(part in record.getMessage() for part in fragments)
    ]
    assert not surprises, f"unexpected log: {[(r.name, r.getMessage()) for r in surprises]}"
