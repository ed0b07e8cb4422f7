"""Requests to Fyers whose refusals are told from their answers, whatever HTTP status they have."""

from __future__ import annotations

from collections.abc import Awaitable

from adapters.fyers.refusals import TOKEN_CODES, explained, refusal_in
from adapters.transport import RefusedError, RefusedTokenError
from market.errors import FeedRejectedError, TokenExpiredError


async def answered(request: Awaitable[bytes], otherwise: str) -> bytes:
    """Return the body of the answer to `request`; `otherwise` is the sentence for a refusal that is not known.

    Raises:
        TokenExpiredError: the access token is over.
        FeedRejectedError: Fyers refused.
        FeedUnavailableError: no answer.
    """
    is_token = False
    try:
        body = await request
    except RefusedTokenError as exc:
        body, is_token = exc.body, True
    except RefusedError as exc:
        body, otherwise = exc.body, f"{otherwise} (HTTP {exc.status})"
        if refusal_in(body) is None:
            raise FeedRejectedError(otherwise) from None
    refusal = refusal_in(body)
    code = refusal.code if refusal is not None else 0
    if is_token or code in TOKEN_CODES:
        raise TokenExpiredError("Fyers does not accept this login any more")
    if refusal is not None:
        raise FeedRejectedError(explained(code, otherwise))
    return body
