"""Data that ships with the application: holidays, themes, fonts, starter lists."""
