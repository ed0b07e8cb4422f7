from __future__ import annotations

import re

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.notices import Notice
from market.subscriptions import Subscription
from services.health import get_metrics
from services.market_data_service import MarketDataService
from tests.doubles.fake_desk import FakeDesk


def test_metrics_have_the_documents_shape() -> None:
    desk, market_data = FakeDesk(), MarketDataService()
    desk.totals = {"clients": 45, "clients_total": 1234, "clients_failed": 12, "subscriptions_total": 5671}
    desk.subscribe("a", [Subscription(InstrumentKey(Exchange.NSE, "SBIN"), Mode.LTP)])
    market_data.get_ltp("SBIN", "NSE")
    metrics = get_metrics(desk, market_data)
    assert metrics["connections"] == {"active": 45, "total": 1234, "failed": 12}
    assert metrics["subscriptions"] == {"active": 1, "total": 5671, "errors": 0}
    assert metrics["notices"] == {"active": []}
    desk.standing = (Notice("network", "unencrypted", "Other computers can reach it"),)
    assert get_metrics(desk, market_data)["notices"] == {"active": ["Other computers can reach it"]}
    memory = metrics["cache"].pop("memory_usage")
    assert metrics["cache"] == {"hit_rate": 0.0, "total_requests": 1}
    assert re.fullmatch(r"[1-9]\d*MB", str(memory))
