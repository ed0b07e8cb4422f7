"""Feeds: everything that brings prices in. Each venue in its own folder; they meet the rest in `market` only."""
