"""Angel One: SmartStream (WebSocket 2.0, binary) and SmartAPI REST."""
