"""Publishers in other processes: OpenAlgo's ZeroMQ bus, on which they connect and we bind."""
