"""What a conversation needs beside its stream, and only a request tells: the whole of a book whose changes it follows,
the day of an instrument that nobody trades. Asked for until it is there, or not needed any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

from adapters.background import BackgroundTasks
from adapters.reconnect import Backoff
from adapters.venue import Enquire, Enquirer, EnquiryDue, Event, Skipped
from market.errors import FeedRejectedError, OpenAlgoError
from market.instruments import InstrumentKey

_log = logging.getLogger(__name__)

_AT_ONCE = 4
_REFUSED_S = 300.0
"""After a refusal the same is not asked for sooner: it is no fault that passes."""


class Enquiries:
    """The enquiries of one connection: a few at a time, first come, first served.

    Args:
        ask: makes the request, as `Lane.enquire`.
        tasks: those of the feed.
        owner: for the names of tasks.
        backoff: makes the delays between the attempts of one enquiry.
    """

    def __init__(self, ask: Enquire, tasks: BackgroundTasks, owner: str, backoff: Callable[[], Backoff]) -> None:
        self._ask = ask
        self._tasks = tasks
        self._owner = owner
        self._backoff = backoff
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[EnquiryDue, asyncio.Task[None]] = {}

    def see_to(self, due: EnquiryDue, enquirer: Enquirer, say: Callable[[Sequence[Event]], None]) -> None:
        """Ask for `due` until `enquirer` has an answer that it can use; `say` takes what that means."""
        if due not in self._under_way:
            work = self._settle(due, enquirer, say)
            self._under_way[due] = self._tasks.spawn(work, f"{self._owner}-{due.what}-{due.token}")

    def drop(self, keys: Iterable[InstrumentKey]) -> None:
        """Nothing is asked of `keys` any more."""
        gone = set(keys)
        for due in [due for due in self._under_way if due.key in gone]:
            self._under_way.pop(due).cancel()

    def drop_all(self) -> None:
        """Nothing is asked any more: the connection is over."""
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()

    async def _settle(self, due: EnquiryDue, enquirer: Enquirer, say: Callable[[Sequence[Event]], None]) -> None:
        backoff, loop = self._backoff(), asyncio.get_running_loop()
        try:
            while True:
                least_s = 0.0
                async with self._turns:
                    if not enquirer.still_needs(due):
                        return
                    try:
                        events = await self._attempt(due, enquirer)
                    except FeedRejectedError as exc:
                        _log.info("No %s of %s: %s", due.what, due.key, exc)
                        events, least_s = None, _REFUSED_S
                if events is not None:
                    break
                say([Skipped(f"{due.what}_enquiries_failed")])
                await asyncio.sleep(max(least_s, backoff.next_delay(loop.time())))
        finally:
            if self._under_way.get(due) is asyncio.current_task():
                del self._under_way[due]
        say(events)  # when it is no longer under way, for it may be due again

    async def _attempt(self, due: EnquiryDue, enquirer: Enquirer) -> Sequence[Event] | None:
        """What the answer means, or None where there is none that can be used.

        Raises:
            FeedRejectedError: the request was refused.
        """
        try:
            answer = await self._ask(due.token, due.what)
        except FeedRejectedError:
            raise
        except OpenAlgoError as exc:
            _log.info("No %s of %s: %s", due.what, due.key, exc)
            return None
        except Exception:  # noqa: BLE001 - an answer that surprises the reader must not end the asking
            _log.exception("The %s of %s cannot be read", due.what, due.key)
            return None
        return enquirer.answered(due, answer, time.time() * 1000.0)
