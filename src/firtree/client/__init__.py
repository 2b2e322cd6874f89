"""Asking from afar: a server by its address, a mirror, a table in a file."""
