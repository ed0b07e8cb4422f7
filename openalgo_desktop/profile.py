"""The profile: one folder per user with the database, the logs, and a lock against a second instance."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import filelock
import platformdirs
import psutil

from market.errors import ProfileInUseError, StorageError

_LOCK_FILE = "instance.lock"
_OWNER_FILE = "instance.pid"


def default_profile() -> Path:
    """The profile that is used when none is named: the user's data folder of the operating system."""
    return Path(platformdirs.user_data_dir("openalgo-desktop", appauthor=False))


def prepare_profile(path: Path) -> Path:
    """Make the profile folder, readable by its owner alone, and return its absolute path.

    Raises:
        StorageError: it cannot be made or written to; the sentence has the path and the cause.
    """
    path = path.expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32" and path.stat().st_uid == os.getuid():
            path.chmod(0o700)
    except FileExistsError:
        raise StorageError(f"The profile {path} is a file; name a folder") from None
    except OSError as error:
        raise StorageError(f"The profile {path} cannot be made: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise StorageError(f"The profile {path} cannot be written to; choose another with --profile")
    return path


class InstanceLock:
    """Held while an instance runs on a profile. The operating system releases it even after `kill -9`."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        # The engine is opened in a worker thread and closed on the loop: the lock belongs to the process.
        self._lock = filelock.FileLock(profile / _LOCK_FILE, blocking=False, thread_local=False)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            ProfileInUseError: another instance has it; the sentence names its process where that is known.
            StorageError: the lock file cannot be made.
        """
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise ProfileInUseError(
                f"Another OpenAlgo Desktop{self._owner()} is using the profile {self._profile}; "
                "close it, or choose another profile with --profile"
            ) from None
        except OSError as error:
            raise StorageError(f"The profile {self._profile} cannot be locked: {error.strerror}") from None
        self._note_owner()

    def release(self) -> None:
        """Give the lock back; safe to call twice."""
        if self._lock.is_locked:
            (self._profile / _OWNER_FILE).unlink(missing_ok=True)
            self._lock.release()

    def _note_owner(self) -> None:
        # A courtesy to whoever is refused; a full disk must not be the reason that nothing starts.
        with contextlib.suppress(OSError):
            (self._profile / _OWNER_FILE).write_text(str(os.getpid()), encoding="ascii")

    def _owner(self) -> str:
        try:
            number = (self._profile / _OWNER_FILE).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return f" (process {number})" if number.isdigit() else ""


def running_instance(profile: Path) -> int | None:
    """The number of the process that runs on `profile`, as far as that is known, or None."""
    try:
        text = (profile / _OWNER_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() and psutil.pid_exists(int(text)) else None
