"""The evidence pack: a page, the data, the proofs, and how to check them without us."""
