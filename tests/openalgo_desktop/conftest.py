"""For tests of the window: the dressed application, and no task left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol, TypeVar

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from openalgo_desktop import tasks
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.skin import Skin, dress, style_sheet

DEADLINE_S = 10.0


@pytest.fixture
def app(qapp: QApplication) -> QApplication:
    """The application in the dark theme, without the widgets of earlier tests: each would be styled again."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if qapp.styleSheet() != style_sheet(DARK):
        dress(qapp, DARK)
    return qapp


@pytest.fixture
def skin(app: QApplication) -> Skin:
    """The dark theme's colours."""
    return Skin(DARK)


@pytest.fixture(autouse=True)
def _no_popup_left() -> Iterator[None]:
    """A menu that a right click opened would take the mouse of the next test."""
    yield
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()


@pytest.fixture(autouse=True)
def _no_task_left() -> Iterator[None]:
    yield
    assert not tasks.running()


async def until(condition: Callable[[], object]) -> None:
    """Turn both loops until `condition` holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        QApplication.processEvents()
        await asyncio.sleep(0.002)


class Stage(Protocol):
    """A window with its controller."""

    window: MainWindow
    controller: MainController


S = TypeVar("S", bound=Stage)


def on_stage(
    make: Callable[[], S],
) -> Callable[[Callable[[S], Awaitable[None]]], Callable[[QApplication], Awaitable[None]]]:
    """Give a test its window, made and taken down while the loop runs: its timers start coroutines."""

    def decorate(test: Callable[[S], Awaitable[None]]) -> Callable[[QApplication], Awaitable[None]]:
        async def run(app: QApplication) -> None:
            scene = make()
            try:
                await test(scene)
            finally:
                scene.controller.close()
                scene.window.close()
                await tasks.cancel_all()
                await until(lambda: not tasks.running())
                # A window left behind is styled again with every theme.
                shiboken6.delete(scene.window)

        run.__name__ = test.__name__  # type: ignore[attr-defined]
        return run

    return decorate
