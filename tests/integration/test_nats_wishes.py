"""Two applications, and between them a server that every computer has: the one of the tests."""

from __future__ import annotations

from pathlib import Path

from tests.doubles.application import make_key
from tests.doubles.toy_nats import toy_nats
from tests.integration.test_nats import wishes_travel


async def test_wishes_travel_and_simulated_prices_stay_marked(tmp_path: Path) -> None:
    key = make_key(tmp_path / "reader")
    async with toy_nats() as server:
        await wishes_travel(tmp_path, server.url, key)
