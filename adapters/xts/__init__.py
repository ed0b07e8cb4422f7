"""The brokers that run Symphony's XTS: IIFL, 5paisa, Jainam, CompositEdge, Wisdom, iBulls, RMoney. One row each."""
