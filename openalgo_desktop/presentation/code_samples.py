"""Programs that subscribe to what a row shows, on the local server as it listens now.

They name no key: it is read from the environment, for code is pasted into places where keys must not be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from market.instruments import InstrumentKey

VARIABLE = "OPENALGO_API_KEY"
_MAKE_KEY = "openalgo-desktop keys create my-scripts"


def python(keys: Sequence[InstrumentKey], ws_url: str, http_url: str) -> str:
    """Return a program for the official SDK that prints every change."""
    host = f', host="{http_url}"' if http_url else ""
    return f'''# pip install openalgo
# Make a key with: {_MAKE_KEY}
import os
import time

from openalgo import api

instruments = [
{_listed(keys, "    ")}
]
client = api(api_key=os.environ["{VARIABLE}"]{host}, ws_url="{ws_url}")
client.connect()
client.subscribe_quote(instruments, on_data_received=print)
while True:
    time.sleep(1)
'''


def javascript(keys: Sequence[InstrumentKey], ws_url: str) -> str:
    """Return a program for Node.js 22 or newer that prints every change."""
    return f'''// Make a key with: {_MAKE_KEY}
const socket = new WebSocket("{ws_url}");
const send = (message) => socket.send(JSON.stringify(message));
const symbols = [
{_listed(keys, "  ")}
];
socket.onopen = () => send({{ action: "authenticate", api_key: process.env.{VARIABLE} }});
socket.onmessage = (event) => {{
  const message = JSON.parse(event.data);
  if (message.type === "auth") send({{ action: "subscribe", mode: "Quote", symbols }});
  if (message.type === "market_data") console.log(message.symbol, message.data);
}};
'''


def curl(keys: Sequence[InstrumentKey], http_url: str) -> str:
    """Return commands for a POSIX shell that ask for the present quotes."""
    lines = [f"# Make a key with: {_MAKE_KEY}"]
    for key in keys:
        body = f'"exchange":"{key.exchange}","symbol":"{key.symbol}"'
        lines.append(
            f"curl -s {http_url}/api/v1/quotes -H 'Content-Type: application/json' "
            f"""-d '{{"apikey":"'"${VARIABLE}"'",{body}}}'"""
        )
    return "\n".join(lines) + "\n"


def _listed(keys: Sequence[InstrumentKey], indent: str) -> str:
    # JSON is valid in both languages.
    return "\n".join(f"{indent}{json.dumps({'exchange': str(key.exchange), 'symbol': key.symbol})}," for key in keys)
