from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.broker_factory import (
    FeedSettings,
    FeedSpec,
    broker,
    broker_names,
    create_feed,
    endpoints_of,
    feed_names,
    parse_spec,
)
from market.errors import InvalidRequestError
from market.feeds import FeedNature
from market.sessions import SessionCalendar

SETTINGS = FeedSettings(calendar=SessionCalendar(forced_open=True), today=date(2026, 11, 23))


def made(text: str, settings: FeedSettings = SETTINGS) -> object:
    return create_feed(parse_spec(text), settings)


@pytest.mark.parametrize("name", feed_names())
def test_every_name_makes_a_feed_of_that_name(name: str) -> None:
    argument = "=nats://127.0.0.1:4222" if name == "nats" else ""
    feed = create_feed(parse_spec(f"{name}{argument}"), SETTINGS)
    assert feed.name == name
    assert (feed.capabilities.nature is FeedNature.SIMULATED) == (name == "simulated")


def test_every_adapter_folder_with_a_feed_is_in_the_list() -> None:
    folder = Path(__file__).resolve().parent.parent.parent / "adapters"
    own = {path.parent.name for path in folder.glob("*/feed.py")}
    assert own == set(feed_names()) - set(broker_names())


def test_every_row_of_the_broker_table_is_whole() -> None:
    for name in broker_names():
        row = broker(name)
        assert row.name == name
        assert row.venue(row.resolve({})).name == name
        assert row.venue(row.resolve({})).needs_login == (row.login is not None)
        assert row.verified
        assert name in feed_names()


def test_every_folder_of_a_broker_is_in_the_table() -> None:
    folder = Path(__file__).resolve().parent.parent.parent / "adapters"
    in_table = {type(broker(name).venue(broker(name).resolve({}))).__module__.split(".")[1] for name in broker_names()}
    assert {path.parent.name for path in folder.glob("*/broker.py")} == in_table


def test_spec_is_trimmed_and_keeps_its_argument() -> None:
    assert parse_spec(" Simulated = 500 ") == FeedSpec("simulated", "500")
    assert parse_spec("zmq=tcp://127.0.0.1:1=x") == FeedSpec("zmq", "tcp://127.0.0.1:1=x")


@pytest.mark.parametrize(
    "text",
    ["simulated=fast", "simulated=", "simulated=0", "simulated=50001", "simulated=nan", "binance=x", "zmq=5555",
     "zmq=tcp://127.0.0.1", "zmq=tcp://127.0.0.1:99999", "zmq=ipc:///tmp/x"],
)  # fmt: skip
def test_an_argument_that_means_nothing_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        made(text)
    assert len(str(caught.value)) > 20


def test_endpoints_are_those_of_the_feed_without_its_name() -> None:
    endpoints = {"binance.ws": "ws://h:1", "binance.rest": "http://h:1", "other.ws": "ws://h:2"}
    assert endpoints_of("binance", endpoints) == {"ws": "ws://h:1", "rest": "http://h:1"}
