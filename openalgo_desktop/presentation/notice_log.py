"""What the window has said, to be read again: one line per cause, counted, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST = 200


@dataclass(slots=True)
class Noticed:
    """One cause. Times are in ms since 1970 UTC; `sentence` is the latest wording."""

    cause: str
    sentence: str
    first_ms: float
    last_ms: float
    times: int = 1


class NoticeLog:
    """The last `MOST` causes."""

    def __init__(self) -> None:
        self._noticed: dict[str, Noticed] = {}

    def note(self, sentence: str, now_ms: float, *, cause: str = "") -> Noticed:
        """Take a sentence; the same cause (by default the same sentence) again counts up and becomes the newest."""
        cause = cause or sentence
        known = self._noticed.pop(cause, None)
        if known is None:
            known = Noticed(cause, sentence, now_ms, now_ms)
            if len(self._noticed) >= MOST:
                del self._noticed[next(iter(self._noticed))]
        else:
            known.sentence, known.last_ms, known.times = sentence, now_ms, known.times + 1
        self._noticed[cause] = known
        return known

    def __iter__(self) -> Iterator[Noticed]:
        return iter(reversed(tuple(self._noticed.values())))

    def __len__(self) -> int:
        return len(self._noticed)
