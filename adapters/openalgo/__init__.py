"""Another OpenAlgo server as a source: its WebSocket protocol and its REST API, as a client of them."""
