"""Where log records go: a rotating file in the profile and, from the chosen level, standard error. Never a secret."""

from __future__ import annotations

import copy
import logging
import logging.handlers
import re
import sys
from pathlib import Path

LEVELS = ("debug", "info", "warning", "error")

_FILE_BYTES = 2_000_000
_FILES = 5
_LINE = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s"
_KEY = re.compile(r"\b[0-9a-fA-F]{64}\b")
_ASSIGNED = re.compile(
    r"""(?i)\b(api_?key|token|access_token|password|secret|totp|pin|authorization)(["']?\s*[=:]\s*["']?)[^\s"',;&]+"""
)


def log_file(profile: Path) -> Path:
    """Where the log of `profile` is."""
    return profile.expanduser().absolute() / "logs" / "openalgo-desktop.log"


def redact(text: str) -> str:
    """Return `text` with everything that looks like a key, a token or a password blacked out."""
    return _ASSIGNED.sub(r"\1\2…", _KEY.sub("…", text))


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and blacks out what looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class OneLineFormatter(RedactingFormatter):
    """For people who look at a terminal: the sentence without the traceback, which is in the file."""

    def format(self, record: logging.LogRecord) -> str:
        bare = copy.copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return super().format(bare)


def start_logging(profile: Path, level: str) -> None:
    """Log to the profile's `logs` folder and to standard error; a folder that cannot be written is said, not fatal."""
    # A log that cannot be written, as on a full disk, is no reason for tracebacks on the user's terminal.
    logging.raiseExceptions = False
    formatter = RedactingFormatter(_LINE, "%Y-%m-%d %H:%M:%S")
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(formatter if level == "debug" else OneLineFormatter(_LINE, "%Y-%m-%d %H:%M:%S"))
    console.setLevel(level.upper())
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if level == "debug" else logging.INFO)
    root.addHandler(console)
    try:
        folder = profile / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = logging.handlers.RotatingFileHandler(
            folder / "openalgo-desktop.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
        )
    except OSError as error:
        root.warning("Nothing is logged to a file: %s", error.strerror)
        return
    file.setFormatter(formatter)
    root.addHandler(file)
    for name in ("asyncio", "aiohttp.access", "qasync"):
        logging.getLogger(name).setLevel(logging.WARNING)
