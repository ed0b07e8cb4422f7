"""Brokers' packets to ticks, against each broker's own client in the same run."""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from adapters.angel import wire as angel
from adapters.dhan import depth_wire
from adapters.dhan import wire as dhan
from adapters.dhan.segments import listing_of as dhan_listing
from adapters.frames import FrameKind
from adapters.fyers.hsm_conversation import HsmConversation
from adapters.upstox.conversation import UpstoxConversation
from adapters.venue import Want
from adapters.zerodha import wire as kite
from market.credentials import Secret
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.doubles.toy_angel import packet as angel_packet
from tests.doubles.toy_broker import ToyQuote, book
from tests.doubles.toy_dhan import deep_side
from tests.doubles.toy_dhan import packet as dhan_packet
from tests.doubles.toy_fyers import ABSENT
from tests.doubles.toy_fyers import data_frame as hsm_frame
from tests.doubles.toy_fyers import snapshot as hsm_snapshot
from tests.doubles.toy_fyers import update as hsm_update
from tests.doubles.toy_fyers import values_of as hsm_values
from tests.doubles.toy_kite import frame as framed
from tests.doubles.toy_kite import packet
from tests.doubles.toy_upstox import feed as upstox_feed
from tests.doubles.toy_upstox import response as upstox_response

_KEY = InstrumentKey(Exchange.NSE, "INFY")


def run(*, quick: bool) -> list[Row]:
    """Measure every decoder that has an official one to be compared with."""
    seconds = 0.02 if quick else 1.0
    return [*_kite(seconds), _upstox(seconds), _fyers(seconds), _angel(seconds), *_dhan(seconds)]


def _kite(seconds: float) -> list[Row]:
    bodies = [packet(408065, "full", ToyQuote(ltp=100.0 + step * 0.05)) for step in range(100)]
    frames = [framed(body) for body in bodies]
    ticks = [kite.decode(body, _KEY, 0.0) for body in bodies]
    from kiteconnect import KiteTicker

    official = KiteTicker("key", "token")

    def measured(what: str, decode: Callable[[bytes], object], **budget: Any) -> Row:
        return row(
            what,
            lambda: each(decode, bodies),
            lambda: each(official._parse_binary, frames),
            len(bodies),
            seconds,
            delivered=len({tick.ltp for tick in ticks if tick is not None}),
            **budget,
        )

    return [
        measured("Kite, a full packet of 184 bytes to a tick", lambda body: kite.decode(body, _KEY, 0.0), most_us=1.5),
        measured("Kite, the same, and its book read", lambda body: read(kite.decode(body, _KEY, 0.0)), times=None),
    ]


def _upstox(seconds: float) -> Row:
    frames = [
        upstox_response({"NSE_EQ|INE009A01021": upstox_feed("full", ToyQuote(ltp=100.0 + step * 0.05))})
        for step in range(100)
    ]
    conversation = UpstoxConversation()
    infy = Instrument(key=_KEY, kind=InstrumentKind.EQUITY, token="NSE_EQ|INE009A01021")
    conversation.want([Want(infy, Mode.DEPTH)])
    ticks = [conversation.receive(frame, FrameKind.BINARY, 0.0)[0] for frame in frames]
    from google.protobuf.json_format import MessageToDict
    from upstox_client.feeder.proto.MarketDataFeedV3_pb2 import FeedResponse

    return row(
        "Upstox, a full frame of one instrument to a tick with its book",
        lambda: each(lambda frame: conversation.receive(frame, FrameKind.BINARY, 0.0), frames),
        lambda: each(lambda frame: MessageToDict(FeedResponse.FromString(frame)), frames),
        len(frames),
        seconds,
        delivered=len({tick.ltp for tick in ticks if isinstance(tick, Tick)}),
        times=2,  # both parse protobuf in the same C
    )


def _angel(seconds: float) -> Row:
    infy = Instrument(key=_KEY, kind=InstrumentKind.EQUITY, token="1594")
    bodies = [angel_packet(infy, angel.SNAP_QUOTE, ToyQuote(ltp=100.0 + step * 0.05)) for step in range(100)]
    listing = angel.listing_of(infy)
    ticks = [angel.decode(body, listing, 0.0) for body in bodies]
    official = _angel_client()

    def ours(body: bytes) -> object:
        angel.place_in(body)
        return angel.decode(body, listing, 0.0)

    return row(
        "SmartStream, a snap quote of 379 bytes to a tick with its book",
        lambda: each(ours, bodies),
        lambda: each(official._parse_binary_data, bodies),
        len(bodies),
        seconds,
        delivered=len({tick.ltp for tick in ticks}),
    )


