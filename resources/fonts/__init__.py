"""The bundled typeface, Inter, and its licence."""
