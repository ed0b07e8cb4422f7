"""Codes from seeds as brokers hand them out."""

from __future__ import annotations

import pyotp
import pytest

from adapters.one_time_codes import code_from
from market.credentials import Secret
from market.errors import InvalidRequestError

LONG = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_code_of_a_seed() -> None:
    assert pyotp.TOTP(LONG).verify(code_from(Secret(LONG)), valid_window=1)


def test_seed_of_80_bits_is_taken_which_the_library_refuses() -> None:
    with pytest.raises(ValueError, match="112 bits"):
        pyotp.TOTP("JBSWY3DPEHPK3PXP")
    code = code_from(Secret("JBSWY3DPEHPK3PXP"))
    assert len(code) == 6
    assert code.isdigit()


def test_blanks_and_case_of_a_seed_do_not_matter() -> None:
    spelled = " ".join(LONG[at : at + 4].lower() for at in range(0, 32, 4))
    assert pyotp.TOTP(LONG).verify(code_from(Secret(spelled)), valid_window=1)


@pytest.mark.parametrize("seed", ["189", "very secret!", ""])
def test_another_text_is_refused_without_being_repeated(seed: str) -> None:
    with pytest.raises(InvalidRequestError, match="QR code") as caught:
        code_from(Secret(seed))
    assert "very" not in str(caught.value)
