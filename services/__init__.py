"""The in-process API: what the window, scripts and the HTTP API call. Imports market only."""
