"""Fields of a request: which there are, what they may hold, and what is said about those that do not.

The sentences are those of the validation library that OpenAlgo uses, because programs show and compare them:
`{"exchange": ["Must be one of: NSE, …"]}`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from market.symbols import MONTHS

Errors = dict[str, Any]

MISSING = "Missing data for required field."
UNKNOWN = "Unknown field."
NULL = "Field may not be null."

_EXPIRY = re.compile(r"(\d{1,2})([A-Z]{3})(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUE, _FALSE = frozenset({True, "true", "True", "1"}), frozenset({False, "false", "False", "0"})


class FieldError(Exception):
    """A value that a field does not take; `texts` is a list of sentences, or errors by element for a list."""

    def __init__(self, texts: object) -> None:
        super().__init__(str(texts))
        self.texts = [texts] if isinstance(texts, str) else texts


Parse = Callable[[object], Any]


class Field(NamedTuple):
    """A field: how its value is read, and what it is where it is not given."""

    parse: Parse
    is_required: bool = True
    default: Any = None


Schema = Mapping[str, Field]


def optional(parse: Parse, default: Any = None) -> Field:
    """A field that may be absent or null."""
    return Field(parse, is_required=False, default=default)


def read(schema: Schema, given: Mapping[str, object]) -> tuple[dict[str, Any], Errors]:
    """Return the values of all fields of `schema`, and what is wrong with `given`, by field."""
    values: dict[str, Any] = {}
    errors: Errors = {}
    for name, field in schema.items():
        value = given.get(name)
        if value is None:
            values[name] = field.default
            if field.is_required:
                errors[name] = [NULL if name in given else MISSING]
            continue
        try:
            values[name] = field.parse(value)
        except FieldError as error:
            errors[name] = error.texts
    errors |= {name: [UNKNOWN] for name in given if name not in schema}
    return values, errors


def text(least: int = 0, most: int | None = None) -> Parse:
    """A text of `least` to `most` characters."""

    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError("Not a valid string.")
        if len(value) < least or (most is not None and len(value) > most):
            bounds = f"Length must be between {least} and {most}."
            raise FieldError(f"Shorter than minimum length {least}." if most is None else bounds)
        return value

    return parse


def choice(options: Sequence[str]) -> Parse:
    """One of `options`, exactly as they are written."""

    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError("Not a valid string.")
        if value not in options:
            raise FieldError(f"Must be one of: {', '.join(options)}.")
        return value

    return parse


def pattern(expression: str, sentence: str) -> Parse:
    """A text that matches `expression` as a whole, upper case."""
    compiled = re.compile(expression)

    def parse(value: object) -> str:
        found = value.strip().upper() if isinstance(value, str) else ""
        if not compiled.fullmatch(found):
            raise FieldError(sentence)
        return found

    return parse


def integer(least: int, most: int) -> Parse:
    """A whole number, or a text of one."""

    def parse(value: object) -> int:
        number = _number(value, "Not a valid integer.")
        if not number.is_integer():
            raise FieldError("Not a valid integer.")
        _check_range(number, least, most)
        return int(number)

    return parse


def number(least: float | None = None, most: float | None = None) -> Parse:
    """A number, or a text of one."""

    def parse(value: object) -> float:
        found = _number(value, "Not a valid number.")
        _check_range(found, least, most)
        return found

    return parse


def boolean(value: object) -> bool:
    """A truth value, as JSON or as a text."""
    if isinstance(value, str | bool | int):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise FieldError("Not a valid boolean.")


def day(value: object) -> date:
    """A date, `YYYY-MM-DD`."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise FieldError("Not a valid date.")


def expiry(value: object) -> date:
    """The day of an expiry as symbols write it, `30DEC25`."""
    found = _EXPIRY.fullmatch(value.strip().upper().replace("-", "")) if isinstance(value, str) else None
    try:
        if found is not None:
            days, month, year = found.groups()
            return date(2000 + int(year), MONTHS.index(month) + 1, int(days))
    except ValueError:
        pass
    raise FieldError("Not a valid expiry date; expected DDMMMYY, such as 30DEC25.")


def elements(schema: Schema, least: int, most: int) -> Parse:
    """A list of objects with the fields of `schema`; errors are told by position."""

    def parse(value: object) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise FieldError("Not a valid list.")
        if not least <= len(value) <= most:
            raise FieldError(f"Length must be between {least} and {most}.")
        values: list[dict[str, Any]] = []
        errors: Errors = {}
        for position, element in enumerate(value):
            if not isinstance(element, dict):
                errors[str(position)] = {"_schema": ["Invalid input type."]}
                continue
            clean, wrong = read(schema, element)
            values.append(clean)
            if wrong:
                errors[str(position)] = wrong
        if errors:
            raise FieldError(errors)
        return values

    return parse


def _number(value: object, sentence: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(sentence)
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise FieldError(sentence) from None
    if found != found or found in (float("inf"), float("-inf")):
        raise FieldError(sentence)
    return found


def _check_range(found: float, least: float | None, most: float | None) -> None:
    if (least is None or found >= least) and (most is None or found <= most):
        return
    bounds = [f"greater than or equal to {least}"] if least is not None else []
    bounds += [f"less than or equal to {most}"] if most is not None else []
    raise FieldError(f"Must be {' and '.join(bounds)}.")
