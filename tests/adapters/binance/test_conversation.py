"""What is said to Binance spot, and what its frames mean; and how a book comes about."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.base_conversation import BOOK, LEVELS
from adapters.binance.conversation import DAY, BinanceConversation
from adapters.binance.events import PartialDepth
from adapters.binance.prices import Day
from adapters.binance_futures.conversation import PUBLIC, BinanceFuturesConversation
from adapters.frames import FrameKind
from adapters.transport import decode_json
from adapters.venue import Acked, ConnectionOver, EnquiryDue, Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.modes import Mode
from market.ticks import Depth, Level, Tick
from tests.adapters.binance.bench import INSTRUMENTS
from tests.adapters.binance.test_prices import DAY_BODY
from tests.adapters.binance_futures.bench import INSTRUMENTS as FUTURES
from tests.doubles.toy_binance_futures import ToyBinanceFutures, ToyBinanceSpot
from tests.doubles.toy_broker import ToyQuote, book

BTC, ETH = INSTRUMENTS[:2]
DAY_OF_BTC = EnquiryDue(BTC.key, "BTCUSDT", DAY)
BOOK_OF_BTC = EnquiryDue(BTC.key, "BTCUSDT", BOOK)
WHOLE = {"btcusdt@aggTrade", "btcusdt@ticker", "btcusdt@bookTicker", "btcusdt@depth@100ms"}
PART = "btcusdt@depth20@100ms"


class Talk:
    """A conversation and the toy that it is held with; what was subscribed to is in `streams`."""

    def __init__(self, conversation: BinanceConversation | BinanceFuturesConversation, toy: ToyBinanceFutures) -> None:
        self.conversation = conversation
        self.toy = toy
        self.streams: set[str] = set()
        conversation.opened(None)

    def say(self) -> list[Event]:
        """Hand out every request and acknowledge it; return what the answers meant."""
        events: list[Event] = []
        while (message := self.conversation.next_message()) is not None:
            read = json.loads(message)
            if read["method"] == "SUBSCRIBE":
                assert not self.streams.intersection(read["params"])
                self.streams.update(read["params"])
            else:
                assert self.streams.issuperset(read["params"])
                self.streams.difference_update(read["params"])
            events += self.hear(json.dumps({"result": None, "id": read["id"]}))
        return events

    def hear(self, text: str | bytes) -> list[Event]:
        frame = text.encode() if isinstance(text, str) else text
        return list(self.conversation.receive(frame, FrameKind.TEXT, 5.0))

    def frame(self, kind: str, quote: ToyQuote, name: str = "btcusdt") -> str:
        return self.toy.frame(name, kind, quote)

    def snapshot(self, name: str = "btcusdt") -> PartialDepth:
        return decode_json(json.dumps(self.toy.book(name).snapshot()).encode(), PartialDepth)


@pytest.fixture
def talk() -> Talk:
    return Talk(BinanceConversation(), ToyBinanceSpot())


def quote(price: float = 100.0, levels: int = 5) -> ToyQuote:
    return ToyQuote(ltp=101.25, depth=book(price, levels))


def books(events: list[Event]) -> list[Depth]:
    return [event.depth for event in events if isinstance(event, Tick) and isinstance(event.depth, Depth)]


def plain(depth: Depth, levels: int = LEVELS) -> list[list[tuple[float, float]]]:
    return [[(each.price, each.quantity) for each in side[:levels]] for side in (depth.buy, depth.sell)]


def test_each_mode_asks_for_its_streams_and_an_acknowledgement_confirms(talk: Talk) -> None:
    for mode, streams in ((Mode.LTP, 2), (Mode.QUOTE, 3)):
        talk.conversation.want([Want(BTC, mode)])
        assert Acked((BTC.key,)) in talk.say()
        assert len(talk.streams) == streams
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    assert talk.say() == [Skipped("requests_acknowledged"), Acked((BTC.key,)), DAY_OF_BTC, BOOK_OF_BTC]
    assert talk.streams == WHOLE | {PART}
    talk.conversation.let_go([BTC.key])
    talk.say()
    assert not talk.streams


def test_an_acknowledgement_of_some_of_its_streams_confirms_nothing(talk: Talk) -> None:
    many = [Want(each, Mode.DEPTH) for each in INSTRUMENTS]
    talk.conversation.want(many)
    requests = talk.conversation._requests
    requests._per_message = 3
    first = json.loads(talk.conversation.next_message() or b"")
    said = talk.hear(json.dumps({"result": None, "id": first["id"]}))
    assert not [event for event in said if isinstance(event, Acked)]


def test_the_book_is_the_best_levels_until_the_snapshot_and_the_full_one_after_it(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.say()
    deep = quote(levels=60)
    assert talk.hear(talk.frame("depth@100ms", deep)) == []  # put aside
    (part,) = books(talk.hear(talk.frame("depth20@100ms", quote(levels=20))))
    assert plain(part) == plain(book(100.0, 20))
    events = talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    assert events is not None
    assert [plain(each) for each in books(list(events))] == [plain(book(100.0, 60))]
    assert Skipped("book_snapshots") in events
    talk.say()
    assert talk.streams == WHOLE
    assert talk.hear(talk.frame("depth20@100ms", quote(90.0))) == [Skipped("books_not_needed")]
    (changed,) = books(talk.hear(talk.frame("depth@100ms", quote(101.0, 60))))
    assert plain(changed) == plain(book(101.0, 60))
    assert len(changed.buy) == LEVELS == 50


def test_a_gap_brings_the_best_levels_back_and_asks_for_a_snapshot_once(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.say()
    talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    talk.say()
    talk.frame("depth@100ms", quote(98.0))  # lost
    assert talk.hear(talk.frame("depth@100ms", quote(99.0))) == [Skipped("book_gaps"), BOOK_OF_BTC]
    talk.say()
    assert talk.streams == WHOLE | {PART}
    assert talk.hear(talk.frame("depth@100ms", quote(97.0))) == []
    events = talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    assert [plain(each) for each in books(list(events or ()))] == [plain(book(97.0))]


def test_a_snapshot_that_is_too_old_is_of_no_use(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.say()
    old = talk.snapshot()
    talk.frame("depth@100ms", quote(98.0))  # before the stream was open
    talk.hear(talk.frame("depth@100ms", quote(99.0)))
    assert talk.conversation.answered(BOOK_OF_BTC, old, 6.0) is None
    assert talk.conversation.still_needs(BOOK_OF_BTC)
    assert talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    assert not talk.conversation.still_needs(BOOK_OF_BTC)


def test_a_book_let_go_of_and_wanted_again_at_once_comes_back(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.say()
    talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    talk.say()
    talk.conversation.let_go([BTC.key])
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    assert not talk.conversation.still_needs(EnquiryDue(ETH.key, "ETHUSDT", BOOK))
    talk.say()  # asks for the best levels alone: the changes never stopped
    assert talk.streams == WHOLE | {PART}
    assert talk.hear(talk.frame("depth@100ms", quote(99.0))) == [BOOK_OF_BTC]
    assert talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)


def test_an_answer_for_what_is_not_wanted_any_more_means_nothing(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.conversation.let_go([BTC.key])
    assert talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0) == []
    assert talk.conversation.answered(DAY_OF_BTC, decode_json(DAY_BODY, Day), 6.0) == []
    assert not talk.conversation.still_needs(BOOK_OF_BTC)
    assert not talk.conversation.still_needs(DAY_OF_BTC)
    for kind in ("ticker", "aggTrade", "bookTicker", "depth@100ms", "depth20@100ms"):
        assert talk.hear(talk.frame(kind, quote())) == [Skipped("frames_not_wanted")]


def test_the_day_is_asked_for_until_it_was_heard(talk: Talk) -> None:
    assert list(talk.conversation.want([Want(BTC, Mode.LTP)]) or ()) == [DAY_OF_BTC]
    assert DAY_OF_BTC in talk.say()
    (tick,) = talk.conversation.answered(DAY_OF_BTC, decode_json(DAY_BODY, Day), 6.0) or ()
    assert isinstance(tick, Tick)
    assert (tick.key, tick.ltp) == (BTC.key, 102.0)
    assert not talk.conversation.still_needs(DAY_OF_BTC)
    assert list(talk.conversation.want([Want(BTC, Mode.QUOTE)]) or ()) == []
    talk.conversation.opened(None)
    assert talk.conversation.still_needs(DAY_OF_BTC)
    talk.hear(talk.frame("ticker", quote()))
    assert not talk.conversation.still_needs(DAY_OF_BTC)


def test_a_refusal_is_taken_apart_and_hits_the_one_that_is_meant(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.LTP)])
    refusal = '{{"error":{{"code":2,"msg":"no such stream"}},"id":{}}}'
    first = json.loads(talk.conversation.next_message() or b"")
    talk.hear(refusal.format(first["id"]))
    second = json.loads(talk.conversation.next_message() or b"")
    assert talk.hear(refusal.format(second["id"])) == [Refused(BTC.key, "Binance refused it: no such stream")]
    assert talk.hear(refusal.format("null")) == [Skipped("errors_2")]
    assert talk.hear('{"result":null,"id":77}') == [Skipped("answers_to_nothing")]


def test_a_shutdown_is_a_planned_end(talk: Talk) -> None:
    (over,) = talk.hear('{"e":"serverShutdown","E":1770123456789}')
    assert isinstance(over, ConnectionOver)
    assert over.is_planned


class Walk:
    """Holds a conversation about one book through losses, reconnects and changes of mind."""

    def __init__(self, seed: int, talk: Talk, wanted: Want, due: EnquiryDue) -> None:
        self.chance = random.Random(seed)
        self.talk = talk
        self.want, self.due = wanted, due
        self.name = wanted.instrument.token.lower()
        self.is_wanted = self.is_due = False
        self.taken: PartialDepth | None = None
        self.shown: Depth | None = None
        self.steps = {self.reconnect: 2, self.change_mind: 3, self.take: 3, self.answer: 3, self.say: 5, self.move: 10}

    def note(self, events: list[Event]) -> None:
        self.is_due = self.is_due or self.due in events
        for depth in books(events):
            self.shown = depth

    def reconnect(self) -> None:
        self.talk.conversation.opened(None)
        self.talk.streams.clear()
        self.is_due, self.taken = False, None

    def change_mind(self) -> None:
        if self.is_wanted:
            self.talk.conversation.let_go([self.want.key])
            self.is_due, self.taken, self.shown = False, None, None
        else:
            self.talk.conversation.want([self.want])
        self.is_wanted = not self.is_wanted

    def take(self) -> None:
        """The exchange answers an enquiry; the answer is under way."""
        if self.is_due:
            self.taken = self.talk.snapshot(self.name)

    def answer(self) -> None:
        if self.taken is not None:
            events = self.talk.conversation.answered(self.due, self.taken, 6.0)
            self.is_due, self.taken = events is None, None
            self.note(list(events or ()))

    def say(self) -> None:
        self.note(self.talk.say())

    def move(self) -> None:
        """The book changes; one frame in ten is lost."""
        self.hear(quote(float(self.chance.randint(90, 110)), self.chance.randint(0, 70)), lost=0.1)

    def hear(self, quote: ToyQuote, *, lost: float = 0.0) -> None:
        frame = self.talk.frame("depth@100ms", quote, self.name)
        if f"{self.name}@depth@100ms" in self.talk.streams and self.chance.random() >= lost:
            self.note(self.talk.hear(frame))

    def check(self) -> None:
        """After some steps at random the book becomes that of the exchange."""
        for step in self.chance.choices(list(self.steps), list(self.steps.values()), k=self.chance.randint(5, 60)):
            step()
        if not self.is_wanted:
            self.change_mind()
        last = quote(100.0, 60)
        for _ in range(3):
            self.say()
            self.hear(last)
            self.take()
            self.answer()
        self.say()
        assert self.shown is not None
        assert plain(self.shown) == plain(last.depth)
        assert f"{self.name}@depth20@100ms" not in self.talk.streams


@given(st.integers(0, 2**32))
def test_a_book_comes_right_through_losses_and_changes_of_mind(seed: int) -> None:
    Walk(seed, Talk(BinanceConversation(), ToyBinanceSpot()), Want(BTC, Mode.DEPTH), BOOK_OF_BTC).check()


@given(st.integers(0, 2**32))
def test_a_book_of_futures_whose_ids_leap_does_too(seed: int) -> None:
    perpetual = FUTURES[0]
    what = EnquiryDue(perpetual.key, perpetual.token, BOOK)
    conversation = BinanceFuturesConversation(PUBLIC)
    Walk(seed, Talk(conversation, ToyBinanceFutures()), Want(perpetual, Mode.DEPTH), what).check()


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_frame_is_read_or_refused(frame: bytes) -> None:
    talk = Talk(BinanceConversation(), ToyBinanceSpot())
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    try:
        talk.hear(frame)
    except DecodeError as exc:
        assert "Binance" in str(exc)


def test_a_side_that_is_empty_is_empty(talk: Talk) -> None:
    talk.conversation.want([Want(BTC, Mode.DEPTH)])
    talk.say()
    talk.conversation.answered(BOOK_OF_BTC, talk.snapshot(), 6.0)
    sold_out = ToyQuote(ltp=1.0, depth=Depth((Level(99.0, 5, 1),), ()))
    (depth,) = books(talk.hear(talk.frame("depth@100ms", sold_out)))
    assert plain(depth) == [[(99.0, 5)], []]
