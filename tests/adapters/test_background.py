"""Background tasks: kept, logged when they fail, and gone when their owner closes."""

from __future__ import annotations

import asyncio

import pytest

from adapters.background import BackgroundTasks
from tests.doubles.waiting import until


async def test_close_ends_every_task() -> None:
    tasks, ended = BackgroundTasks(), []

    async def forever(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    tasks.spawn(forever("a"), "a")
    tasks.spawn(forever("b"), "b")
    await asyncio.sleep(0)
    await tasks.close()
    assert sorted(ended) == ["a", "b"]
    assert len(tasks) == 0


@pytest.mark.expected_log("The task broken failed")
async def test_failure_is_logged_and_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    tasks = BackgroundTasks()

    async def broken() -> None:
        raise RuntimeError("out of order")

    healthy = tasks.spawn(asyncio.sleep(60.0), "healthy")
    tasks.spawn(broken(), "broken")
    await until(lambda: len(tasks) == 1)
    assert not healthy.done()
    assert "out of order" in caplog.text
    await tasks.close()
