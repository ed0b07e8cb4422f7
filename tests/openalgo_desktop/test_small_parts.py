"""Logs, taken ports, and whether there is a screen."""

from __future__ import annotations

import errno
import logging
import os
import socket
from pathlib import Path

import pytest

from openalgo_desktop.logs import OneLineFormatter, RedactingFormatter, redact, start_logging
from openalgo_desktop.screen import why_headless
from openalgo_desktop.taken_ports import cannot_listen, owner_of

KEY = "7c1f4e0a9b52d86337e4f0a1c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5"


@pytest.mark.parametrize(
    "text",
    [
        f"key {KEY} refused", f'{{"api_key": "{KEY}"}}', "GET /?token=abc123&x=1", "password: hunter2",
        "Authorization=Bearer", "access_token='eyJhbGciOi.J9'", "totp=123456",
    ],
)  # fmt: skip
def test_redact_leaves_no_secret(text: str) -> None:
    shown = redact(text)
    assert "…" in shown
    for secret in (KEY, "abc123", "hunter2", "eyJhbGciOi", "123456"):
        assert secret not in shown


def test_redact_leaves_ordinary_text_alone() -> None:
    text = "Feed binance is live. 412 instruments, NSE:SBIN at 812.35"
    assert redact(text) == text


def test_redacting_formatter_covers_tracebacks() -> None:
    try:
        raise ValueError(f"bad key {KEY}")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), (type(error), error, error.__traceback__))
    text = RedactingFormatter("%(message)s").format(record)
    assert "ValueError" in text
    assert KEY not in text


def test_one_line_formatter_keeps_the_traceback_for_the_file() -> None:
    try:
        raise ValueError("deep inside")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed", (), (type(error), error, None))
    assert "deep inside" in RedactingFormatter("%(message)s").format(record)
    assert OneLineFormatter("%(message)s").format(record) == "it failed"


def test_log_file_is_in_the_profile_and_holds_no_key(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    start_logging(tmp_path, "error")
    try:
        logging.getLogger("test").info("the key is %s", KEY)
    finally:
        for handler in [h for h in root.handlers if h not in before]:
            root.removeHandler(handler)
            handler.close()
    text = (tmp_path / "logs" / "openalgo-desktop.log").read_text(encoding="utf-8")
    assert "the key is …" in text


def test_taken_port_names_port_option_and_owner() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failure = cannot_listen(OSError(errno.EADDRINUSE, "in use"), "127.0.0.1", port, "--ws-port")
        assert str(failure).startswith(f"Port {port} on 127.0.0.1 is taken")
        assert str(failure).endswith("choose another with --ws-port")
        assert owner_of(port) in ("", *(text for text in [owner_of(port)] if f"(process {os.getpid()})" in text))
    assert owner_of(port) == ""


def test_other_reasons_not_to_listen_have_their_own_sentence() -> None:
    def sentence(number: int) -> str:
        return str(cannot_listen(OSError(number, os.strerror(number)), "10.9.9.9", 80, "--ws-port"))

    assert "above 1023" in sentence(errno.EACCES)
    assert "not an address of this computer" in sentence(errno.EADDRNOTAVAIL)
    assert "cannot be listened on" in sentence(errno.EMFILE)


def test_screen() -> None:
    def there(library: str) -> bool:
        return True

    assert why_headless({}, "linux", there) == "There is no display, so it runs headless."
    assert why_headless({"DISPLAY": ":0"}, "linux", there) == ""
    assert why_headless({"WAYLAND_DISPLAY": "wayland-0"}, "linux", there) == ""
    assert "libEGL" in why_headless({"WAYLAND_DISPLAY": "wayland-0"}, "linux", lambda library: "EGL" not in library)
    assert why_headless({"QT_QPA_PLATFORM": "offscreen"}, "linux", there) == ""
    assert why_headless({}, "win32", there) == ""
    assert why_headless({}, "darwin", there) == ""
    missing = why_headless({"DISPLAY": ":0"}, "linux", lambda library: "cursor" not in library)
    assert "libxcb-cursor.so.0" in missing
    assert "apt-get install" in missing
