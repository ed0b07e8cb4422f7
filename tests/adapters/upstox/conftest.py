"""A toy Upstox that runs, and what asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from market.credentials import Secret
from market.logins import BrokerSession
from tests.doubles.toy_upstox import ToyUpstox


@pytest.fixture
async def toy() -> AsyncIterator[ToyUpstox]:
    toy = ToyUpstox()
    await toy.start()
    yield toy
    await toy.stop()


def session_of(token: str) -> BrokerSession:
    """A login with the access token `token`."""
    return BrokerSession(broker="upstox", user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0)
