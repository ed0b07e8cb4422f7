"""The command line, run as a user runs it: sentences, exit statuses, the ready line."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from services.settings import Settings
from services.storage.database import open_storage
from tests.doubles.application import ROOT, Application, command, environment, make_key, running, said
from tests.proxy.server.test_members import self_signed


def complaint(*arguments: str) -> tuple[int, str]:
    """Exit status and the one sentence on standard error; fails on a traceback."""
    done = said(*arguments)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note:")]
    assert len(lines) == 1, done.stderr
    return done.returncode, lines[0]


def test_version_and_help() -> None:
    assert re.fullmatch(r"openalgo-desktop \d+\.\d+\.\d+\n", said("--version").stdout)
    text = said("--help").stdout
    for option in ("--headless", "--feed", "--ws-port", "--endpoint", "keys"):
        assert option in text


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--feed", "nse"], "Unknown feed 'nse'"),
        (["--ws-port", "http"], "--ws-port http is not a port"),
        (["--feed", "simulated=fast"], "is not a rate"),
        (["--feed", "simulated=90000"], "50"),
        (["--feed", "binance=x"], "The binance feed takes no argument"),
        (["--feed", "zmq=5555"], "expected tcp://HOST:PORT"),
        (["--feed", "nats=http://hunter2@h"], "That is not a NATS address; expected nats://HOST:PORT"),
        (["--publish", "nats=nats://h:port"], "That is not a NATS address; expected nats://HOST:PORT"),
        (["--publish", "kafka"], "Unknown publisher 'kafka'"),
        (["--no-such-option"], "Unrecognized arguments: --no-such-option"),
        (["--log-level", "loud"], "Argument --log-level"),
        (["--ws-host", "0.0.0.0"], "--insecure-lan"),
    ],
)
def test_a_command_line_that_means_nothing_is_one_sentence_and_status_2(
    tmp_path: Path, arguments: list[str], part: str
) -> None:
    status, sentence = complaint("--headless", "--profile", str(tmp_path / "p"), *arguments)
    assert status == 2
    assert part in sentence


def test_a_profile_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    status, sentence = complaint("--headless", "--profile", str(file))
    assert (status, f"The profile {file} is a file" in sentence) == (1, True)


def test_a_database_that_is_none_is_put_aside_and_said(tmp_path: Path) -> None:
    key = make_key(tmp_path)
    database = tmp_path / "openalgo.db"
    for path in tmp_path.glob("openalgo.db*"):
        path.write_bytes(b"not a database at all" * 500)
    with running(tmp_path, "--headless") as application:
        application.stop()
    assert "openalgo.db" in application.errors
    assert "Traceback" not in application.errors
    assert list(tmp_path.glob("openalgo.db*2*")) or list(tmp_path.glob("*corrupt*")), "the damaged file is kept"
    assert database.exists()
    assert len(key) == 64


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, sentence = complaint("--headless", "--profile", str(tmp_path), "--zmq-pub-port", "0", "--ws-port", port)
    assert status == 1
    assert f"Port {port} on 127.0.0.1 is taken" in sentence


def test_a_usual_port_beside_the_main_one_may_be_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        storage = open_storage(tmp_path)
        Settings(storage).set("http_port", port)
        storage.close()
        process = subprocess.Popen(
            command("--headless", "--profile", str(tmp_path), "--ws-port", "0", "--zmq-pub-port", "0"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT,
        )  # fmt: skip
        with process:
            application = Application(process)
            application.wait_ready()
            assert "http" not in application.edges
            assert "ws" in application.edges
            assert application.stop()[0] == 0
    assert f"Port {port} on 127.0.0.1 is taken" in application.errors
    assert "choose another with --http-port" in application.errors


def test_a_second_instance_on_the_profile_is_refused(tmp_path: Path) -> None:
    with running(tmp_path, "--headless") as first:
        status, sentence = complaint("--headless", "--profile", str(tmp_path), "--ws-port", "0")
        assert status == 1
        assert f"process {first.process.pid}" in sentence
        with running(tmp_path / "other", "--headless"):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ready_line_then_a_clean_stop_within_three_seconds(tmp_path: Path, number: int) -> None:
    with running(tmp_path, "--headless", "--feed", "zmq") as application:
        assert re.fullmatch(r"ws://127\.0\.0\.1:\d+", application.edges["ws"])
        assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", application.edges["zmq"])
        assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", application.edges["pub"])
        status, took = application.stop(number)
        assert status == 0, application.errors
        assert took < 3.0
        assert application.process.stdout is not None
        assert application.process.stdout.read() == "", "exactly one line goes to standard output"
        assert "Traceback" not in application.errors


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are always there elsewhere")
def test_without_a_display_it_runs_headless_and_says_so(tmp_path: Path) -> None:
    plain = {k: v for k, v in environment().items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    with running(tmp_path, env=plain) as application:
        application.stop()
    assert "There is no display, so it runs headless." in application.errors


def test_keys_are_made_listed_revealed_and_revoked(tmp_path: Path) -> None:
    profile = str(tmp_path)
    key = make_key(tmp_path, "excel")
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    listed = said("keys", "list", "--profile", profile)
    assert "excel" in listed.stdout
    assert key not in listed.stdout
    assert said("keys", "reveal", "excel", "--profile", profile).stdout.strip() == key
    status, sentence = complaint("keys", "reveal", "amibroker", "--profile", profile)
    assert (status, "no key named amibroker" in sentence) == (1, True)
    status, sentence = complaint("keys", "create", "excel", "--profile", profile)
    assert status == 1
    assert said("keys", "revoke", "excel", "--profile", profile).returncode == 0
    assert said("keys", "list", "--profile", profile).stdout == "There are no keys.\n"
    status, _ = complaint("keys", "reveal", "excel", "--profile", profile)
    assert status == 1
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path


def test_a_key_may_be_limited_and_end(tmp_path: Path) -> None:
    profile = str(tmp_path)
    made = said("keys", "create", "board", "--scope", "ltp", "--expires", "2199-12-31", "--profile", profile)
    assert re.fullmatch(r"[0-9a-f]{64}\n", made.stdout)
    line = said("keys", "list", "--profile", profile).stdout
    assert "good until 2199-12-31" in line
    assert "only ltp" in line
    with running(tmp_path, "--headless") as application, connect(application.edges["ws"]) as client:
        client.send(json.dumps({"action": "authenticate", "api_key": made.stdout.strip()}))
        assert json.loads(client.recv(5))["status"] == "success"
        client.send(json.dumps({"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", "mode": "Depth"}))
        answer = json.loads(client.recv(5))
    assert answer["subscriptions"][0]["message"] == "This key may not see Depth"
    status, sentence = complaint("keys", "create", "x", "--expires", "tomorrow", "--profile", profile)
    assert (status, "expected YYYY-MM-DD" in sentence) == (2, True)
    status, _ = complaint("keys", "create", "x", "--expires", "2001-01-01", "--profile", profile)
    assert status == 1


def test_a_key_revoked_by_another_process_ends_its_connections(tmp_path: Path) -> None:
    key = make_key(tmp_path, "excel")
    with running(tmp_path, "--headless") as application, connect(application.edges["ws"]) as client:
        client.send(json.dumps({"action": "authenticate", "api_key": key}))
        assert json.loads(client.recv(5))["status"] == "success"
        assert said("keys", "revoke", "excel", "--profile", str(tmp_path)).returncode == 0
        with pytest.raises(ConnectionClosed) as caught:
            client.recv(15)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 4403


def test_it_serves_wss_with_a_certificate(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    api_key = make_key(tmp_path / "p")
    tls = ["--tls-cert", str(cert), "--tls-key", str(key)]
    with running(tmp_path / "p", "--headless", *tls) as application:
        url = application.edges["ws"].replace("127.0.0.1", "localhost")
        assert url.startswith("wss://")
        with connect(url, ssl=ssl.create_default_context(cafile=str(cert))) as client:
            client.send(json.dumps({"action": "authenticate", "api_key": api_key}))
            assert json.loads(client.recv(5))["status"] == "success"
    status, sentence = complaint("--headless", "--profile", str(tmp_path / "p"), "--tls-cert", str(cert))
    assert (status, sentence.endswith("--tls-cert and --tls-key belong together")) == (2, True)
    status, sentence = complaint("--headless", "--tls-cert", str(key), "--tls-key", str(cert))
    assert (status, "no certificate" in sentence) == (2, True)


def test_a_key_made_elsewhere_is_imported_once(tmp_path: Path) -> None:
    key = make_key(tmp_path / "first", "scripts")
    second = str(tmp_path / "second")

    def imported(text: str) -> tuple[int, str, str]:
        done = said("keys", "import", "scripts", "--profile", second, typed=text)
        return done.returncode, done.stdout, done.stderr

    assert imported(f"{key}\n")[:2] == (0, "The key scripts is imported.\n")
    assert said("keys", "reveal", "scripts", "--profile", second).stdout.strip() == key
    assert "known here already" in imported(key)[2]
    assert said("keys", "revoke", "scripts", "--profile", second).returncode == 0
    assert "was revoked" in imported(key)[2]
    assert "expected 64 hexadecimal digits" in imported("secret")[2]


def test_other_computers_without_encryption_is_warned_of(tmp_path: Path) -> None:
    with running(tmp_path, "--headless", "--ws-host", "0.0.0.0", "--insecure-lan") as application:
        application.stop()
    assert "Other computers can reach the WebSocket server on 0.0.0.0, without encryption" in application.errors


def test_a_limit_of_the_environment_holds(tmp_path: Path) -> None:
    with running(tmp_path, "--headless", env=environment(WS_MAX_CONNECTIONS="1")) as application:
        with connect(application.edges["ws"]), pytest.raises(InvalidStatus) as caught:
            connect(application.edges["ws"])
        assert caught.value.response.status_code == 503
