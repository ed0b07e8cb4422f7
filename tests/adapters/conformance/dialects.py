"""Every feed that goes through the conformance suite."""

from __future__ import annotations

from tests.adapters.angel.bench import ANGEL
from tests.adapters.binance.bench import BINANCE
from tests.adapters.binance_futures.bench import BINANCE_FUTURES
from tests.adapters.bybit.bench import BYBIT
from tests.adapters.conformance.bench import Dialect
from tests.adapters.delta.bench import DELTA
from tests.adapters.dhan.bench import DHAN
from tests.adapters.fyers.bench import FYERS
from tests.adapters.noren.bench import NOREN
from tests.adapters.okx.bench import OKX
from tests.adapters.openalgo.bench import OPENALGO
from tests.adapters.upstox.bench import UPSTOX
from tests.adapters.xts.bench import XTS
from tests.adapters.zerodha.bench import ZERODHA

DIALECTS: tuple[Dialect, ...] = (
    OPENALGO,
    OKX,
    BYBIT,
    BINANCE,
    BINANCE_FUTURES,
    DELTA,
    ZERODHA,
    UPSTOX,
    ANGEL,
    DHAN,
    FYERS,
    *NOREN,
    *XTS,
)
