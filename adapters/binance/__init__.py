"""Binance spot, public market data only: no account, no key."""
