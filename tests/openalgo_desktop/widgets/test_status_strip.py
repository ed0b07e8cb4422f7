"""The strip: chips, badge, trouble, and tips where the cursor is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.feed_lines import FeedChip, Tone
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.status_strip import StatusStrip

CHIP = FeedChip("simulated", "simulated", "17 symbols · 196/s · now", Tone.DEMO, "")
FACTS = [("in 196/s", "ticks"), ("ws://127.0.0.1:8765", "address")]


@pytest.fixture
def strip(skin: Skin, qtbot: QtBot) -> StatusStrip:
    strip = StatusStrip(skin)
    qtbot.addWidget(strip)
    strip.resize(1200, strip.height())
    strip.show()
    return strip


def seen(strip: StatusStrip) -> set[str]:
    image = strip.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_badge_and_chip_have_the_colour_of_demo(strip: StatusStrip, skin: Skin) -> None:
    strip.show_state([CHIP], FACTS)
    assert skin.demo.name() in seen(strip)
    assert skin.warn.name() not in seen(strip)
    assert "simulated simulated, 17 symbols" in strip.accessibleDescription()


def test_trouble_is_said_in_its_colour(strip: StatusStrip, skin: Skin) -> None:
    strip.show_state([CHIP], FACTS, badge="SIMULATED", trouble=(Tone.BAD, "x is failed: the key was refused"))
    assert skin.down.name() in seen(strip)
    assert strip.accessibleDescription().endswith("the key was refused")


def test_tips_explain_what_is_under_the_cursor(strip: StatusStrip, monkeypatch: pytest.MonkeyPatch) -> None:
    strip.show_state([CHIP], FACTS)
    strip.grab()
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _over: said.append(text))
    for x in (30, 1180, 700):
        at = QPoint(x, 10)
        strip.event(QHelpEvent(QHelpEvent.Type.ToolTip, at, at))
    assert said == ["simulated: simulated, 17 symbols · 196/s · now", "address", ""]


def test_narrow_strip_elides_and_does_not_overlap(strip: StatusStrip) -> None:
    strip.resize(420, strip.height())
    strip.show_state([CHIP], FACTS, badge="SIMULATED", trouble=(Tone.BAD, "a long sentence that cannot fit at all"))
    strip.grab()
    facts_left = min(left for left, _right, tip in strip._spans if tip in ("ticks", "address"))
    chip_right = next(right for _left, right, tip in strip._spans if tip.startswith("simulated"))
    assert chip_right <= facts_left
