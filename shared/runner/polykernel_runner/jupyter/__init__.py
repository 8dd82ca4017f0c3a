"""Queries by a Jupyter kernel. Imported only by languages that have one: it costs time."""
