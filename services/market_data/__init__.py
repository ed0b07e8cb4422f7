"""The parts of `services.market_data_service`: prices in doubt, wire shapes, readings, the cache and its listeners."""
