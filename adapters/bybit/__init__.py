"""Bybit, public market data (V5): spot, perpetuals and dated futures."""
