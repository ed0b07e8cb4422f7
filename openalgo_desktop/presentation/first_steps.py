"""The three first steps: where prices may come from. The starter lists come from the profile's watchlists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One answer to the question where prices come from; `feeds` is what the setting holds."""

    feeds: str
    title: str
    about: str


BROKERS = "@brokers"
"""Not a feed: the page of brokers logs in, and says which of them are used."""

SOURCES: tuple[SourceChoice, ...] = (
    SourceChoice(
        "",
        "The demonstration",
        "Invented prices of NSE, BSE, MCX, currencies and crypto that move at any hour. No account, no network.",
    ),
    SourceChoice(
        "binance", "Binance, live", "Real prices of crypto spot markets, free, without an account. Needs the network."
    ),
    SourceChoice(
        BROKERS,
        "A broker, or an OpenAlgo server",
        "Live prices with your own login, or with the address and the API key of an OpenAlgo server.",
    ),
    SourceChoice(
        "zmq",
        "Programs on this computer",
        "An OpenAlgo server or a script of yours publishes prices to this window over ZeroMQ, on the bus port.",
    ),
    SourceChoice("binance simulated", "Binance and the demonstration", "Live crypto beside invented Indian prices."),
)
NO_LIST = ""


def source_of(feeds: str) -> SourceChoice:
    """The choice that the setting `feeds` amounts to; the demonstration if it is none of them."""
    return next((each for each in SOURCES if each.feeds == feeds), SOURCES[0])
