"""What the connections to Binance's spot and futures have in common: streams asked for, books kept in step. Pure.

A book begins as the best 20 levels, which come whole, so that there is one at once and also where requests are not
answered. Beside them its changes are collected; with a snapshot, which is asked for, they make the full book, and the
20 levels are let go of. A gap in the changes goes back to the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.binance.book import Book, Change, Step
from adapters.binance.events import CHANGES, PART, PartialDepth
from adapters.binance.requests import StreamRequests
from adapters.venue import EnquiryDue, Event, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Depth, Tick

LEVELS = 50
BOOK = "book"
"""The `what` of an enquiry for the snapshot of a book, a `PartialDepth`."""

Kinds = Mapping[Mode, Sequence[str]]


class BaseConversation:
    """Most of `adapters.venue.Conversation` and `Enquirer`; a subclass adds `receive`.

    Args:
        title: of the exchange, for sentences.
        source: the source of its ticks.
        kinds: the kinds of stream of each mode; a book is kept where `CHANGES` is among them.
        per_message: streams that one request may name.
    """

    def __init__(self, title: str, source: str, kinds: Kinds, per_message: int) -> None:
        self._source = source
        self._kinds = kinds
        self._requests = StreamRequests(title, per_message)
        self._tokens: dict[InstrumentKey, str] = {}
        self._modes: dict[InstrumentKey, Mode] = {}
        self._books: dict[InstrumentKey, Book] = {}
        self._enquired: set[InstrumentKey] = set()

    def opened(self, session: BrokerSession | None) -> None:
        self._requests.restart()
        self._enquired.clear()
        for key, book in self._books.items():
            book.drop()
            self._ask_for(key)

    def want(self, wants: Iterable[Want]) -> Iterable[Event] | None:
        for instrument, mode in wants:
            key = instrument.key
            self._tokens[key], self._modes[key] = instrument.token, mode
            if CHANGES not in self._kinds[mode]:
                self._forget_book(key)
            elif key not in self._books:
                self._books[key] = Book(levels=LEVELS)
            self._ask_for(key)
        return None

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            self._requests.let_go(key)
            self._forget_book(key)
            self._tokens.pop(key, None)
            self._modes.pop(key, None)

    def next_message(self) -> bytes | None:
        message = self._requests.next_message()
        if message is None:
            return None
        for stream in message.gone:
            self._stream_gone(stream)
        return message.text

    def still_needs(self, due: EnquiryDue) -> bool:
        book = self._books.get(due.key)
        return due.what == BOOK and book is not None and book.wants_snapshot

    def answered(self, due: EnquiryDue, answer: object, received_ms: float) -> Sequence[Event] | None:
        book = self._books.get(due.key)
        if book is None:
            return []
        assert isinstance(answer, PartialDepth)
        if not book.take_snapshot(answer):
            return None
        self._enquired.discard(due.key)
        self._ask_for(due.key)
        tick = self._of_book(due.key, book.depth(), received_ms)
        return [tick, Skipped("book_snapshots"), *self._snapshot_due(due.key)]

    # for subclasses

    def _stream_gone(self, stream: str) -> None:
        """Nothing comes of `stream` any more. Not before: until now it may be wanted again, and never have stopped."""

    def _of_book(self, key: InstrumentKey, depth: Depth, received_ms: float) -> Tick:
        return Tick(key, received_ms, self._source, depth=depth)

    def _changed(self, key: InstrumentKey, change: Change, received_ms: float) -> Sequence[Event]:
        """A book has changed."""
        book = self._books.get(key)
        if book is None:
            return [Skipped("frames_not_wanted")]
        step = book.change(change)
        if step is Step.APPLIED:
            tick = self._of_book(key, book.depth(), received_ms)
            return [tick, *self._snapshot_due(key)] if book.wants_snapshot else [tick]
        if step is Step.GAP:
            self._ask_for(key)
            return [Skipped("book_gaps"), *self._snapshot_due(key)]
        return self._snapshot_due(key)

    def _part(self, key: InstrumentKey, depth: Depth, received_ms: float) -> Sequence[Event]:
        """The best levels came whole: the book, as long as there is no fuller one."""
        book = self._books.get(key)
        if book is None:
            return [Skipped("frames_not_wanted")]
        if book.in_sync:
            return [Skipped("books_not_needed")]
        return [self._of_book(key, depth, received_ms)]

    def _snapshot_due(self, key: InstrumentKey) -> Sequence[Event]:
        """Say once that the book of `key` needs a snapshot, if it does."""
        book = self._books.get(key)
        if book is None or not book.wants_snapshot or key in self._enquired:
            return []
        self._enquired.add(key)
        return [EnquiryDue(key, self._tokens[key], BOOK)]

    def _books_opened(self, opened: Iterable[str]) -> list[Event]:
        """Streams were acknowledged: the books whose changes come now need their snapshots."""
        keys = [self._requests.key_of(stream) for stream in opened if stream.endswith(f"@{CHANGES}")]
        return [event for key in keys if key is not None for event in self._snapshot_due(key)]

    def _ask_for(self, key: InstrumentKey) -> None:
        kinds, book = self._kinds[self._modes[key]], self._books.get(key)
        name = self._tokens[key].lower()  # others stay silent
        parts = (PART,) if book is not None and not book.in_sync else ()
        self._requests.want(key, [f"{name}@{kind}" for kind in (*kinds, *parts)])

    def _forget_book(self, key: InstrumentKey) -> None:
        self._books.pop(key, None)
        self._enquired.discard(key)
