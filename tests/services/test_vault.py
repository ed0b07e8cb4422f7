from __future__ import annotations

import os
from pathlib import Path

import pytest

from market.credentials import Secret
from market.errors import VaultLockedError
from services.vault import ID_FILE, KEY_FILE, SERVICE, Vault, open_vault

KEY = Secret("ab" * 32)


class Keyring:
    """A keyring in memory; `broken` makes it raise, `forgetful` makes it keep nothing."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False
        self.forgetful = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise RuntimeError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.broken:
            raise RuntimeError("locked")
        if not self.forgetful:
            self.kept[service, username] = password


def reopened(profile: Path, store: Keyring) -> Vault:
    return open_vault(profile, store=store, environment={})


def test_master_secret_lives_in_the_keyring_and_not_in_the_profile(tmp_path: Path) -> None:
    store = Keyring()
    vault = reopened(tmp_path, store)
    assert vault.notices == ()
    ((service, number),) = store.kept
    assert service == SERVICE
    assert [path.name for path in tmp_path.iterdir()] == [ID_FILE]
    assert (tmp_path / ID_FILE).read_text() == number
    again = reopened(tmp_path, store)
    assert again.decrypt(vault.encrypt(KEY)) == KEY
    assert again.lookup_id(KEY) == vault.lookup_id(KEY)
    assert again.peppered(KEY) == vault.peppered(KEY)


def test_two_profiles_have_two_master_secrets(tmp_path: Path) -> None:
    store = Keyring()
    vaults = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        vaults.append(reopened(tmp_path / name, store))
    assert len(store.kept) == 2
    assert vaults[0].lookup_id(KEY) != vaults[1].lookup_id(KEY)
    with pytest.raises(VaultLockedError, match="another master secret"):
        vaults[1].decrypt(vaults[0].encrypt(KEY))


@pytest.mark.parametrize("fault", ["broken", "forgetful"])
def test_without_a_working_keyring_a_private_file_is_used_and_said(tmp_path: Path, fault: str) -> None:
    store = Keyring()
    setattr(store, fault, True)
    vault = reopened(tmp_path, store)
    assert len(vault.notices) == 1
    assert KEY_FILE in vault.notices[0]
    path = tmp_path / KEY_FILE
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert reopened(tmp_path, Keyring()).decrypt(vault.encrypt(KEY)) == KEY


def test_null_backend_of_the_system_falls_back_to_the_file(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, environment={})
    assert KEY_FILE in vault.notices[0]


def test_locked_keyring_is_said_and_nothing_new_is_made(tmp_path: Path) -> None:
    store = Keyring()
    reopened(tmp_path, store)
    store.broken = True
    with pytest.raises(VaultLockedError, match="unlock the keyring"):
        reopened(tmp_path, store)
    assert [path.name for path in tmp_path.iterdir()] == [ID_FILE]


def test_profile_from_another_computer_is_said(tmp_path: Path) -> None:
    reopened(tmp_path, Keyring())
    with pytest.raises(VaultLockedError, match="another computer"):
        reopened(tmp_path, Keyring())


@pytest.mark.parametrize("wreck", ["", "short", "%%%", "é"])
def test_damaged_master_secret_is_said(tmp_path: Path, wreck: str) -> None:
    (tmp_path / KEY_FILE).write_text(wreck, encoding="utf-8")
    with pytest.raises(VaultLockedError):
        reopened(tmp_path, Keyring())


def test_pepper_of_the_environment_wins_over_the_derived_one(tmp_path: Path) -> None:
    store = Keyring()
    own = reopened(tmp_path, store)
    pepper = "p" * 32
    given = open_vault(tmp_path, store=store, environment={"API_KEY_PEPPER": pepper})
    assert given.notices == ()
    assert given.lookup_id(KEY) != own.lookup_id(KEY)
    assert given.decrypt(own.encrypt(KEY)) == KEY
    short = open_vault(tmp_path, store=store, environment={"API_KEY_PEPPER": "your_pepper_here"})
    assert "32 characters" in short.notices[0]
    assert "your_pepper_here" not in short.notices[0]


def test_tampered_copy_is_not_decrypted(tmp_path: Path) -> None:
    vault = reopened(tmp_path, Keyring())
    stored = vault.encrypt(KEY)
    assert KEY.reveal() not in stored
    with pytest.raises(VaultLockedError):
        vault.decrypt(stored[:-4] + "AAA=")


def test_lookup_id_and_peppered_key_differ() -> None:
    vault = Vault(bytes(32))
    assert len(vault.lookup_id(KEY)) == 32
    assert not vault.peppered(KEY).reveal().startswith(vault.lookup_id(KEY))
