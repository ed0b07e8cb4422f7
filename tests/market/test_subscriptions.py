from __future__ import annotations

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Outcome, Subscription, Wishes, WishState

INFY = Subscription(InstrumentKey(Exchange.NSE, "INFY"), Mode.QUOTE)
TCS = Subscription(InstrumentKey(Exchange.NSE, "TCS"), Mode.DEPTH)


def test_add_returns_only_what_is_new() -> None:
    wishes = Wishes()
    assert wishes.add([INFY, TCS]) == [INFY, TCS]
    assert wishes.add([TCS, INFY]) == []
    assert list(wishes) == [INFY, TCS]
    assert len(wishes) == 2


def test_add_returns_a_wish_once_when_it_is_asked_for_twice() -> None:
    assert Wishes().add([INFY, INFY]) == [INFY]


def test_a_rejected_wish_is_tried_again_and_loses_its_reason() -> None:
    wishes = Wishes()
    wishes.add([INFY])
    wishes.reject(INFY, "no such symbol")
    assert wishes.state(INFY) is WishState.REJECTED
    assert wishes.reason(INFY) == "no such symbol"
    assert wishes.add([INFY]) == [INFY]
    assert wishes.state(INFY) is WishState.PENDING
    assert wishes.reason(INFY) is None


def test_remove_returns_only_what_was_wished() -> None:
    wishes = Wishes()
    wishes.add([INFY])
    wishes.reject(INFY, "no")
    assert wishes.remove([INFY, TCS, INFY]) == [INFY]
    assert INFY not in wishes
    assert wishes.state(INFY) is None
    assert wishes.reason(INFY) is None


def test_answers_about_withdrawn_wishes_are_ignored() -> None:
    wishes = Wishes()
    wishes.confirm([INFY])
    wishes.reject(TCS, "late")
    assert list(wishes) == []
    assert wishes.reason(TCS) is None


def test_a_new_connection_reopens_every_wish() -> None:
    wishes = Wishes()
    wishes.add([INFY, TCS])
    wishes.confirm([INFY])
    wishes.reject(TCS, "no")
    assert wishes.reopen() == [INFY, TCS]
    assert {wishes.state(wish) for wish in wishes} == {WishState.PENDING}
    assert wishes.reason(TCS) is None


def test_an_outcome_is_accepted_without_an_error() -> None:
    assert Outcome(INFY, feed="simulated").accepted
    assert not Outcome(INFY, error="Unknown instrument NSE:INFY").accepted
