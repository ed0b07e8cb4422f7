"""The local server: everything that takes prices out to other programs. Imports market only."""
