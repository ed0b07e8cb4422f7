"""Numbers as venues write them in JSON, mostly as text: neither NaN nor infinity is one. Pure."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

_MOST = 1e300

Finite = Annotated[float, Meta(ge=-_MOST, le=_MOST)]
"""A field that is decoded with `strict=False`: `"nan"` and `"inf"`, which Python takes for numbers, are refused."""


def finite(text: str) -> float:
    """Return the number that `text` is.

    Raises:
        ValueError: it is none.
    """
    value = float(text)
    if not -_MOST <= value <= _MOST:
        raise ValueError("not a finite number")
    return value
