"""Upstox: the market data feed v3 (protobuf) and the REST requests around it."""
