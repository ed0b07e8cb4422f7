"""The strip: chips, badge, trouble, and tips where the cursor is."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from market.notices import Notice
from openalgo_desktop.presentation import feed_lines
from openalgo_desktop.presentation.feed_lines import Fact, FeedChip, Tone
from openalgo_desktop.widgets.scale import CURRENT
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.status_strip import StatusStrip

CHIP = FeedChip("simulated", "simulated", ("17 symbols", "196/s", "now"), Tone.DEMO, "")
FACTS = [Fact("in 196/s", "", "ticks", "honesty"), Fact("ws://127.0.0.1:8765", "", "address")]


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
    assert "simulated: simulated, 17 symbols" in strip.accessibleDescription()


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
    assert said == ["simulated: simulated, 17 symbols, 196/s, now", "address", ""]


@pytest.mark.parametrize("percent", [80, 100, 150])
@pytest.mark.parametrize("width", [300, 420, 600, 900, 1200])
def test_narrow_strip_elides_and_does_not_overlap(strip: StatusStrip, width: int, percent: int) -> None:
    CURRENT.set(percent)
    try:
        strip.resize(width, strip.height())
        strip.show_state([CHIP], FACTS, badge="SIMULATED", trouble=(Tone.BAD, "a long sentence that cannot fit at all"))
        strip.grab()
    finally:
        CURRENT.set(100)
    spans = sorted(strip._spans)
    assert all(one.right <= next_.left for one, next_ in itertools.pairwise(spans))
    assert spans[-1].right <= max(width, 300)


def test_click_on_a_chip_and_on_a_fact_ask_for_more(strip: StatusStrip, qtbot: QtBot) -> None:
    strip.show_state([CHIP], FACTS)
    strip.grab()
    with qtbot.waitSignal(strip.feedChosen) as chosen:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(30, 10))
    assert chosen.args[0] == "simulated"
    fact = next(span for span in strip._spans if span.fact)
    with qtbot.waitSignal(strip.factChosen) as chosen:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(fact.left + 2, 10))
    assert chosen.args[0] == "honesty"
    with qtbot.assertNotEmitted(strip.factChosen):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(1180, 10))


def test_keyboard_reaches_chips_and_facts(strip: StatusStrip, skin: Skin, qtbot: QtBot) -> None:
    strip.show_state([CHIP], FACTS)
    strip.setFocus()
    qtbot.waitUntil(strip.hasFocus)
    assert skin.accent.name() in seen(strip)
    with qtbot.waitSignal(strip.feedChosen):
        QTest.keyClick(strip, Qt.Key.Key_Return)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    with qtbot.waitSignal(strip.factChosen):
        QTest.keyClick(strip, Qt.Key.Key_Return)


@pytest.mark.parametrize("width", [240, 420, 1200])
def test_what_must_not_be_overlooked_is_amber_however_narrow_and_is_no_feed(
    strip: StatusStrip, skin: Skin, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    strip.resize(width, strip.height())
    sentence = "Other computers can reach the WebSocket server"
    warned = feed_lines.notice_chip(Notice("network", "unencrypted", sentence))
    strip.show_state([warned, CHIP], FACTS, badge="SIMULATED")
    assert skin.warn.name() in seen(strip)
    (span,) = [span for span in strip._spans if span.tip == sentence]
    assert span.right <= width
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _over: said.append(text))
    at = QPoint(span.left + 4, 10)
    strip.event(QHelpEvent(QHelpEvent.Type.ToolTip, at, at))
    assert said == [sentence]
    chosen: list[str] = []
    strip.feedChosen.connect(lambda name, _at: chosen.append(name))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    assert chosen == []


@pytest.mark.parametrize("percent", [80, 125, 150])
def test_feeds_and_facts_keep_apart_at_every_width_and_scale(strip: StatusStrip, percent: int) -> None:
    chips = [replace(CHIP, name=name) for name in ("binance", "zmq", "simulated")]
    facts = [Fact("in 196/s → shown 10 Hz · conflated 9 % · dropped 0", "in 196/s", "ticks", "honesty"), FACTS[1]]
    strip.show_state(chips, facts)
    CURRENT.set(percent)
    try:
        for width in range(700, 2000, 37):
            strip.resize(width, strip.height())
            strip.grab()
            assert all(one.right <= next_.left for one, next_ in itertools.pairwise(sorted(strip._spans))), width
    finally:
        CURRENT.set(100)
