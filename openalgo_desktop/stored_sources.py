"""Which sources of prices are used: the command line's, else the stored ones, else the demonstration."""

from __future__ import annotations

from dataclasses import replace

from adapters.broker_factory import FeedSpec, parse_spec
from market.errors import InvalidRequestError
from openalgo_desktop.options import EngineOptions

SETTING = "feeds"


def parse_sources(text: str) -> tuple[FeedSpec, ...]:
    """Return the feeds that `text` names, separated by spaces.

    Raises:
        InvalidRequestError: one of them does not exist, or is named twice.
    """
    specs = tuple(parse_spec(word) for word in text.split())
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequestError(f"The feed {name} is named twice")
    return specs


def wrong_sources(text: str) -> str:
    """Return what is wrong with the sources that `text` names, or an empty text."""
    try:
        parse_sources(text)
    except InvalidRequestError as error:
        return str(error)
    return ""


def with_stored_sources(options: EngineOptions, text: str) -> tuple[EngineOptions, tuple[str, ...]]:
    """Return `options` with the stored feeds where the command line names none, and what must be said about them."""
    if SETTING not in options.unsaid or not text.strip() or options.safe:
        return options, ()
    try:
        return replace(options, feeds=parse_sources(text)), ()
    except InvalidRequestError as error:
        return options, (f"The stored sources of prices cannot be used: {error}. The demonstration runs instead",)
