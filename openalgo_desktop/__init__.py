"""The desktop application: command line, engine and window."""

__version__ = "0.1.0"
