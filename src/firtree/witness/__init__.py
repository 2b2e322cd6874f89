"""A small witness of logs, a program of its own (c2sp.org/tlog-witness)."""
