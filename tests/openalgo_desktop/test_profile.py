from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from market.errors import ProfileInUseError, StorageError
from openalgo_desktop.profile import InstanceLock, default_profile, prepare_profile


def test_prepare_makes_a_private_folder(tmp_path: Path) -> None:
    path = prepare_profile(tmp_path / "a" / "b")
    assert path.is_dir()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_prepare_a_file_or_a_path_below_one_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(StorageError, match="is a file; name a folder"):
        prepare_profile(file)
    with pytest.raises(StorageError, match="cannot be made"):
        prepare_profile(file / "below")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_prepare_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="cannot be"):
        prepare_profile(tmp_path / "new")


def test_a_second_instance_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from openalgo_desktop.profile import InstanceLock\n"
        "lock = InstanceLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        lock = InstanceLock(tmp_path)
        with pytest.raises(ProfileInUseError, match=rf"process {holder.pid}.*--profile"):
            lock.acquire()
        holder.kill()
        holder.wait()
        lock.acquire()
        lock.release()
        lock.release()


def test_default_profile_is_in_the_users_data_folder() -> None:
    assert "openalgo-desktop" in str(default_profile())


def test_the_lock_is_had_even_if_its_owner_cannot_be_noted(tmp_path: Path) -> None:
    (tmp_path / "instance.pid").mkdir()
    lock = InstanceLock(tmp_path)
    lock.acquire()
    other = InstanceLock(tmp_path)
    with pytest.raises(ProfileInUseError, match="Another OpenAlgo Desktop is using"):
        other.acquire()
    (tmp_path / "instance.pid").rmdir()
    lock.release()


def test_a_lock_taken_in_one_thread_is_given_back_in_another(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(lock.acquire).result()
    lock.release()
    again = InstanceLock(tmp_path)
    again.acquire()
    again.release()
