"""The executable finds the certificates of whatever system it runs on."""

from __future__ import annotations

import ssl

import pytest

from openalgo_desktop import __main__ as program
from openalgo_desktop.certificates import BUNDLES, find_certificates


def known(cafile: str | None = None, capath: str | None = None) -> ssl.DefaultVerifyPaths:
    """What OpenSSL says, where only what exists is not None."""
    return ssl.DefaultVerifyPaths(
        cafile=cafile,
        capath=capath,
        openssl_cafile_env="SSL_CERT_FILE",
        openssl_cafile="/build/cert.pem",
        openssl_capath_env="SSL_CERT_DIR",
        openssl_capath="/build/certs",
    )


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_bundle_of_this_system_is_found(bundle: str) -> None:
    environment: dict[str, str] = {}
    find_certificates(environment, known(), is_file=lambda path: path == bundle)
    assert environment == {"SSL_CERT_FILE": bundle}


@pytest.mark.parametrize("paths", [known(cafile="/build/cert.pem"), known(capath="/build/certs")])
def test_places_that_exist_are_left_alone(paths: ssl.DefaultVerifyPaths) -> None:
    environment: dict[str, str] = {}
    find_certificates(environment, paths, is_file=lambda path: True)
    assert environment == {}


def test_the_users_choice_stands_even_if_it_is_wrong() -> None:
    environment = {"SSL_CERT_FILE": "/no/such/file"}
    find_certificates(environment, known(), is_file=lambda path: True)
    assert environment == {"SSL_CERT_FILE": "/no/such/file"}


def test_a_system_without_any_is_left_alone() -> None:
    environment: dict[str, str] = {}
    find_certificates(environment, known(), is_file=lambda path: False)
    assert environment == {}


@pytest.mark.parametrize(("frozen", "platform", "looks"), [(True, "linux", 1), (True, "win32", 0), (False, "linux", 0)])
def test_only_the_executable_looks_and_not_on_windows(
    monkeypatch: pytest.MonkeyPatch, frozen: bool, platform: str, looks: int
) -> None:
    looked: list[object] = []
    monkeypatch.setattr("openalgo_desktop.certificates.find_certificates", lambda *arguments: looked.append(arguments))
    monkeypatch.setattr(program.sys, "frozen", frozen, raising=False)
    monkeypatch.setattr(program.sys, "platform", platform)
    monkeypatch.setattr(program.sys, "argv", ["openalgo-desktop", "--no-such-option"])
    with pytest.raises(SystemExit, match="2"):
        program.main()
    assert len(looked) == looks
