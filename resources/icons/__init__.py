"""The pictures of the application."""
