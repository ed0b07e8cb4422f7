"""What an endpoint of the HTTP API is and what it answers, as plain values that the server in `proxy` writes.

Keys are sorted unless an endpoint says otherwise, as OpenAlgo's own server sends them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from market.errors import FeedError, FeedUnavailableError, OpenAlgoError
from services.rest.fields import Schema, read
from services.result import STATUS, ErrorCode, code_of

JSON, CSV, TEXT = "application/json", "text/csv", "text/plain"

_log = logging.getLogger(__name__)

UNAVAILABLE = "Failed to fetch data: the feed does not answer"
BAD_KEY = "Invalid openalgo apikey"


class Answer(NamedTuple):
    """An HTTP answer. `body` is a JSON value, or the text itself where `media` is not JSON.

    `is_large` says that making bytes of it takes long and belongs in a worker thread.
    """

    status: int
    body: Any
    media: str = JSON
    headers: Mapping[str, str] = {}
    is_sorted: bool = True
    is_large: bool = False


class RequestFailure(Exception):
    """Raised inside an endpoint to answer with `status` and `message`, a sentence or `{field: [texts]}`."""

    def __init__(self, status: int, message: object, **beside: object) -> None:
        super().__init__(str(message))
        self.status = status
        self.body: dict[str, object] = {"status": "error", "message": message, **beside}


Values = dict[str, Any]
Run = Callable[[str, Values], Awaitable[Answer]]


class Endpoint(NamedTuple):
    """One path. `access` is `key` (an API key), `secret` (the profile's secret) or `open`.

    `mode` is what a key must be allowed to see, 0 if it may be any. `run(user_id, values)` answers a request whose
    fields were read by `schema`. `text_format` is the value of the field `format` with which errors are plain text too.
    """

    method: str
    path: str
    schema: Schema
    run: Run
    access: str = "key"
    mode: int = 0
    text_format: str = ""
    bad_key: tuple[int, Mapping[str, object]] = (403, {"message": BAD_KEY})
    wraps_errors: bool = False

    def read(self, given: Mapping[str, object]) -> tuple[Values, Answer | None]:
        """Return the values of the fields, and the refusal if they are not what the schema wants."""
        if not self.schema:
            return dict(given), None
        values, errors = read(self.schema, given)
        if not errors:
            return values, None
        if self.wraps_errors:
            return values, self.failure({"message": "Validation failed", "errors": errors}, 400, given)
        return values, self.failure({"message": errors}, 400, given)

    def denied(self, given: Mapping[str, object], *, reason: str = "", status: int = 0) -> Answer:
        """The answer to a request with a wrong key, or with the `status` and for the `reason` that are given."""
        usual, body = self.bad_key
        return self.failure({**body, "message": reason} if reason else body, status or usual, given)

    async def answer(self, user_id: str, values: Values) -> Answer:
        """Answer a request; `what is raised for the user becomes the answer it stands for."""
        try:
            return await self.run(user_id, values)
        except RequestFailure as failure:
            return self.failure(failure.body, failure.status, values)
        except FeedUnavailableError as error:
            # Its sentence has what the network said, which is for the log.
            _log.info("No answer for %s: %s", self.path, error)
            return self.failure({"message": UNAVAILABLE}, 500, values)
        except FeedError as error:
            return self.failure({"message": str(error)}, 500, values)
        except OpenAlgoError as error:
            return self.failure({"message": str(error)}, STATUS[code_of(error) or ErrorCode.INTERNAL_ERROR], values)

    def failure(self, body: Mapping[str, object], status: int, given: Mapping[str, object]) -> Answer:
        """An error in the format that was asked for."""
        if self.text_format and given.get("format") == self.text_format:
            return Answer(status, f"{_sentence(body.get('message'))}\n", media=TEXT)
        return Answer(status, {"status": "error", **body})


def success(data: object = None, **beside: object) -> Answer:
    """`{"status": "success", "data": …}` with the fields that stand beside `data`."""
    body: dict[str, object] = {"status": "success", **beside}
    if data is not None:
        body["data"] = data
    return Answer(200, body)


def _sentence(message: object) -> str:
    if isinstance(message, Mapping):
        return "; ".join(f"{name}: {_sentence(texts)}" for name, texts in message.items())
    if isinstance(message, list):
        return " ".join(map(str, message))
    return str(message)
