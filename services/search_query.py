"""What a typed line asks for: its words, the other ways to read them, and the exchanges it is kept to. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from market.exchanges import Exchange
from market.symbols import MONTHS, format_strike

ALIASES = {
    "BN": "BANKNIFTY",
    "BNF": "BANKNIFTY",
    "CRUDE": "CRUDEOIL",
    "FN": "FINNIFTY",
    "FNF": "FINNIFTY",
    "MNF": "MIDCPNIFTY",
    "NF": "NIFTY",
    "NG": "NATURALGAS",
    "REL": "RELIANCE",
    "RIL": "RELIANCE",
    "SBI": "SBIN",
    "SX": "SENSEX",
    "VIX": "INDIAVIX",
}

# Longer lines are pasted by accident; nobody types them to find an instrument.
_MOST_LETTERS = 120
_MOST_WORDS = 12

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_MARKS = re.compile(r"[^\w]+|_")
_RUN_TOGETHER = re.compile(
    r"(?P<base>[A-Z]+?)??(?P<expiry>[0-9]{1,2}(?:" + "|".join(MONTHS) + r")(?:[0-9]{2})?)??"
    r"(?:(?P<strike>[0-9]+(?:\.[0-9]+)?)(?P<right>CE?|PE?)?|(?P<kind>CE|PE|FUT?))?"
)
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"[0-9]")
_CODES = tuple(exchange.value for exchange in Exchange)

Words = tuple[str, ...]


class Query(NamedTuple):
    """A typed line, understood.

    `readings` are ways to spell the same wish, the one that was typed first. `exchanges` is None where any will do.
    """

    readings: tuple[Words, ...]
    exchanges: frozenset[str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return self.exchanges is None and not self.readings[0]


def parse_query(text: str) -> Query:
    """Return what `text` asks for. Any text is understood somehow; `nfo:` and `exch:nfo` keep to exchanges."""
    words: list[str] = []
    exchanges: frozenset[str] | None = None
    readable = text[:_MOST_LETTERS].encode(errors="replace").decode()
    for part in readable.upper().split():
        wanted, rest = _exchange_filter(part)
        if wanted is not None:
            exchanges = wanted if exchanges is None else exchanges & wanted
        words += [rest] if rest else []
    typed = tuple(words[:_MOST_WORDS])
    spelled = tuple(word for word in map(_spelled, typed) if word)
    return Query((typed,) if spelled in (typed, ()) else (typed, spelled), exchanges)


def taken_apart(words: Words) -> Words:
    """Return `words` with what was run together taken apart: `BNF48000CE` is `BANKNIFTY 48000 CE`."""
    return tuple(_spelled(piece) for word in words for piece in _pieces(word))


def may_cross(words: Words) -> bool:
    """Whether one of `words` may lie across parts of a symbol: these change between letters and digits."""
    return any(_LETTER.search(word) and _DIGIT.search(word) for word in words)


def compact(text: str) -> str:
    """Return `text` in upper case without blanks and punctuation."""
    return _MARKS.sub("", text.upper())


def _exchange_filter(part: str) -> tuple[frozenset[str] | None, str]:
    """The exchanges that `part` keeps to, and what remains of it."""
    head, colon, rest = part.partition(":")
    if not colon:
        return None, part
    if head in ("EXCH", "EXCHANGE"):
        # While the code is being typed, its beginning stands for all that begin so.
        return frozenset((rest,) if rest in _CODES else [code for code in _CODES if code.startswith(rest)]), ""
    if head in _CODES:
        return frozenset((head,)), rest
    return None, part


def _spelled(word: str) -> str:
    """`word` as the index spells it: aliases replaced, `48,000` and `48000.0` as a strike, no punctuation."""
    number = word.replace(",", "")
    if _NUMBER.fullmatch(number):
        # A day is written 05 as well, so zeros in front stay.
        return number if number.startswith("0") else format_strike(float(number))
    bare = compact(word)
    return ALIASES.get(bare, bare)


def _pieces(word: str) -> Words:
    found = _RUN_TOGETHER.fullmatch(word)
    pieces = tuple(piece for piece in found.groups() if piece) if found else ()
    return pieces or (word,)