def _angel_client() -> Any:
    """The client's one module alone: its package looks for the network when imported, its constructor makes folders."""
    package = importlib.util.find_spec("SmartApi")
    assert package is not None
    assert package.submodule_search_locations
    path = Path(package.submodule_search_locations[0]) / "smartWebSocketV2.py"
    spec = importlib.util.spec_from_file_location("smart_web_socket", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return object.__new__(module.SmartWebSocketV2)


def _fyers(seconds: float) -> Row:
    login = BrokerSession(broker="fyers", user="", tokens={"hsm_key": Secret("key")}, obtained_ms=0.0)
    conversation = HsmConversation()
    infy = Instrument(key=_KEY, kind=InstrumentKind.EQUITY, token="nse_cm|1594")
    conversation.want([Want(infy, Mode.QUOTE)])
    conversation.opened(login)
    whole = hsm_values("sf", ToyQuote(ltp=100.0))
    conversation.receive(hsm_frame(1, hsm_snapshot(1, "sf|nse_cm|1594", whole)), FrameKind.BINARY, 0.0)
    changes = [[10_000 + step, *[ABSENT] * 20] for step in range(1, 101)]
    frames = [hsm_frame(step, hsm_update(1, values)) for step, values in enumerate(changes)]
    ticks = [conversation.receive(frame, FrameKind.BINARY, 0.0)[0] for frame in frames]
    known = dict(enumerate(whole))
    return Row(
        benchmark="broker_decoding",
        what="Fyers, an update of all fields to a tick",
        measured=best_us(
            lambda: each(lambda frame: conversation.receive(frame, FrameKind.BINARY, 0.0), frames),
            len(frames),
            seconds=seconds,
        ),
        unit="µs",
        baseline=best_us(lambda: each(lambda frame: _plain_update(frame, known), frames), len(frames), seconds=seconds),
        baseline_what="one number at a time",
        facts={"delivered": len({tick.ltp for tick in ticks if isinstance(tick, Tick)}), "expected": len(frames)},
    )


def _plain_update(frame: bytes, known: dict[int, int]) -> dict[int, float]:
    """The official client's way of reading, in miniature: unpack, compare and divide one number at a time."""
    at = 13
    for place in range(struct.unpack("B", frame[12:13])[0]):
        value = struct.unpack(">i", frame[at : at + 4])[0]
        at += 4
        if known[place] != value and value != ABSENT:
            known[place] = value
    return {place: value / (10**2 * 1) for place, value in known.items()}


def _dhan(seconds: float) -> list[Row]:
    infy = Instrument(key=_KEY, kind=InstrumentKind.EQUITY, token="1594")
    bodies = [dhan_packet(infy, dhan.FULL, ToyQuote(ltp=100.0 + step * 0.05)) for step in range(100)]
    sides = [deep_side(infy, depth_wire.BIDS, 20, book(1000.0 + step, 20).buy) for step in range(100)]
    listing = dhan_listing(infy)
    ticks = [dhan.decode(body, 0, listing, 0.0) for body in bodies]
    books = [depth_wire.side(body, 0, len(body), counted=False) for body in sides]
    from dhanhq import FullDepth, MarketFeed

    feed, deep = object.__new__(MarketFeed), object.__new__(FullDepth)  # their constructors make event loops
    deep.depth_level = 20

    def full(body: bytes) -> Tick | None:
        dhan.header(body, 0)
        return dhan.decode(body, 0, listing, 0.0)

    def packets(what: str, decode: Callable[[bytes], object], times: int | None) -> Row:
        return row(
            what,
            lambda: each(decode, bodies),
            lambda: each(feed.process_data, bodies),
            len(bodies),
            seconds,
            delivered=len({tick.ltp for tick in ticks if tick is not None}),
            times=times,
        )

    def side(body: bytes) -> None:
        _, end, _ = depth_wire.header(body, 0)
        depth_wire.side(body, 0, end, counted=False)

    return [
        packets("Dhan, a full packet of 162 bytes to a tick", full, 5),
        packets("Dhan, the same, and its book read", lambda body: read(full(body)), None),
        row(
            "Dhan, one side of a book of 20 levels",
            lambda: each(side, sides),
            lambda: each(deep.process_data, sides),
            len(sides),
            seconds,
            delivered=len({levels[0].price for levels in books}),
            times=1,  # both unpack row by row; only ours sorts, and leaves out what is no offer
        ),
    ]


def each(decode: Callable[[bytes], object], frames: Sequence[bytes]) -> None:
    """Decode one after another and keep nothing, as a feed does."""
    for frame in frames:
        decode(frame)


def read(tick: Tick | None) -> object:
    """Read the book of `tick`, as whoever shows or sends it does."""
    assert tick is not None
    assert tick.depth is not None
    return tick.depth.buy, tick.depth.sell


def row(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    count: int,
    seconds: float,
    *,
    delivered: int,
    most_us: float | None = None,
    times: int | None = 5,
) -> Row:
    """One decoder against the official one. `delivered` of `count` values were read; `times` is the budget."""
    measured = best_us(ours, count, seconds=seconds)
    baseline = best_us(theirs, count, seconds=seconds)
    budget, met = "", None
    if times is not None:
        budget = f"≥ {times} × the official client" + (f", ≤ {most_us} µs" if most_us is not None else "")
        met = measured * times <= baseline and (most_us is None or measured <= most_us)
    return Row(
        benchmark="broker_decoding",
        what=what,
        measured=measured,
        unit="µs",
        baseline=baseline,
        baseline_what="official client",
        budget=budget,
        met=met,
        facts={"delivered": delivered, "expected": count},
    )
