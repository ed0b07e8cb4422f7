"""`brokers` and `login` as they are typed, against a toy of Kite's login."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from adapters.broker_factory import broker_names
from services.login_drawer import LoginDrawer
from services.storage.database import open_storage
from services.vault import open_vault
from tests.doubles.application import said


@pytest.fixture
def kite() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            good = "request_token=once" in sent
            body = (
                {"data": {"access_token": "day-token", "user_id": "AB1234"}}
                if good
                else {"error_type": "TokenException"}
            )
            text = json.dumps(body).encode()
            self.send_response(200 if good else 403)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_brokers_are_listed_with_everything_as_json() -> None:
    ran = said("brokers", "--json")
    assert ran.returncode == 0, ran.stderr
    rows = {row["name"]: row for row in json.loads(ran.stdout)}
    assert tuple(rows) == broker_names()
    assert rows["zerodha"]["login"]["kind"] == "browser"
    assert (rows["dhan"]["login"]["kind"], rows["dhan"]["login"]["browser_way"]) == (
        "direct",
        "API key, in the browser",
    )
    assert rows["zerodha"]["max_instruments"] == 9000
    assert [each["name"] for each in rows["zerodha"]["login"]["fields"]] == ["api_key", "api_secret"]
    plain = said("brokers").stdout.splitlines()
    assert len(plain) == len(rows) + 1


def _login(profile: Path, kite: str, answer: str, typed: str) -> tuple[int, str, str]:
    ran = said(
        "login",
        "zerodha",
        "--answer",
        answer,
        "--endpoint",
        f"zerodha.rest={kite}",
        "--profile",
        str(profile),
        typed=typed,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_a_login_with_a_pasted_answer_is_kept_and_shows_no_secret(tmp_path: Path, kite: str) -> None:
    url = "http://127.0.0.1:8766/callback?request_token=once"
    status, out, errors = _login(tmp_path, kite, url, "api_key=key-1\napi_secret=hush-hush\n")
    assert status == 0, errors
    assert out.startswith("Logged in to Zerodha as AB1234, until ")
    assert not any(secret in out + errors for secret in ("hush-hush", "day-token", "once"))
    storage = open_storage(tmp_path)
    drawer = LoginDrawer(storage, open_vault(tmp_path))
    assert drawer.sessions["zerodha"].reveal("access_token") == "day-token"
    storage.close()
    # The fields are kept: the next day only the browser is needed.
    assert _login(tmp_path, kite, url, "")[0] == 0


@pytest.mark.parametrize(
    ("answer", "typed", "sentence"),
    [
        ("http://127.0.0.1:8766/?request_token=twice", "api_key=a\napi_secret=b\n", "does not accept this login"),
        ("http://127.0.0.1:8766/?nothing=1", "api_key=a\napi_secret=b\n", "no request token"),
        ("?request_token=once", "", "The login needs api_key, api_secret"),
        ("?request_token=once", "api_key\n", "written NAME=VALUE"),
    ],
)
def test_a_login_that_fails_is_one_sentence(tmp_path: Path, kite: str, answer: str, typed: str, sentence: str) -> None:
    status, out, errors = _login(tmp_path, kite, answer, typed)
    assert status in (1, 2)
    assert out == ""
    assert sentence in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_a_token_made_elsewhere_needs_no_browser_and_no_other_field(tmp_path: Path) -> None:
    ran = said("login", "upstox", "--profile", str(tmp_path), typed="access_token=opaque-token\n")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Logged in to Upstox as its user")
    assert "opaque-token" not in ran.stdout + ran.stderr
    storage = open_storage(tmp_path)
    drawer = LoginDrawer(storage, open_vault(tmp_path))
    assert drawer.sessions["upstox"].reveal("access_token") == "opaque-token"
    assert drawer.credentials.get("upstox", {}) == {}
    storage.close()
