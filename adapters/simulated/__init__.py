"""The simulated feed: a deterministic, NSE-like market that needs no account and no network."""
