"""Fyers: the HSM data socket (binary), books of 50 levels (protobuf), and the REST requests around them."""
