"""Keeps the order books of a feed in sync: fetches the snapshots that they want, patiently, one task per book."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from adapters.background import BackgroundTasks
from adapters.binance.book import Book, Step
from adapters.binance.events import DepthDiff, PartialDepth
from adapters.reconnect import Backoff
from market.errors import OpenAlgoError
from market.ticks import Depth

_log = logging.getLogger(__name__)


class BookKeeper:
    """The books of the symbols whose depth is wanted.

    Args:
        fetch: gets a snapshot of a symbol.
        publish: takes the best levels of a symbol whenever they may have changed.
        counters: counts `book_gaps` and `book_snapshots`.
    """

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[PartialDepth]],
        publish: Callable[[str, Depth], None],
        counters: Counter[str],
        *,
        levels: int,
        retry_s: float = 1.0,
    ) -> None:
        self._fetch = fetch
        self._publish = publish
        self._counters = counters
        self._levels = levels
        self._retry_s = retry_s
        self._books: dict[str, Book] = {}
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._tasks = BackgroundTasks()

    def open(self, symbol: str) -> None:
        """The changes of `symbol` flow, or are about to: begin its book, if it has not begun."""
        if symbol not in self._books:
            self._books[symbol] = Book(symbol, levels=self._levels)
            self._see_to(symbol)

    def change(self, diff: DepthDiff) -> None:
        """Take a change of a book."""
        self.open(diff.symbol)
        book = self._books[diff.symbol]
        step = book.change(diff)
        if step is Step.APPLIED:
            self._publish(diff.symbol, book.depth())
        elif step is Step.GAP:
            self._counters["book_gaps"] += 1
            _log.info("The book of %s had a gap and is taken anew", diff.symbol)
        if book.wants_snapshot:
            self._see_to(diff.symbol)

    def drop(self, symbol: str) -> None:
        """Forget the book of `symbol`: it is not wanted any more, or its connection was lost."""
        self._books.pop(symbol, None)
        task = self._fetching.pop(symbol, None)
        if task is not None:
            task.cancel()

    def book(self, symbol: str) -> Book | None:
        """The book of `symbol`, or None."""
        return self._books.get(symbol)

    async def close(self) -> None:
        """Drop every book and end every fetch."""
        for symbol in list(self._books):
            self.drop(symbol)
        await self._tasks.close()

    def _see_to(self, symbol: str) -> None:
        if symbol not in self._fetching:
            book = self._books[symbol]
            self._fetching[symbol] = self._tasks.spawn(self._bring_in_sync(book), f"book-{symbol}")

    async def _bring_in_sync(self, book: Book) -> None:
        backoff = Backoff(first_s=self._retry_s)
        loop = asyncio.get_running_loop()
        try:
            while book.wants_snapshot:
                if await self._take_snapshot(book):
                    break
                await asyncio.sleep(backoff.next_delay(loop.time()))
        finally:
            if self._fetching.get(book.symbol) is asyncio.current_task():
                del self._fetching[book.symbol]

    async def _take_snapshot(self, book: Book) -> bool:
        try:
            snapshot = await self._fetch(book.symbol)
        except OpenAlgoError as exc:
            self._counters["book_snapshot_failures"] += 1
            _log.info("No snapshot of the book of %s: %s", book.symbol, exc)
            return False
        self._counters["book_snapshots"] += 1
        if not book.take_snapshot(snapshot):
            return False
        self._publish(book.symbol, book.depth())
        return True
