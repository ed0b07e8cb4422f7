"""Brokers as the window sees them: what goes through a browser, and what does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openalgo_desktop.broker_desk import BrokerDesk
from openalgo_desktop.broker_logins import BrokerLogins
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer
from services.storage.database import open_storage
from services.vault import open_vault


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[BrokerDesk]:
    storage = open_storage(tmp_path)
    drawer = LoginDrawer(storage, open_vault(tmp_path))
    yield BrokerDesk(BrokerSessions(BrokerLogins({}), drawer), tmp_path, {})
    storage.close()


async def test_a_token_made_elsewhere_opens_no_browser(desk: BrokerDesk) -> None:
    opened: list[str] = []

    async def browse(url: str) -> None:
        opened.append(url)

    success, body, _ = await desk.log_in("upstox", {"access_token": "opaque-token"}, browse)
    assert (success, opened) == (True, []), body
    assert desk.state("upstox").state == "logged_in"


async def test_without_what_the_login_needs_no_browser_is_opened_either(desk: BrokerDesk) -> None:
    opened: list[str] = []

    async def browse(url: str) -> None:
        opened.append(url)

    success, body, _ = await desk.log_in("upstox", {"api_key": "key"}, browse)
    assert (success, opened) == (False, [])
    assert "The login needs api_secret" in str(body["message"])
