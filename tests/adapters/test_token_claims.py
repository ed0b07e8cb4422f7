"""Claims of tokens: read where they can be, and never trusted to be there."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.token_claims import read_claims
from tests.doubles.toy_fyers import jwt


class Claims(msgspec.Struct):
    """Some."""

    hsm_key: str = ""
    exp: float = 0.0


def test_what_a_token_says() -> None:
    for key in ("k", "kk", "kkk", "kkkk"):
        assert read_claims(jwt(key, exp=7), Claims) == Claims(key, 7.0)


@pytest.mark.parametrize("token", ["", "a.b", "a.!!!.c", "a.e30.c", "a.W10.c", "a.b.c.d", "a.é.c"])
def test_a_token_that_says_nothing_has_no_claims(token: str) -> None:
    assert read_claims(token, Claims) == Claims()


@given(st.text(max_size=60))
def test_any_text_has_claims_or_none(text: str) -> None:
    assert isinstance(read_claims(f"a.{text}.c", Claims), Claims)
