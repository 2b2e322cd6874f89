"""The log, pure: leaves, sections, Merkle hashes, tiles, state map, checkpoints."""
