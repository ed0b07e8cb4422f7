"""Spawned coroutines are kept, cancelled with their owner, and heard when they fail."""

from __future__ import annotations

import asyncio

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from openalgo_desktop import tasks
from tests.openalgo_desktop.conftest import until


async def test_spawn_keeps_the_task_until_it_ends(app: QApplication) -> None:
    async def answer() -> int:
        return 42

    task = tasks.spawn(answer())
    assert task in tasks.running()
    assert await task == 42
    await until(lambda: not tasks.running())


async def test_task_is_cancelled_when_its_owner_is_destroyed(app: QApplication) -> None:
    owner = QObject()
    task = tasks.spawn(asyncio.Event().wait(), owner=owner)
    shiboken6.delete(owner)
    await until(task.cancelled)


@pytest.mark.expected_log("A task of the window failed: no such list")
async def test_failure_is_logged(app: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("no such list")

    tasks.spawn(fail())
    await until(lambda: "A task of the window failed: no such list" in caplog.text)


async def test_cancel_all_ends_every_task(app: QApplication) -> None:
    kept = [tasks.spawn(asyncio.Event().wait()) for _ in range(3)]
    await tasks.cancel_all()
    assert all(task.cancelled() for task in kept)
