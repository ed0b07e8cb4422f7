"""The bounds of the events: what the types let through."""

from __future__ import annotations

import math

import msgspec
import pytest

from adapters.binance.events import Amount, Milliseconds, UpdateId


@pytest.mark.parametrize(("text", "value"), [("0.00000000", 0.0), ("115831.96000000", 115831.96), ("1e-8", 1e-8)])
def test_amounts_are_decimal_text(text: str, value: float) -> None:
    assert msgspec.convert(text, Amount, strict=False) == value


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-0.1", "1e301", "", "1,5", "twelve"])
def test_impossible_amounts_are_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Amount, strict=False)


@pytest.mark.parametrize("value", [-1, 10**17, math.nan])
def test_impossible_times_are_refused(value: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, Milliseconds)


def test_update_ids_may_be_large() -> None:
    assert msgspec.convert(2**62, UpdateId) == 2**62
