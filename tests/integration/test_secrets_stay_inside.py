"""The real application, at its most talkative, is given good and wrong keys: none is found in what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

from websockets.sync.client import connect

from tests.doubles.application import make_key, running

WRONG = "5e" * 32
ODD = "not-even-a-key-91f3"


def test_no_key_is_found_in_the_log_or_on_the_streams(tmp_path: Path) -> None:
    key = make_key(tmp_path)
    with running(tmp_path, "--headless", "--feed", "simulated=50", "--log-level", "debug") as application:
        with connect(application.edges["ws"]) as socket:
            for secret, status in ((WRONG, "error"), (ODD, "error"), (key, "success")):
                socket.send(json.dumps({"action": "authenticate", "api_key": secret}))
                assert json.loads(socket.recv(10))["status"] == status
            socket.send(json.dumps({"action": key}))
            socket.send(json.dumps({"action": "subscribe", "symbol": key, "exchange": "NSE"}))
            socket.send("{" + key)
            socket.send(json.dumps({"action": "subscribe", "symbol": "RELIANCE", "exchange": "NSE", "mode": 3}))
            socket.send(json.dumps({"action": "ping"}))
            while json.loads(socket.recv(10)).get("type") != "pong":
                pass
        application.stop()
        said = application.errors
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    for secret in (key, WRONG, ODD):
        assert secret not in said
        assert not [path.name for path in files if secret.encode() in path.read_bytes()]
