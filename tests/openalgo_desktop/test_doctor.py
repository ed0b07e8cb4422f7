"""The doctor: finds what is wrong, says it plainly, and packs nothing secret."""

from __future__ import annotations

import json
import socket
import zipfile
from pathlib import Path

import pytest

from market.credentials import Secret
from market.errors import StorageError
from market.logins import BrokerSession
from openalgo_desktop.checks.findings import Finding, Verdict
from openalgo_desktop.checks.machine import check_ports, check_profile, check_versions
from openalgo_desktop.checks.storage import check_database, check_keyring
from openalgo_desktop.support_bundle import write_bundle
from services.login_drawer import LoginDrawer
from services.storage.database import open_storage
from services.vault import open_vault
from tests.doubles.application import said


def test_a_fresh_profile_has_nothing_bad(tmp_path: Path) -> None:
    ran = said("doctor", "--json", "--profile", str(tmp_path))
    assert ran.returncode == 0, ran.stdout
    found = {each["what"]: each for each in json.loads(ran.stdout)}
    assert {"version", "profile", "disk", "database", "keyring", "port 8765", "brokers"} <= set(found)
    assert all(each["verdict"] != "bad" for each in found.values())


def test_a_broker_that_cannot_be_reached_is_bad(tmp_path: Path) -> None:
    ends = [f"--endpoint=zerodha.{role}=http://127.0.0.1:9" for role in ("rest", "login", "masters")]
    ran = said("doctor", "--profile", str(tmp_path), *ends, "--endpoint=zerodha.ws=ws://127.0.0.1:9")
    assert ran.returncode == 1
    assert "BAD" in ran.stdout
    assert "127.0.0.1:9 cannot be reached" in ran.stdout


def test_a_damaged_database_is_bad(tmp_path: Path) -> None:
    (tmp_path / "openalgo.db").write_bytes(b"this is no database" * 100)
    (finding,) = check_database(tmp_path)
    assert finding.verdict is Verdict.BAD
    assert "takes the last good copy" in finding.said


def test_a_sound_database_is_good(tmp_path: Path) -> None:
    open_storage(tmp_path).close()
    (finding,) = check_database(tmp_path)
    assert finding.verdict is Verdict.GOOD


def test_a_master_secret_in_a_file_is_worth_a_note(tmp_path: Path) -> None:
    open_vault(tmp_path)
    (finding,) = check_keyring(tmp_path)
    assert finding.verdict is Verdict.NOTE
    (tmp_path / "master.key").write_bytes(b"\xff\xfe")
    (finding,) = check_keyring(tmp_path)
    assert finding.verdict is Verdict.BAD


def test_a_taken_port_names_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr("openalgo_desktop.checks.machine._PORTS", ((port, "WebSocket server"),))
        (finding,) = check_ports(tmp_path)
        assert finding.verdict is Verdict.NOTE
        assert finding.said.startswith("Taken by ")
    (finding,) = check_ports(tmp_path)
    assert finding.verdict is Verdict.GOOD


def test_a_full_disk_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openalgo_desktop.checks.machine._LEAST_DISK_MB", 10**12)
    assert [each.verdict for each in check_profile(tmp_path)] == [Verdict.GOOD, Verdict.BAD]


def test_versions_name_what_support_asks_for() -> None:
    said_of = {each.what: each.said for each in check_versions()}
    assert "OpenAlgo Desktop" in said_of["version"]
    assert "PySide6-Essentials" in said_of["libraries"]


def test_the_bundle_holds_findings_and_logs_and_no_secret(tmp_path: Path) -> None:
    storage, vault = open_storage(tmp_path), open_vault(tmp_path)
    drawer = LoginDrawer(storage, vault)
    tokens = {"access_token": Secret("day-token-77")}
    drawer.keep_session("zerodha", BrokerSession(broker="zerodha", user="AB1234", tokens=tokens, obtained_ms=0.0))
    drawer.keep_credentials("zerodha", {"api_secret": Secret("hush-hush")})
    storage.close()
    (tmp_path / "logs").mkdir()
    lines = ("all is well", "a careless line with day-token-77", "another: hush-hush", "password=oops")
    (tmp_path / "logs" / "openalgo-desktop.log").write_text("\n".join(lines))
    target = write_bundle(tmp_path / "support.zip", tmp_path, [Finding("disk", Verdict.GOOD, "There is room")])
    with zipfile.ZipFile(target) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert set(texts) == {"report.json", "logs/openalgo-desktop.log"}
    assert "There is room" in texts["report.json"]
    assert "all is well" in texts["logs/openalgo-desktop.log"]
    everything = "".join(texts.values())
    assert not any(secret in everything for secret in ("day-token-77", "hush-hush", "oops"))


def test_a_bundle_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_bundle(tmp_path / "no" / "folder" / "x.zip", tmp_path, [])
