"""Delta Exchange India, public market data: perpetuals, dated futures and options."""
