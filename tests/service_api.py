"""Makes docs/service-api.md from the signatures and docstrings: `python -m tests.service_api`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

from services import (
    api_keys,
    health,
    instruments,
    market_data_service,
    settings,
    settings_table,
    watchlists,
    websocket_client,
    websocket_service,
)

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "service-api.md"
MODULES = (
    websocket_service,
    websocket_client,
    market_data_service,
    watchlists,
    instruments,
    settings,
    settings_table,
    api_keys,
    health,
)
INTRODUCTION = """\
# Service API

What programs inside the process call. The names of the first three modules, their signatures and result shapes are
those of the user's document; everything returns at once unless it says that it blocks.

A function that returns `(success, data, status_code)` returns `{"status": "success", "data": …, "message": …}` or
`{"status": "error", "message": a sentence for the user, "error_code": …}`. Error codes: `CONNECTION_TIMEOUT` 503,
`AUTH_FAILED` 401, `NO_API_KEY` 401, `INVALID_SYMBOLS` 400, `INVALID_MODE` 400, `BROKER_UNAVAILABLE` 503,
`NOT_SUBSCRIBED` 404, `CAPACITY_EXCEEDED` 409, `INTERNAL_ERROR` 500 and, from the services beside the document's,
`INVALID_PARAMETERS` 400, `STORAGE_ERROR` 500, `VAULT_LOCKED` 503.

This page is made from the source by `python -m tests.service_api`; a test compares the two.
"""


def document() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for module in MODULES:
        parts.append(f"## `{module.__name__}`\n\n{inspect.getdoc(module)}\n")
        for name, thing in sorted(vars(module).items(), key=_line):
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if isinstance(thing, FunctionType):
                parts.append(_function(name, thing, "###"))
            elif inspect.isclass(thing) and inspect.getdoc(thing):
                parts.append(_class(name, thing))
    return "\n".join(parts)


def _class(name: str, kind: type[Any]) -> str:
    parts = [f"### class `{name}`\n\n{inspect.getdoc(kind)}\n"]
    for method, thing in vars(kind).items():
        if isinstance(thing, property) and not method.startswith("_"):
            parts.append(f"#### `{method}`\n\n{inspect.getdoc(thing) or ''}\n")
        elif isinstance(thing, FunctionType) and not method.startswith("_"):
            parts.append(_function(method, thing, "####"))
    return "\n".join(parts)


def _function(name: str, function: FunctionType, level: str) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    return f"{level} `{name}`\n\n```python\n{name}{signature}\n```\n\n{inspect.getdoc(function) or ''}\n"


def _line(item: tuple[str, Any]) -> int:
    """Where a thing stands in its source, so that the page has the order of the file."""
    try:
        return inspect.getsourcelines(item[1])[1]
    except (TypeError, OSError):
        return 0


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name}\n")
