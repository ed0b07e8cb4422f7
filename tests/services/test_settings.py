from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.settings import Settings, Source
from services.settings_table import TABLE, Setting
from services.storage.database import Storage, open_storage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_every_default_is_a_value_of_its_own_row(row: Setting) -> None:
    assert row.parse(row.default) == row.default
    assert row.parse(str(row.default)) == row.default
    assert row.label
    assert row.help


def test_stored_value_is_there_after_reopening(storage: Storage) -> None:
    settings = Settings(storage, environment={})
    assert settings.source("theme") is Source.DEFAULT
    assert settings.set("theme", "light").data["data"] == {"key": "theme", "value": "light", "source": "stored"}
    assert settings.set("ui_scale", "125").success
    assert settings.set("flash", False).success
    storage.flush()
    again = Settings(storage, environment={})
    assert (again.text("theme"), again.number("ui_scale"), again.flag("flash")) == ("light", 125, False)
    assert again.source("theme") is Source.STORED
    again.reset("theme")
    storage.flush()
    assert Settings(storage, environment={}).get("theme") == "system"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("theme", "pink", "Theme: expected one of dark, light, system"),
        ("theme", 3, "Theme: expected one of dark, light, system"),
        ("ui_scale", 79, "Size of text and controls: expected a whole number from 80 to 150"),
        ("ui_scale", 151, "Size of text and controls: expected a whole number from 80 to 150"),
        ("ui_scale", True, "Size of text and controls: expected a whole number from 80 to 150"),
        ("ui_scale", 100.5, "Size of text and controls: expected a whole number from 80 to 150"),
        ("text_rate_hz", 60, "Repaints of numbers: expected one of 2, 5, 10, 20"),
        ("flash", "perhaps", "Flash changes: expected on or off"),
        ("ws_port", 0, "WebSocket port: expected a whole number from 1 to 65535"),
        ("ws_port", "65536", "WebSocket port: expected a whole number from 1 to 65535"),
        ("ws_host", " ", "WebSocket address: expected a text of 1 to 255 characters"),
        ("volume", 1, "There is no setting 'volume'"),
    ],
)
def test_value_that_cannot_be_is_refused_with_what_was_expected(key: str, value: object, sentence: str) -> None:
    settings = Settings(environment={})
    answer = settings.set(key, value)
    assert (answer.status_code, answer.data["message"]) == (400, sentence)


def test_environment_wins_and_says_so(storage: Storage) -> None:
    environment = {"WEBSOCKET_HOST": "0.0.0.0", "WEBSOCKET_PORT": " 9001 ", "ZMQ_HOST": "10.0.0.1", "ZMQ_PORT": "6000"}
    settings = Settings(storage, environment=environment)
    assert (settings.get("ws_host"), settings.get("ws_port")) == ("0.0.0.0", 9001)
    assert (settings.get("zmq_host"), settings.get("zmq_port")) == ("10.0.0.1", 6000)
    assert settings.source("ws_port") is Source.ENVIRONMENT
    heard: list[object] = []
    settings.on_change(lambda key, value: heard.append(key))
    answer = settings.set("ws_port", 9100)
    assert answer.data["message"] == "Saved, but WEBSOCKET_PORT in the environment sets 9001 for now"
    assert settings.get("ws_port") == 9001
    assert heard == []
    storage.flush()
    assert Settings(storage, environment={}).get("ws_port") == 9100


def test_unusable_environment_is_ignored_and_said() -> None:
    settings = Settings(environment={"WEBSOCKET_PORT": "many", "ZMQ_PORT": ""})
    assert settings.get("ws_port") == 8765
    assert settings.notices == ["WEBSOCKET_PORT in the environment is ignored: expected a whole number from 1 to 65535"]


def test_what_another_version_stored_does_not_break_this_one(storage: Storage) -> None:
    storage.settings.save("theme", "sepia")
    storage.settings.save("hologram", {"depth": 3})
    storage.settings.save("density", "compact")
    settings = Settings(storage, environment={})
    assert (settings.get("theme"), settings.get("density")) == ("system", "compact")


def test_listeners_hear_only_of_changes() -> None:
    settings = Settings(environment={})
    heard: list[object] = []
    settings.on_change(lambda key, value: heard.append((key, value)))
    settings.set("theme", "dark")
    settings.set("theme", "dark")
    settings.set("theme", "pink")
    settings.reset("theme")
    assert heard == [("theme", "dark"), ("theme", "system")]


def test_red_for_up_of_an_earlier_version_is_understood(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    storage.settings.save("up_down_palette", "red_green")
    settings = Settings(storage, environment={})
    assert (settings.text("up_down_palette"), settings.flag("up_is_red")) == ("green_red", True)
    settings.set("up_is_red", False)
    storage.flush()
    assert not Settings(storage, environment={}).flag("up_is_red"), "what was chosen since then wins"
    storage.close()
