"""The official client as the oracle: it reads what our toy sends as we do, and asks for what our feed asks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.venue import Want
from adapters.zerodha import wire
from adapters.zerodha.conversation import KiteConversation
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from tests.adapters.zerodha.bench import INSTRUMENTS
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_kite import frame, packet

KEY = InstrumentKey(Exchange.NSE, "INFY")

# Its own process: the client brings a Twisted reactor, and reads times in the zone of the process.
_READER = """
import json, sys
from kiteconnect import KiteTicker
ticker = KiteTicker("key", "token")
print(json.dumps([ticker._parse_binary(bytes.fromhex(line.strip())) for line in sys.stdin], default=str))
"""


def _official(frames: list[bytes], where: Path) -> list[list[dict[str, object]]]:
    pytest.importorskip("kiteconnect")
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _READER],
        input="\n".join(each.hex() for each in frames),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=where,
        env={"TZ": "UTC", "PATH": ""},
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.mark.sdk
def test_the_official_client_reads_every_packet_as_we_do(tmp_path: Path) -> None:
    quote = ToyQuote(ltp=101.25)
    cases = [(each, mode) for each in INSTRUMENTS for mode in ("ltp", "quote", "full")]
    frames = [frame(packet(int(each.token), mode, quote, each.kind)) for each, mode in cases]
    for (instrument, mode), body, (said,) in zip(cases, frames, _official(frames, tmp_path), strict=True):
        tick = wire.decode(wire.packets(body)[0], instrument.key, 0.0)
        assert tick is not None
        assert said["instrument_token"] == int(instrument.token)
        assert tick.ltp == pytest.approx(said["last_price"])
        ohlc = said.get("ohlc", {})
        assert isinstance(ohlc, dict)
        assert [getattr(tick, name) for name in ohlc] == pytest.approx(list(ohlc.values())), (instrument.key, mode)
        for ours, theirs in (("volume", "volume_traded"), ("average_price", "average_traded_price")):
            if theirs in said:
                assert getattr(tick, ours) == pytest.approx(said[theirs])
        if "depth" in said:
            assert tick.depth is not None
            assert said["depth"] == {
                "buy": [level._asdict() for level in tick.depth.buy],
                "sell": [level._asdict() for level in tick.depth.sell],
            }


@pytest.mark.sdk
def test_we_ask_as_the_official_client_does() -> None:
    """What it sends for `subscribe([token])` and `set_mode("full", [token])`, from its own source of messages."""
    kiteconnect = pytest.importorskip("kiteconnect")
    sent: list[bytes] = []

    class Line:
        def sendMessage(self, text: bytes) -> None:
            sent.append(text)

    ticker = kiteconnect.KiteTicker("key", "token")
    ticker.ws = Line()
    ticker.subscribe([408065])
    ticker.set_mode("full", [408065])
    conversation = KiteConversation()
    conversation.opened(None)
    conversation.want([Want(INSTRUMENTS[0], Mode.DEPTH)])
    ours = [conversation.next_message(), conversation.next_message(), conversation.next_message()]
    assert ours[2] is None
    assert [json.loads(text) for text in ours[:2] if text] == [json.loads(text) for text in sent]
