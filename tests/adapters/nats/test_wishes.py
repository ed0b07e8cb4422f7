"""Wishes of readers on the publishing host: told, refreshed, taken back, lapsed. Never more than fit."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nats.wishes import PER_MESSAGE, RemoteWishes, announcements, farewell
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from tests.doubles.ticks import INFY, SBIN

LTP, QUOTE, INFY_LTP = Subscription(SBIN, Mode.LTP), Subscription(SBIN, Mode.QUOTE), Subscription(INFY, Mode.LTP)


def said(*modes: Mode, key: InstrumentKey = SBIN, ttl_s: float = 100.0) -> bytes:
    (payload,) = announcements({key: modes}, ttl_s=ttl_s)
    return payload


def test_what_is_said_is_held_and_said_again_is_not_new() -> None:
    wishes = RemoteWishes()
    assert wishes.take("r", said(Mode.LTP), 0.0) == ([LTP], [])
    assert wishes.take("r", said(Mode.LTP), 10.0) == ([], [])
    assert wishes.take("r", said(Mode.QUOTE), 20.0) == ([QUOTE], [LTP])
    assert wishes.take("r", said(Mode.LTP, Mode.QUOTE), 30.0) == ([LTP], [])
    (gone,) = announcements({}, [SBIN, INFY])
    assert wishes.take("r", gone, 40.0) == ([], [LTP, QUOTE])
    assert len(wishes) == 0


def test_a_reader_that_says_nothing_any_more_lapses_alone() -> None:
    wishes = RemoteWishes()
    wishes.take("dead", said(Mode.LTP, ttl_s=90.0), 0.0)
    wishes.take("dead", said(Mode.LTP, key=INFY, ttl_s=90.0), 50.0)
    wishes.take("alive", said(Mode.LTP, ttl_s=90.0), 0.0)
    wishes.take("alive", said(Mode.LTP, ttl_s=90.0), 60.0)
    assert wishes.lapse(90.0) == {}
    assert wishes.lapse(90.1) == {"dead": [LTP]}
    assert wishes.lapse(140.1) == {"dead": [INFY_LTP]}
    assert len(wishes) == 1
    assert wishes.lapse(150.1) == {"alive": [LTP]}
    assert wishes.take("dead", said(Mode.LTP), 200.0) == ([LTP], []), "it may come back"


def test_one_that_leaves_takes_everything_along() -> None:
    wishes = RemoteWishes()
    wishes.take("r", said(Mode.LTP), 0.0)
    wishes.take("r", said(Mode.LTP, key=INFY), 0.0)
    assert wishes.take("r", farewell(), 1.0) == ([], [LTP, INFY_LTP])
    assert wishes.take("r", farewell(), 1.0) == ([], [])


def test_more_than_fits_is_refused_and_counted() -> None:
    wishes = RemoteWishes(most_readers=2, most_per_reader=3)
    keys = [InstrumentKey(Exchange.NSE, f"S{n}") for n in range(5)]
    (payload,) = announcements({key: [Mode.LTP] for key in keys})
    assert [wish.key for wish in wishes.take("one", payload, 0.0).fresh] == keys[:3]
    assert wishes.refused == 2
    wishes.take("two", said(Mode.LTP), 0.0)
    assert wishes.take("three", said(Mode.LTP), 0.0) == ([], [])
    assert wishes.refused == 3


def test_a_time_is_bounded_whatever_is_said() -> None:
    wishes = RemoteWishes()
    wishes.take("r", said(Mode.LTP, ttl_s=1e12), 0.0)
    assert wishes.lapse(601.0) == {"r": [LTP]}
    wishes.take("r", said(Mode.LTP, ttl_s=-5.0), 0.0)
    assert wishes.lapse(0.9) == {}


def test_long_lists_take_several_messages() -> None:
    keys = [InstrumentKey(Exchange.NSE, f"S{n}") for n in range(2 * PER_MESSAGE + 1)]
    payloads = list(announcements({key: [Mode.DEPTH] for key in keys}, keys))
    assert [len(json.loads(text).get("wishes", ())) for text in payloads] == [200, 200, 1, 0, 0, 0]
    wishes = RemoteWishes()
    assert sum(len(wishes.take("r", text, 0.0).fresh) for text in payloads[:3]) == len(keys)
    assert sum(len(wishes.take("r", text, 0.0).gone) for text in payloads[3:]) == len(keys)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{",
        b'{"wishes": 7}',
        b'{"wishes": [7]}',
        b'{"wishes": [{"exchange": "NSE"}]}',
        b'{"wishes": [{"exchange": "MARS", "symbol": "X", "modes": ["LTP"]}]}',
        b'{"wishes": [{"exchange": "NSE", "symbol": "X", "modes": ["all"]}]}',
        b'{"wishes": [{"exchange": "NSE", "symbol": "X", "modes": 3}]}',
        b'{"ttl_s": "soon", "wishes": []}',
        b'{"ttl_s": true, "wishes": []}',
        b'{"gone": "some"}',
        b"\xff",
    ],
)
def test_what_means_nothing_is_a_decode_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        RemoteWishes().take("r", payload, 0.0)


def test_half_of_a_message_counts_as_none_of_it() -> None:
    wishes = RemoteWishes()
    good = {"exchange": "NSE", "symbol": "SBIN", "modes": ["LTP"]}
    for message in ({"wishes": [good, 7]}, {"wishes": [good], "gone": 7}):
        with pytest.raises(DecodeError):
            wishes.take("r", json.dumps(message).encode(), 0.0)
    assert len(wishes) == 0
    assert wishes.take("r", json.dumps({"wishes": [good]}).encode(), 0.0).fresh == [LTP]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["wishes", "gone", "ttl_s", "x"]), _JSON, max_size=4) | _JSON)
def test_anything_at_all_is_taken_or_refused(message: Any) -> None:
    wishes = RemoteWishes()
    with contextlib.suppress(DecodeError):
        wishes.take("r", json.dumps(message).encode(), 0.0)
    wishes.lapse(1e9)
    assert len(wishes) == 0
