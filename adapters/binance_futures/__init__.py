"""Binance USD-M futures, public market data: perpetuals and dated futures margined in dollar coins."""
