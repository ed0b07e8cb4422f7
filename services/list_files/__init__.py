"""Watchlists as files: our own JSON and CSV, and the lists of symbols that brokers and chart programs write."""
