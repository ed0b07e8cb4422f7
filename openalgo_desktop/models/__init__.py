"""Qt faces of plain lists: they map rows and roles, and know nothing of the market."""
