"""How many requests an address may make."""

from __future__ import annotations

from proxy.http.rates import Rates


def test_each_address_has_its_own_rate() -> None:
    rates = Rates(2.0, most=10)
    assert [rates.allows("a", 0.0) for _ in range(3)] == [True, True, False]
    assert rates.allows("b", 0.0)
    assert rates.allows("a", 0.5)
    assert not rates.allows("a", 0.5)


def test_only_the_latest_addresses_are_remembered() -> None:
    rates = Rates(1.0, most=2)
    assert rates.allows("a", 0.0)
    assert rates.allows("b", 0.0)
    assert not rates.allows("a", 0.0)  # used again: b is the older one now
    assert rates.allows("c", 0.0)
    assert not rates.allows("a", 0.0)
    assert rates.allows("b", 0.0)  # forgotten
