"""The only part of the window that calls services: it turns intent into calls and prices into rows."""
