"""Prices to and from other hosts over a NATS server: a feed that reads, a publisher that writes, one wire for both."""
