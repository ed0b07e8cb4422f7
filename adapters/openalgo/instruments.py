"""The instrument list of an OpenAlgo server (CSV of `GET /api/v1/instruments`) → instruments. Pure.

The names are the standard already. Columns: symbol, brsymbol, name, exchange, brexchange, token, expiry (DD-MMM-YY),
strike, lotsize, instrumenttype, tick_size, and perhaps others.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping

from adapters.contract_names import underlying_of
from adapters.masters import Master, sound
from adapters.openalgo.wire import SOURCE
from market.errors import DecodeError, InvalidRequestError
from market.exchanges import CASH, INDICES
from market.instruments import Instrument
from market.symbols import parse_key, parse_symbol

_NEEDED = frozenset({"symbol", "exchange"})
_TICK, _LOT = 0.05, 1.0


def parse(body: bytes) -> Master:
    """Return what the list says.

    Raises:
        DecodeError: it is no such list.
    """
    try:
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
        if not set(rows.fieldnames or ()) >= _NEEDED:
            raise DecodeError("Not an instrument list of OpenAlgo: the columns are others", body)
        skipped: Counter[str] = Counter()
        found = [each for row in rows if (each := _instrument(row, skipped)) is not None]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DecodeError("Not an instrument list of OpenAlgo", body) from exc
    return Master(sound(found, skipped), skipped)


def _instrument(row: Mapping[str, str | None], skipped: Counter[str]) -> Instrument | None:
    try:
        key = parse_key(row.get("exchange") or "", row.get("symbol") or "")
        parts = parse_symbol(key.exchange, key.symbol)
        tick, lot = _positive(row.get("tick_size"), _TICK), _positive(row.get("lotsize"), _LOT)
    except InvalidRequestError:
        skipped["not a symbol of the standard"] += 1
        return None
    except ValueError:
        skipped["a number cannot be read"] += 1
        return None
    is_contract = key.exchange not in CASH | INDICES
    return Instrument(
        key=key,
        kind=parts.kind,
        name=row.get("name") or parts.base,
        tick_size=tick,
        lot=lot,
        expiry=parts.expiry,
        strike=parts.strike,
        right=parts.right,
        underlying=underlying_of(key.exchange, parts.base) if is_contract else None,
        token=row.get("token") or key.symbol,
        broker_symbol=row.get("brsymbol") or key.symbol,
        source=SOURCE,
    )


def _positive(text: str | None, otherwise: float) -> float:
    number = float(text) if text else 0.0
    return number if number > 0.0 else otherwise
