"""Dhan: the market feed (binary), books of 20 and 200 levels on connections of their own, and DhanHQ REST."""
