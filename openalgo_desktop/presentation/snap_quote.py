"""Everything that is known of an instrument at one moment, as lines of text that can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from market.freshness import Freshness
from market.instruments import Instrument
from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.book_facts import band
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import traded_at

Lines = tuple[tuple[str, str], ...]


class SnapQuote(NamedTuple):
    """A title, (name, text) lines, and a line that says when and from where."""

    title: str
    lines: Lines
    origin: str

    def as_text(self) -> str:
        """The whole as tab-separated lines."""
        return "\n".join([self.title, *(f"{name}\t{text}" for name, text in self.lines), self.origin])


def snap_quote(
    title: str, tick: Tick | None, style: BookStyle, instrument: Instrument | None, state: Freshness, now_ms: float
) -> SnapQuote:
    """Take the quote at `now_ms` since 1970 UTC."""
    lines = (*_price_lines(tick, style), *_book_lines(tick, style), *_contract_lines(instrument, style))
    return SnapQuote(title, lines, _origin(tick, state, now_ms))


def _price_lines(tick: Tick | None, style: BookStyle) -> Lines:
    known = tick._asdict() if tick is not None else {}
    get = known.get
    numbers = style.row.numbers
    change = formats.signed(tick.change if tick is not None else None, style.row.decimals, style=numbers)
    return (
        ("LTP", style.price(get("ltp"))),
        ("Change", f"{change} ({formats.percent(tick.change_percent if tick is not None else None)})"),
        ("Open", style.price(get("open"))),
        ("High", style.price(get("high"))),
        ("Low", style.price(get("low"))),
        ("24 h ago" if get("rolling_24h") else "Prev close", style.price(get("close"))),
        ("Volume", formats.quantity(get("volume"), style=numbers)),
        ("VWAP", style.price(get("average_price"))),
        ("Last quantity", style.quantity(get("last_quantity"))),
        ("Last trade", formats.clock_ms(traded_at(tick)) if tick is not None else formats.UNKNOWN),
        ("OI", formats.quantity(get("oi"), style=numbers)),
    )


def _book_lines(tick: Tick | None, style: BookStyle) -> Lines:
    known = tick._asdict() if tick is not None else {}
    get, reach = known.get, band(tick, style)
    return (
        ("Bid", f"{style.price(get('bid_price') or None)} × {style.quantity(get('bid_size'))}"),
        ("Ask", f"{style.price(get('ask_price') or None)} × {style.quantity(get('ask_size'))}"),
        ("Total bid", style.quantity(get("total_buy_quantity"))),
        ("Total offered", style.quantity(get("total_sell_quantity"))),
        ("Lower circuit", f"{reach.lower} ({reach.to_lower})" if reach else style.price(get("lower_circuit"))),
        ("Upper circuit", f"{reach.upper} ({reach.to_upper})" if reach else style.price(get("upper_circuit"))),
    )


def _contract_lines(instrument: Instrument | None, style: BookStyle) -> Lines:
    if instrument is None:
        return ()
    lines: list[tuple[str, str]] = [("Name", instrument.name)] if instrument.name else []
    lines.append(("Lot", formats.quantity(instrument.lot)))
    lines.append(("Tick size", formats.price(instrument.tick_size, instrument.decimals, style=style.row.numbers)))
    if instrument.expiry is not None:
        lines.append(("Expiry", formats.day(instrument.expiry)))
    return tuple(lines)


def _origin(tick: Tick | None, state: Freshness, now_ms: float) -> str:
    if tick is None:
        return f"nothing was heard by {formats.clock_ms(now_ms)} IST"
    heard = formats.age(now_ms - tick.received_ms)
    parts = (tick.source, str(state), f"taken {formats.clock_ms(now_ms)} IST", f"last tick {heard} before")
    return " · ".join(dict.fromkeys(parts))  # the simulated feed is in the state of the same name


def columns_of(lines: Lines) -> Sequence[Lines]:
    """The lines in two columns of the same length, the longer one first."""
    half = -(-len(lines) // 2)
    return lines[:half], lines[half:]
