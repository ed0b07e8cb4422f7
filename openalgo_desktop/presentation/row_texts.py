"""What a row says when asked: its tooltip, and the sentence a screen reader speaks."""

from __future__ import annotations

from market.freshness import Freshness
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.presentation.quote_row import value_of
from openalgo_desktop.presentation.section_row import Row, SectionRow

_SPOKEN = ("ltp", "change", "change_percent")
_STATES = {
    Freshness.QUIET: "quiet: the feed is alive, nothing traded",
    Freshness.FROZEN: "frozen: this instrument alone is silent, its neighbours on the same feed move",
    Freshness.STALE: "stale: the feed is not there, this is the last price known",
    Freshness.CLOSED: "market closed",
    Freshness.SNAPSHOT: "snapshot: asked for now and then, there is no stream",
    Freshness.DELAYED: "delayed: by the exchange's times, the newest prices of this feed are over a minute old",
}
_SPOKEN_STATES = frozenset({Freshness.STALE, Freshness.FROZEN, Freshness.SNAPSHOT, Freshness.DELAYED})


def tooltip(row: Row, now_ms: float) -> str:
    """Return the name, when the last tick came and from where, at `now_ms` since 1970 UTC."""
    if isinstance(row, SectionRow):
        return f"{_section(row)}\nclick the mark, or press ← and →, to {'unfold' if row.collapsed else 'fold'}"
    lines = [str(row.key)]
    if row.style.note:
        lines.append(f"note: {row.style.note}")
    if row.expires_today:
        lines.append("the contract expires today")
    if row.expired and row.tick is not None:
        lines.append(f"{row.expired} · Ctrl+R rolls it to the next expiry")
    if row.tick is None:
        lines.append(row.says or "no price yet")
    else:
        tick = row.tick
        ago = formats.age(now_ms - tick.received_ms)
        lines.append(f"last tick {formats.clock_ms(tick.received_ms)}, {ago} ago, source {tick.source}")
        if row.freshness in _STATES:
            lines.append(_STATES[row.freshness])
    return "\n".join(lines)


def spoken(row: Row) -> str:
    """Return one sentence with name, last price, change and state."""
    if isinstance(row, SectionRow):
        return f"section {_section(row)}{', folded' if row.collapsed else ''}"
    parts = [f"{row.title} {row.venue}"]
    for column in COLUMNS:
        if column.id in _SPOKEN:
            parts.append(f"{column.title} {column.text(value_of(column, row), row.style)}")
    today = "expires today" if row.expires_today else ""
    flag = f"flag {row.style.flag}" if row.style.flag else ""
    parts += [text for text in (row.expired, today, flag) if text]
    if row.style.note:
        parts.append(f"note {row.style.note}")
    if row.freshness in _SPOKEN_STATES:
        parts.append(row.freshness.value)
    return ", ".join(parts)


def _section(row: SectionRow) -> str:
    size = "1 instrument" if len(row.members) == 1 else f"{row.size} instruments"
    return f"{row.name}, {size}{f', on average {row.text} today' if row.text else ''}"
