from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from openalgo_desktop.failures import UsageError
from openalgo_desktop.server_limits import NUMBERS, ORIGINS, limits_from
from proxy.config import ServerConfig


def test_every_limit_is_a_field_within_its_own_bounds_and_documented() -> None:
    config = ServerConfig()
    guide = (Path(__file__).resolve().parent.parent.parent / "docs" / "user-guide.md").read_text(encoding="utf-8")
    for variable, (field, least, most) in NUMBERS.items():
        assert least <= getattr(config, field) <= most
        assert f"`{variable}`" in guide
    assert f"`{ORIGINS}`" in guide


def test_nothing_said_changes_nothing() -> None:
    assert limits_from({"PATH": "/bin", "WS_PING_INTERVAL": " "}) == {}


def test_what_is_said_fits_the_configuration() -> None:
    said = {"WS_MAX_CONNECTIONS": "3", "WS_AUTH_GRACE_SECONDS": "2.5", ORIGINS: "https://a.example/, http://b.example"}
    config = dataclasses.replace(ServerConfig(), **limits_from(said))
    assert (config.max_connections, config.auth_grace_s) == (3, 2.5)
    assert config.allowed_origins == {"https://a.example", "http://b.example"}


@pytest.mark.parametrize(
    ("variable", "text"),
    [("WS_MAX_CONNECTIONS", "0"), ("WS_MAX_CONNECTIONS", "2.5"), ("WS_PING_INTERVAL", "often"),
     ("WS_PING_TIMEOUT", "nan"), ("WS_MAX_FRAME_BYTES", "-1"), ("WS_SLOW_CLIENT_SECONDS", "1e9")],
)  # fmt: skip
def test_a_value_that_means_nothing_names_variable_and_range(variable: str, text: str) -> None:
    with pytest.raises(UsageError, match=rf"{variable} {text} is not a .*number from .* to "):
        limits_from({variable: text})
