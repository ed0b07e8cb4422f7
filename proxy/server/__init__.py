"""The WebSocket server: sockets, the loop and the clock around the pure parts of `proxy`."""
