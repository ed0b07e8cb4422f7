from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick, known_modes
from proxy.outgoing import OutgoingMessages
from proxy.trust import TrustBook
from tests.doubles.ticks import NIFTY, SBIN, full_tick, tick_of


def messages_for(*held: Subscription) -> OutgoingMessages:
    trust = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: True))
    return OutgoingMessages(SimpleNamespace(is_wanted=held.__contains__), trust, now_ms=lambda: 0.0)


@pytest.mark.parametrize(
    ("tick", "modes"),
    [
        (full_tick(), [Mode.DEPTH]),
        (full_tick()._replace(depth=None), [Mode.QUOTE]),
        (tick_of(NIFTY), [Mode.LTP]),
        (tick_of(NIFTY, extra={"note": 1}), [Mode.QUOTE]),
        (tick_of(ltp=None, bid_price=1.0), [Mode.QUOTE]),
        (tick_of(ltp=None), []),
    ],
)
def test_what_nobody_holds_passes_in_the_one_mode_that_says_it_all(tick: Tick, modes: list[Mode]) -> None:
    assert messages_for().modes(tick, known_modes(tick)) == modes


def test_what_is_held_leaves_in_the_held_modes_that_changed() -> None:
    messages = messages_for(Subscription(SBIN, Mode.LTP), Subscription(SBIN, Mode.DEPTH))
    assert messages.modes(full_tick(), known_modes(full_tick())) == [Mode.LTP, Mode.DEPTH]
    assert messages.modes(full_tick(), Mode.DEPTH.bit) == [Mode.DEPTH]
    assert messages.modes(full_tick(), 0) == []


def test_a_payload_says_how_old_it_is_and_where_it_comes_from() -> None:
    data = json.loads(messages_for().payload(tick_of(received_ms=100.0), Mode.LTP, 107.5))
    assert (data["ltp"], data["age_ms"], data["broker"], data["state"]) == (812.35, 7, "fake", "live")
