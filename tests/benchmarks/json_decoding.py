"""Text frames of exchanges to ticks, against reading the same JSON and doing nothing with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from adapters.binance.base_conversation import BOOK
from adapters.binance.events import PartialDepth
from adapters.binance_futures.conversation import MARKET, PUBLIC, BinanceFuturesConversation
from adapters.bybit.conversation import BybitConversation
from adapters.delta.conversation import DeltaConversation
from adapters.delta.wire import checksum
from adapters.frames import FrameKind
from adapters.okx.conversation import OkxConversation
from adapters.venue import Conversation, EnquiryDue, Want
from market.instruments import Instrument
from market.modes import Mode
from market.ticks import Tick
from tests.adapters.binance_futures.bench import INSTRUMENTS as BINANCE_FUTURES
from tests.adapters.bybit.bench import INSTRUMENTS as BYBIT
from tests.adapters.delta.bench import INSTRUMENTS as DELTA
from tests.adapters.okx.bench import INSTRUMENTS as OKX
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.doubles import toy_binance_futures, toy_bybit, toy_delta, toy_okx
from tests.doubles.toy_broker import ToyQuote, book

_COUNT = 100
_MOST_US = 2.0
_QUOTES = [ToyQuote(ltp=100.0 + step * 0.05, depth=book(100.0, 20)) for step in range(_COUNT)]
_PRICES = [100.0 - 0.05 * (step + 1) for step in range(50)], [100.0 + 0.05 * (step + 1) for step in range(50)]


def run(*, quick: bool) -> list[Row]:
    """Measure a trade (or the ticker, where there are none) and a change of a book, exchange by exchange."""
    seconds = 0.02 if quick else 1.0
    return [*_binance_futures(seconds), *_bybit(seconds), *_okx(seconds), *_delta(seconds)]


def _binance_futures(seconds: float) -> list[Row]:
    name = BINANCE_FUTURES[0].token.lower()
    trades = [toy_binance_futures.data_frame(name, "aggTrade", quote) for quote in _QUOTES]
    books = [toy_binance_futures.data_frame(name, "depth20@100ms", quote) for quote in _QUOTES]
    first, second = BinanceFuturesConversation(MARKET), BinanceFuturesConversation(PUBLIC)
    return [
        _row("Binance USD-M, a trade", first, BINANCE_FUTURES[0], trades, seconds, most_us=_MOST_US),
        _row("Binance USD-M, a book of 20 levels", second, BINANCE_FUTURES[0], books, seconds),
        _changes(seconds),
    ]


def _changes(seconds: float) -> Row:
    instrument, conversation = BINANCE_FUTURES[0], BinanceFuturesConversation(PUBLIC)
    name, due = instrument.token.lower(), EnquiryDue(instrument.key, instrument.token, BOOK)
    frames = []
    for number in range(_COUNT):
        change = {"pu": number, "U": number + 1, "u": number + 1, "b": [[str(_PRICES[0][number % 40]), "7"]], "a": []}
        frames.append(toy_binance_futures.change_frame(name, change, _QUOTES[number]))
    bids, asks = ([(price, 5.0) for price in side] for side in _PRICES)

    def begin() -> None:
        conversation.opened(None)
        conversation.answered(due, PartialDepth(0, bids, asks), 0.0)

    what = "Binance USD-M, a change of a book of 50 levels"
    return _row(what, conversation, instrument, frames, seconds, begin=begin)


def _bybit(seconds: float) -> list[Row]:
    linear = next(each for each in BYBIT if each.token.startswith("linear|"))
    name = linear.token.partition("|")[2]
    trades = [toy_bybit.data_frame("publicTrade", name, [toy_bybit.trade(quote)]) for quote in _QUOTES]
    books = [toy_bybit.data_frame("orderbook.50", name, _whole() | {"u": 0})]
    for number in range(1, _COUNT):
        change = {"b": [[str(_PRICES[0][number % 40]), str(number)]], "a": [], "u": number}
        books.append(toy_bybit.data_frame("orderbook.50", name, change, kind="delta"))
    return [
        _row("Bybit, a trade", BybitConversation("linear"), linear, trades, seconds, most_us=_MOST_US),
        _row("Bybit, a change of a book of 50 levels", BybitConversation("linear"), linear, books, seconds),
    ]


def _okx(seconds: float) -> list[Row]:
    name = OKX[0].token.partition("|")[0]
    tickers = [toy_okx.data_frame("tickers", name, toy_okx.ticker(quote)) for quote in _QUOTES]
    rows = [[[str(price), "7", "0", "1"] for price in side] for side in _PRICES]
    whole = {"bids": rows[0], "asks": rows[1], "ts": "1", "checksum": 0, "seqId": 0, "prevSeqId": -1}
    books = [toy_okx.data_frame("books", name, whole, action="snapshot")]
    for number in range(1, _COUNT):
        change = {"bids": [[str(_PRICES[0][number % 40]), str(number), "0", "1"]], "asks": []}
        numbers = {"ts": "1", "checksum": 0, "seqId": number, "prevSeqId": number - 1}
        books.append(toy_okx.data_frame("books", name, change | numbers, action="update"))
    return [
        _row("OKX, a ticker", OkxConversation(), OKX[0], tickers, seconds),
        _row("OKX, a change of a book, 20 levels of it shown", OkxConversation(), OKX[0], books, seconds),
    ]


def _delta(seconds: float) -> list[Row]:
    name = DELTA[0].token.partition("|")[0]
    trades = [json.dumps(toy_delta.trade(name, quote)) for quote in _QUOTES]
    bids, asks = ({str(price): "7" for price in side} for side in _PRICES)
    books = []
    for number in range(_COUNT):
        change = list(bids.items()) if not number else [(str(_PRICES[0][number % 40]), str(number))]
        bids.update(change)
        frame = {"type": "ob_updates", "action": "update" if number else "snapshot", "sy": name, "seq": number, "ts": 1}
        sides = {"b": change, "a": [] if number else list(asks.items())}
        books.append(json.dumps(frame | sides | {"cs": checksum(list(asks.items()), list(bids.items()))}))
    return [
        _row("Delta, a trade", DeltaConversation(), DELTA[0], trades, seconds, most_us=_MOST_US),
        _row("Delta, a change of a book of 50 levels, checked", DeltaConversation(), DELTA[0], books, seconds),
    ]


def _whole() -> dict[str, list[list[str]]]:
    bids, asks = ([[str(price), "7"] for price in side] for side in _PRICES)
    return {"b": bids, "a": asks}


def _row(
    what: str,
    conversation: Conversation,
    instrument: Instrument,
    texts: Sequence[str],
    seconds: float,
    *,
    most_us: float | None = None,
    begin: Callable[[], None] = lambda: None,
) -> Row:
    """`texts` are taken up again and again from the first; that or `begin` makes a book anew, where there is one."""
    frames = [text.encode() for text in texts]
    conversation.want([Want(instrument, Mode.DEPTH)])
    begin()
    ticks = [event for frame in frames for event in conversation.receive(frame, FrameKind.TEXT, 0.0)]

    def ours() -> None:
        begin()
        for frame in frames:
            conversation.receive(frame, FrameKind.TEXT, 0.0)

    def plain() -> None:
        for frame in frames:
            json.loads(frame)

    measured = best_us(ours, len(frames), seconds=seconds)
    return Row(
        benchmark="json_decoding",
        what=what,
        measured=measured,
        unit="µs",
        baseline=best_us(plain, len(frames), seconds=seconds),
        baseline_what="json.loads",
        budget="" if most_us is None else f"≤ {most_us} µs",
        met=None if most_us is None else measured <= most_us,
        facts={"delivered": sum(isinstance(each, Tick) for each in ticks), "expected": len(frames)},
    )
