"""For tests of the window: the dressed application, and no task left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from openalgo_desktop import tasks
from openalgo_desktop.presentation.palette import DARK
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
