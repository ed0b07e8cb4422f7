"""How often to say the same thing in the log: at once, then at most once a minute, with how often it happened since.

Pure: time arrives as an argument.
"""

from __future__ import annotations

_INTERVAL_S = 60.0
_CAUSES = 100


class Complaints:
    """Counts by cause. A hundred causes are told apart; what is said least recently is forgotten first."""

    def __init__(self, interval_s: float = _INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._said_s: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def count(self, cause: str, now_s: float) -> int:
        """Note that `cause` happened; returns how often since it was last said, or 0 if it is not to be said now."""
        count = self._untold.pop(cause, 0) + 1
        said_s = self._said_s.get(cause)
        if said_s is not None and now_s - said_s < self._interval_s:
            self._untold[cause] = count
            return 0
        self._said_s.pop(cause, None)
        self._said_s[cause] = now_s
        if len(self._said_s) > _CAUSES:
            oldest = next(iter(self._said_s))
            del self._said_s[oldest]
            self._untold.pop(oldest, None)
        return count


def cause_of(error: BaseException) -> str:
    """What tells one fault from another: its kind, and the line of source that it was raised in."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__} {where}"
