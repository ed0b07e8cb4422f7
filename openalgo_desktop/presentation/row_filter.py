"""The filter line: words to find in names, and comparisons such as `chg>2 vol>1e6 exch:NFO`, all of which must hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from openalgo_desktop.presentation.column_catalogue import BY_ID, CATALOGUE
from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of

Matches = Callable[[QuoteRow], bool]
_ALIASES = {
    "chg": "change_percent",
    "chg%": "change_percent",
    "price": "ltp",
    "vol": "volume",
    "avg": "average",
    "vwap": "average",
    "prev": "close",
    "ltq": "last_quantity",
    "bidqty": "bid_size",
    "askqty": "ask_size",
    "lc": "lower_circuit",
    "uc": "upper_circuit",
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
_UNITS = {"": 1.0, "%": 1.0, "k": 1e3, "l": 1e5, "m": 1e6, "cr": 1e7, "b": 1e9}
_SPACES = re.compile(r"\s*(>=|<=|!=|[><=:])\s*")
_COMPARISON = re.compile(r"(?P<field>[^><=!:]*)(?P<sign>>=|<=|!=|[><=])(?P<number>.*)")
_NUMBER = re.compile(r"(?P<digits>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)(?P<unit>%|k|l|m|cr|b)?")
_KNOWN = "chg, change, ltp, bid, ask, vol, oi, open, high, low, range, lot"


class FilterError(ValueError):
    """A word cannot be understood; the text says what was expected. `others` is the rest of the line."""

    others: Matches | None = None


def read_filter(text: str) -> Matches | None:
    """Return what decides whether a row is shown, or None where `text` asks for nothing.

    Raises:
        FilterError: a comparison names no column or no number.
    """
    # The number may follow after a space, as people type it.
    tests: list[Matches] = []
    trouble: FilterError | None = None
    for word in _SPACES.sub(r"\1", text.replace("−", "-")).split():
        try:
            tests.append(_read(word))
        except FilterError as error:
            trouble = trouble or error
    matches = _all(tests) if tests else None
    if trouble is not None:
        trouble.others = matches
        raise trouble
    return matches


def _all(tests: list[Matches]) -> Matches:
    return lambda row: all(test(row) for test in tests)


def _read(word: str) -> Matches:
    comparison = _COMPARISON.fullmatch(word)
    if comparison is not None:
        return _comparison(comparison["field"], comparison["sign"], comparison["number"])
    field, colon, wanted = word.partition(":")
    if colon and field.casefold() in ("exch", "exchange"):
        prefix = wanted.upper()
        return lambda row: row.key.exchange.startswith(prefix)
    if colon and field.casefold() in _MARKS:
        return _MARKS[field.casefold()](wanted.casefold())
    if colon:
        raise FilterError(f"“{field}:” is not known: write exch:NFO, flag:2, flag:any, flag:none or note:earnings")
    found = word.casefold()
    return lambda row: found in f"{row.title} {row.key.symbol} {row.venue}".casefold()


def _flagged(wanted: str) -> Matches:
    if wanted in ("", "any"):
        return lambda row: row.style.flag > 0
    if wanted in ("none", "0"):
        return lambda row: row.style.flag == 0
    numbers = {int(digit) for digit in wanted if digit.isascii() and digit.isdigit()}
    if len(numbers) != len(wanted.replace(",", "")):
        raise FilterError("flag: wants numbers from 1 to 7, as flag:2 or flag:1,3; or any, or none")
    return lambda row: row.style.flag in numbers


def _noted(wanted: str) -> Matches:
    return lambda row: bool(row.style.note) and wanted in row.style.note.casefold()


_MARKS: dict[str, Callable[[str], Matches]] = {"flag": _flagged, "note": _noted}


def _comparison(field: str, sign: str, number: str) -> Matches:
    column, compare, limit = _column(field), _COMPARE[sign], _number(field, sign, number)

    def holds(row: QuoteRow) -> bool:
        value = value_of(column, row)
        return value is not None and compare(value, limit)

    return holds


def _column(field: str) -> Column:
    name = field.casefold()
    found = BY_ID.get(_ALIASES.get(name, name))
    if found is None:
        found = next((each for each in CATALOGUE if each.title.casefold().replace(" ", "") == name), None)
    if found is None or found.id in (SYMBOL.id, "time", "expiry", "note"):
        raise FilterError(f"“{field}” is no column with a number: try {_KNOWN}")
    return found


def _number(field: str, sign: str, number: str) -> float:
    parts = _NUMBER.fullmatch(number.replace(",", "").casefold())
    if parts is None:
        raise FilterError(f"{field}{sign} wants a number after it, as {field}{sign}2 or {field}{sign}1.5cr")
    return float(parts["digits"]) * _UNITS[parts["unit"] or ""]
