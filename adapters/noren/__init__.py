"""The brokers that run the Noren platform: Shoonya, Flattrade, Zebu, Alice Blue. One wire, one row each."""
