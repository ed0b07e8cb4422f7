"""One-time passwords (RFC 6238): six digits of the present half minute, from a seed that the user has kept."""

from __future__ import annotations

import binascii
import re
from typing import ClassVar

import pyotp

from market.credentials import Secret
from market.errors import InvalidRequestError

_BETWEEN = re.compile(r"[\s-]+")


class _Codes(pyotp.TOTP):
    """Takes short seeds too: which one a broker hands out is not ours to judge, and many have 80 bits."""

    min_secret_length_bits: ClassVar[int] = 8


def code_from(seed: Secret) -> str:
    """Return the code of this moment. Blanks and case of the seed do not matter.

    Raises:
        InvalidRequestError: `seed` is not base32.
    """
    try:
        code: str = _Codes(_BETWEEN.sub("", seed.reveal()).upper()).now()
    except (binascii.Error, ValueError):
        raise InvalidRequestError(
            "The TOTP secret is not one: it is the text beside the QR code, of letters and the digits 2 to 7"
        ) from None
    return code
