"""Zerodha: the Kite ticker (binary) and Kite Connect REST."""
