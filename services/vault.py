"""The master secret of a profile and what is derived from it: the pepper of API keys and their encryption.

It lives in the operating system's keyring, or, where there is none that works, in a file that only its owner can
read. Whoever copies the profile alone then copies no usable key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from market.credentials import Secret
from market.errors import VaultLockedError

SERVICE = "openalgo-desktop"
ID_FILE = "profile.id"
KEY_FILE = "master.key"
PEPPER_VARIABLE = "API_KEY_PEPPER"
SHORT_PEPPER = 32

_BYTES = 32


class PasswordStore(Protocol):
    """The part of a keyring backend that is used. Calls block, and may ask the user to unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        """The stored password, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""


class Vault:
    """Secrets at work. Safe from any thread, no I/O.

    Attributes:
        notices: sentences that the user must be told, such as that there is no keyring.
    """

    def __init__(self, master: bytes, *, pepper: Secret | None = None, notices: tuple[str, ...] = ()) -> None:
        self.notices = notices
        self._pepper = pepper.reveal().encode() if pepper else _derive(master, b"pepper").hex().encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(master, b"encryption")))

    def peppered(self, key: Secret) -> Secret:
        """`key` with the pepper: what is hashed, so that a stolen database alone cannot be searched for keys."""
        return Secret(self._mac(key, b"hash:").hex())

    def lookup_id(self, key: Secret) -> str:
        """Sixteen bytes, in hex, that find the row of `key` and say nothing about it without the pepper."""
        return self._mac(key, b"lookup:").hex()[:32]

    def encrypt(self, secret: Secret) -> str:
        """Encrypt for storage."""
        return self._fernet.encrypt(secret.reveal().encode()).decode()

    def decrypt(self, stored: str) -> Secret:
        """Undo `encrypt`.

        Raises:
            VaultLockedError: it was encrypted under another master secret, or tampered with.
        """
        try:
            return Secret(self._fernet.decrypt(stored.encode()).decode())
        except InvalidToken as error:
            raise VaultLockedError("This key was encrypted under another master secret; revoke it, make one") from error

    def _mac(self, key: Secret, purpose: bytes) -> bytes:
        # A client may send half a surrogate pair; such a key is wrong, not an error.
        text = key.reveal().encode(errors="surrogatepass")
        return hmac.digest(self._pepper, purpose + text, hashlib.sha256)


def open_vault(
    profile: Path, *, store: PasswordStore | None = None, environment: Mapping[str, str] | None = None
) -> Vault:
    """Open the vault of `profile`, or make one. Blocks, perhaps for the user's answer: start-up or a thread.

    Args:
        profile: the folder, which exists.
        store: the keyring backend; the system's by default.
        environment: where `API_KEY_PEPPER` is looked for; `os.environ` by default.

    Raises:
        VaultLockedError: there is a master secret, but it cannot be read.
    """
    variables = os.environ if environment is None else environment
    text, notice = _master(profile, store)
    notices = [notice] if notice else []
    pepper = variables.get(PEPPER_VARIABLE) or None
    if pepper is not None and len(pepper) < SHORT_PEPPER:
        notices.append(f"{PEPPER_VARIABLE} has fewer than {SHORT_PEPPER} characters; choose a longer one")
    return Vault(_decode(text), pepper=Secret(pepper) if pepper else None, notices=tuple(notices))


def _master(profile: Path, store: PasswordStore | None) -> tuple[str, str | None]:
    in_file = _read(profile / KEY_FILE)
    if in_file is not None:
        return in_file, _NO_KEYRING
    number = _read(profile / ID_FILE)
    if number is not None:
        return _from_keyring(store, number), None
    text = base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()
    number = uuid.uuid4().hex
    if _into_keyring(store, number, text):
        _write(profile / ID_FILE, number)
        return text, None
    _write(profile / KEY_FILE, text)
    return text, _NO_KEYRING


_NO_KEYRING = (
    "This computer offers no keyring that works, so the master secret is kept in the profile folder, "
    f"in {KEY_FILE}, readable by you alone: whoever can read your files can read your API keys"
)


def _from_keyring(store: PasswordStore | None, number: str) -> str:
    try:
        text = (store or _system_keyring()).get_password(SERVICE, number)
    except Exception as error:  # backends raise what they like
        raise VaultLockedError(
            "The system's keyring did not give the master secret; unlock the keyring and start again"
        ) from error
    if text is None:
        raise VaultLockedError(
            "The master secret of this profile is not in this computer's keyring. A profile that comes from another "
            f"computer needs new API keys: remove its {ID_FILE} and make them again"
        )
    return text


def _into_keyring(store: PasswordStore | None, number: str, text: str) -> bool:
    """Store and read back: some backends accept everything and keep nothing."""
    try:
        backend = store or _system_keyring()
        backend.set_password(SERVICE, number, text)
        return backend.get_password(SERVICE, number) == text
    except Exception:  # noqa: BLE001 - no backend, a locked one, a broken one: all mean the file
        return False


def _system_keyring() -> PasswordStore:
    import keyring  # looks for backends on import, which takes a while

    backend: PasswordStore = keyring.get_keyring()
    return backend


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise VaultLockedError(f"The file {path} cannot be read") from error


def _write(path: Path, text: str) -> None:
    """Create `path` for its owner alone, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise VaultLockedError(f"The file {path} cannot be written: {error.strerror}") from error


def _decode(text: str) -> bytes:
    try:
        master = base64.urlsafe_b64decode(text.encode())
    except (binascii.Error, ValueError) as error:
        raise VaultLockedError("The stored master secret is damaged") from error
    if len(master) != _BYTES:
        raise VaultLockedError("The stored master secret is damaged")
    return master


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"openalgo-desktop " + purpose).derive(master)
