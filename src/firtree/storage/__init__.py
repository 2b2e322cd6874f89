"""Where registers are kept: SQLite, PostgreSQL, and memory for tests."""
