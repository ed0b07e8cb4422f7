"""OKX, public market data (V5): spot, perpetuals, futures and options of BTC and ETH."""
