"""Statements, pure: every type of statement, its sections, and the one fold."""
