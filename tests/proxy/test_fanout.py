"""That joining the frames of many clients changes nothing about what each of them gets."""

from __future__ import annotations

import json
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Update
from proxy.fanout import Fanout
from proxy.outbox import TURN_LIMIT_BYTES, Outbox
from proxy.registry import Registry
from proxy.trust import TrustBook
from tests.doubles.ticks import SBIN, tick_of

KEYS = [InstrumentKey(Exchange.NSE, name) for name in ("SBIN", "INFY", "TCS")]


class Client:
    def __init__(self) -> None:
        self.outbox = Outbox()

    def got(self) -> list[tuple[str, int, float]]:
        frames = map(json.loads, self.outbox.take().splitlines())
        return [(frame["symbol"], frame["mode"], frame["data"]["ltp"]) for frame in frames]


def fanout_of(registry: Registry[Client]) -> Fanout:
    trust = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: True))
    return Fanout(registry, trust, frame=lambda payload, _packed: payload + b"\n", now_ms=lambda: 0.0)  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KEYS), st.sampled_from([Mode.LTP, Mode.QUOTE]))),
    st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from([0, Mode.QUOTE.bit, Mode.LTP.bit | Mode.QUOTE.bit]))),
)
def test_each_client_gets_what_it_holds_in_the_order_of_the_ticks(
    held: list[tuple[int, InstrumentKey, Mode]], ticks: list[tuple[InstrumentKey, int]]
) -> None:
    registry: Registry[Client] = Registry()
    clients = [Client() for _ in range(4)]
    for number, key, mode in held:
        registry.hold(clients[number], Subscription(key, mode))
    fanout = fanout_of(registry)
    fanout([Update(tick_of(key, float(number)), changed) for number, (key, changed) in enumerate(ticks)])
    for number, client in enumerate(clients):
        mine = {(key, mode) for holder, key, mode in held if holder == number}
        frames = client.outbox.waiting
        got = client.got()
        assert frames == client.outbox.frames == len(got)
        assert [ltp for _, _, ltp in got] == sorted(ltp for _, _, ltp in got)
        assert sorted(got) == sorted(
            (key.symbol, int(mode), float(at))
            for at, (key, changed) in enumerate(ticks)
            for mode in (Mode.LTP, Mode.QUOTE)
            if (key, mode) in mine and changed & mode.bit
        )


def test_a_client_that_does_not_read_keeps_one_frame_of_a_run_and_the_others_all() -> None:
    registry: Registry[Client] = Registry()
    reader, mute = Client(), Client()
    for client in (reader, mute):
        registry.hold(client, Subscription(SBIN, Mode.LTP))
    mute.outbox.block()
    fanout_of(registry)([Update(tick_of(ltp=price), Mode.LTP.bit) for price in (1.0, 2.0, 3.0)])
    assert [ltp for *_, ltp in reader.got()] == [1.0, 2.0, 3.0]
    assert [ltp for *_, ltp in mute.got()] == [3.0]
    assert mute.outbox.conflated == 2


def test_a_long_batch_is_handed_out_in_pieces_that_respect_the_limit_of_a_turn() -> None:
    registry: Registry[Client] = Registry()
    client = Client()
    registry.hold(client, Subscription(SBIN, Mode.LTP))
    fanout = fanout_of(registry)
    fanout([Update(tick_of(ltp=float(price)), Mode.LTP.bit) for price in range(20_000)])
    assert fanout.counters["frames_encoded"] == 20_000
    assert client.outbox.conflated > 0
    text = client.outbox.take()
    assert len(text) < TURN_LIMIT_BYTES * 1.2
    assert json.loads(text.splitlines()[-1])["data"]["ltp"] == 19_999.0
