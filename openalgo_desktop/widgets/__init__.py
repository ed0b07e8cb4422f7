"""Painted widgets: they draw what the presentation package says and emit what the user did."""
