"""The metrics as Prometheus reads them."""

from __future__ import annotations

import re

from market.feeds import FeedState, FeedStatus
from services.market_data_service import MarketDataService
from services.prometheus import Metrics, metrics_text
from tests.doubles.fake_desk import FakeDesk

CACHE = {"total_symbols": 3, "total_updates": 12_345_678, "cache_hits": 5, "cache_misses": 1}
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+')


def test_counters_end_in_total_and_gauges_do_not() -> None:
    lines = metrics_text({"ticks_in": 7, "clients": 2, "clients_total": 9}, [], CACHE, 1 << 20).splitlines()
    assert "openalgo_ticks_in_total 7" in lines
    assert "# TYPE openalgo_ticks_in_total counter" in lines
    assert "openalgo_clients 2" in lines
    assert "# TYPE openalgo_clients gauge" in lines
    assert "openalgo_clients_total 9" in lines
    assert "openalgo_cache_updates_total 12345678" in lines
    assert "openalgo_resident_memory_bytes 1048576" in lines


def test_every_line_is_a_comment_or_a_sample_and_every_name_has_one_type() -> None:
    desk = FakeDesk(feed='odd"na\\me\n')
    text = metrics_text({"clients": 2, "clients_total": 9}, desk.feeds(), CACHE, 1)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line.startswith("# ") or SAMPLE.fullmatch(line.replace('\\"', "")), line
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))


def test_a_feed_is_up_only_while_it_is_live() -> None:
    desk = FakeDesk()
    live = 'openalgo_feed_up{feed="simulated",state="live",nature="simulated"} 1'
    assert live in metrics_text({}, desk.feeds(), CACHE, 1).splitlines()
    desk.status = FeedStatus("simulated", FeedState.RECONNECTING)
    lost = 'openalgo_feed_up{feed="simulated",state="reconnecting",nature="simulated"} 0'
    assert lost in metrics_text({}, desk.feeds(), CACHE, 1).splitlines()


async def test_the_endpoint_needs_no_key() -> None:
    (endpoint,) = Metrics(FakeDesk(), MarketDataService()).endpoints()
    assert (endpoint.method, endpoint.path, endpoint.access) == ("GET", "/metrics", "open")
    answer = await endpoint.answer("", {})
    assert answer.media == "text/plain; version=0.0.4"
    assert "openalgo_subscriptions 0" in answer.body.splitlines()
