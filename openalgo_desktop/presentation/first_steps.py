"""The three first steps: where prices may come from. The starter lists come from the profile's watchlists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One answer to the question where prices come from; `feeds` is what the setting holds."""

    feeds: str
    title: str
    about: str


OPENALGO, BROKERS = "@openalgo", "@brokers"
"""Not feeds: the page of brokers logs in, tries that, and stores which sources are used."""
PAGES = {OPENALGO: "openalgo", BROKERS: ""}
"""Which entry of that page is opened; none in particular for a broker."""

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
        OPENALGO, "An OpenAlgo server", "Live prices of the broker behind it. Needs its address and an API key of it."
    ),
    SourceChoice(BROKERS, "A broker account", "Live prices with your own login at the broker."),
    SourceChoice("zmq", "Programs on this computer", "A script of yours publishes prices to this window over ZeroMQ."),
    SourceChoice("binance simulated", "Binance and the demonstration", "Live crypto beside invented Indian prices."),
)
NO_LIST = ""


def source_of(feeds: str) -> SourceChoice:
    """The choice that the setting `feeds` amounts to; the demonstration if it is none of them."""
    return next((each for each in SOURCES if each.feeds == feeds), SOURCES[0])
