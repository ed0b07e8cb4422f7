"""Unexpected failures: heard wherever they happen, told once per cause, without secrets."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from openalgo_desktop.crash_hooks import CrashHooks, Failure

pytestmark = pytest.mark.expected_log("unexpected failure", "same failure")


@pytest.fixture
def told() -> list[Failure]:
    return []


@pytest.fixture
def hooks(told: list[Failure]) -> Iterator[CrashHooks]:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    hooks = CrashHooks()
    hooks.listen(told.append)
    hooks.install()
    yield hooks
    hooks.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def fail(text: str) -> None:
    raise ValueError(text)


def caught(text: str) -> ValueError:
    try:
        fail(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_failure_of_a_slot_is_told(hooks: CrashHooks, told: list[Failure]) -> None:
    error = caught("no")
    sys.excepthook(ValueError, error, error.__traceback__)
    assert told[0].sentence == "ValueError in the window"
    assert "fail(text)" in told[0].text


def test_end_by_the_keyboard_is_no_failure(hooks: CrashHooks, told: list[Failure]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not told


def test_failure_of_a_thread_is_told(hooks: CrashHooks, told: list[Failure]) -> None:
    thread = threading.Thread(target=fail, args=("no",), name="worker_3")
    thread.start()
    thread.join()
    assert told[0].sentence == "ValueError in the thread worker_3"


def test_failure_of_a_finaliser_is_told(hooks: CrashHooks, told: list[Failure]) -> None:
    class Careless:
        def __del__(self) -> None:
            fail("no")

    Careless()
    gc.collect()
    assert told[0].sentence == "ValueError while something was taken down"


async def test_failure_of_a_task_that_nobody_awaits_is_told(told: list[Failure]) -> None:
    loop, hooks = asyncio.get_running_loop(), CrashHooks()
    hooks.listen(told.append)
    hooks.install(loop)
    try:
        loop.call_soon(fail, "no")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    finally:
        hooks.remove()
        loop.set_exception_handler(None)
    assert told[0].sentence == "ValueError in the background"


def test_same_cause_is_counted(hooks: CrashHooks, told: list[Failure]) -> None:
    for text in ("one", "two", "three"):
        hooks.take(caught(text), "in the window")
    assert [failure.times for failure in told] == [1, 2, 3]


def test_secrets_are_blacked_out(hooks: CrashHooks, told: list[Failure]) -> None:
    hooks.take(caught(f"api_key=hunter2 {'ab' * 32}"), "in the window")
    assert "hunter2" not in told[0].text
    assert "ab" * 32 not in told[0].text


def test_what_failed_before_anybody_listened_is_told_then(told: list[Failure]) -> None:
    hooks = CrashHooks()
    hooks.take(caught("no"), "at the start")
    hooks.listen(told.append)
    assert len(told) == 1
