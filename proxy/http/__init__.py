"""The HTTP server: OpenAlgo's REST data API on a local port. The only user of aiohttp's server."""
