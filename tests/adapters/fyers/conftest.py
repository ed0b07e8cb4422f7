"""A toy Fyers that runs, and what asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from market.credentials import Secret
from market.logins import BrokerSession
from tests.doubles.toy_fyers import ToyFyers


@pytest.fixture
async def toy() -> AsyncIterator[ToyFyers]:
    toy = ToyFyers()
    await toy.start()
    yield toy
    await toy.stop()


def session_of(token: str, **others: str) -> BrokerSession:
    """A login with the access token `token`."""
    tokens = {"app_id": "APP-100", "access_token": token, "hsm_key": token, **others}
    secrets = {name: Secret(text) for name, text in tokens.items()}
    return BrokerSession(broker="fyers", user="FAB1234", tokens=secrets, obtained_ms=1.0)
